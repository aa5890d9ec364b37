"""Who works there, and their browsers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import Operator


@pytest.fixture(autouse=True)
def _store(redis_server: str) -> None:
    """Sessions are cached in Redis."""


@pytest.fixture
def deniz(db: None) -> Operator:
    return Operator.objects.create_user("deniz", name="Deniz")


@pytest.fixture
def efe(db: None) -> Operator:
    return Operator.objects.create_user("efe", name="Efe")


@pytest.fixture
def root(db: None) -> Operator:
    return Operator.objects.create_user("root", name="Root", is_superuser=True)


@pytest.fixture
def browser() -> Callable[[Operator], Client]:
    def of(operator: Operator) -> Client:
        client = Client(headers={"Accept-Language": "en"})
        client.force_login(operator)
        return client

    return of
