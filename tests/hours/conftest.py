"""Who may edit opening hours, and who may not."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.models import Operator
from tests.queueing.world import lease, settle


def browser(operator: Operator) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(operator)
    return client


@pytest.fixture
def running(redis_server: str) -> None:
    """An empty, settled Redis, with a lease for the personas' process."""
    lease()
    settle()


@pytest.fixture
def owner(redis_server: str, db: None) -> Client:
    operator = Operator.objects.create_user("owner", name="Owner")
    operator.user_permissions.set(Permission.objects.filter(content_type__app_label="hours"))
    return browser(operator)


@pytest.fixture
def deniz(redis_server: str, db: None) -> Client:
    """An operator like any other."""
    return browser(Operator.objects.create_user("deniz", name="Deniz"))
