"""Who may edit sites, and who may not."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.models import Operator


def _browser(operator: Operator) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(operator)
    return client


@pytest.fixture
def owner(redis_server: str, db: None) -> Client:
    """Whom somebody has given the permissions of sites."""
    operator = Operator.objects.create_user("owner", name="Owner")
    operator.user_permissions.set(Permission.objects.filter(content_type__app_label="sites"))
    return _browser(operator)


@pytest.fixture
def deniz(redis_server: str, db: None) -> Client:
    """An operator like any other."""
    return _browser(Operator.objects.create_user("deniz", name="Deniz"))
