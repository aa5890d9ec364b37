"""Personas and the road of a one-time code, as the tests of sign-in use them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from accounts.flows.issue_otp import issue_otp
from accounts.models import Operator
from infra.redis import push
from infra.redis.client import client as redis_client

ORIGIN = "http://testserver"


@pytest.fixture(autouse=True)
def _store(redis_server: str) -> None:
    """Everything here counts and keeps in Redis."""


@pytest.fixture(autouse=True)
def _quick_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accounts.web.pacing.STEP_SECS", 0.01)


@pytest.fixture
def ayse(db: None) -> Operator:
    """Runs the place."""
    return Operator.objects.create_user("ayse", name="Ayşe", chat_id="1001", is_superuser=True)


@pytest.fixture
def mehmet(db: None) -> Operator:
    """Works there."""
    return Operator.objects.create_user("mehmet", name="Mehmet", chat_id="1002")


@pytest.fixture
def pushed(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The events that every process is told."""
    events: list[dict[str, Any]] = []
    monkeypatch.setattr(push, "broadcast", events.append)
    return events


def post(browser: Client, path: str, body: object, **headers: str) -> HttpResponse:
    """A JSON POST of our own page."""
    content = body if isinstance(body, str | bytes) else json.dumps(body)
    given = {"Origin": ORIGIN, **headers}
    return browser.post(path, content, content_type="application/json", headers=given)  # type: ignore[return-value]


def request_code(browser: Client, admin_id: str, **headers: str) -> HttpResponse:
    return post(browser, "/admin/otp/request", {"adminId": admin_id}, **headers)


def verify(browser: Client, admin_id: str, code: str, **headers: str) -> HttpResponse:
    return post(browser, "/admin/otp/verify", {"adminId": admin_id, "code": code}, **headers)


def wrong(code: str) -> str:
    """Another code of the same length."""
    return f"{(int(code) + 1) % 10 ** len(code):0{len(code)}d}"


@pytest.fixture
def sign_in() -> Callable[..., Client]:
    """Signs an operator in from a browser of his own and returns it."""

    def go(operator: Operator, **client_options: Any) -> Client:
        browser = Client(**client_options)
        response = verify(browser, operator.username, issue_otp(operator))
        assert response.status_code == 200, response.content
        return browser

    return go


@pytest.fixture
def queries() -> Iterator[list[str]]:
    """The SQL of the test so far."""
    statements: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        statements.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield statements


def wipe_redis() -> None:
    """What a Redis without persistence does when it restarts."""
    redis_client().flushall()
