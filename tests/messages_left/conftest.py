"""Pages that leave messages, operators who work with them, the road of a notification under the hand of a test."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from accounts.models import Operator
from harness.fakes.smtp import FakeMail
from messages_left import limits
from messages_left.models import Message
from notifications.telling import recipients
from notifications.telling.recipients import Contact
from queueing import tokens
from queueing.tokens import Ticket
from tests.notifications.conftest import Road
from tests.notifications.conftest import road as road
from tests.notifications.conftest import telegram as telegram
from tests.notifications.presses import AYSE, BOB, SECRET

CID = "c0nversat10n00"
TOKEN = tokens.sign(Ticket(CID, "1", "Ada", "video", "tr", "", "", False))
"""Of a conversation that is over."""
GOOD = {"text": "Kargom gelmedi.", "name": "Ada", "email": "ada@example.com"}
Leave = Callable[..., Any]


@pytest.fixture(autouse=True)
def _clean(redis_server: str, settings: Any) -> None:
    settings.MESSAGE_CLIENT_LIMIT, settings.MESSAGE_LIMIT = "100/hour", "1000/hour"
    settings.NOTIFY_ESCALATE_SECS = 0
    limits._meanwhile = limits.Buckets()


@pytest.fixture(autouse=True)
def people(db: None, monkeypatch: pytest.MonkeyPatch) -> dict[str, Operator]:
    """Two operators with a Telegram account each."""
    made = {
        "ayse": Operator.objects.create_user("ayse", name="Ayşe Kaya", chat_id=AYSE, language="tr"),
        "bob": Operator.objects.create_user("bob", name="Bob", chat_id=BOB, language="en"),
    }
    known = [Contact(one.username, one.chat_id, one.language, False, one.name) for one in made.values()]
    monkeypatch.setattr(recipients, "_providers", [lambda: known])
    return made


@pytest.fixture
def bot(telegram: Any, settings: Any) -> Any:
    settings.TELEGRAM_WEBHOOK_SECRET = SECRET
    return telegram


@pytest.fixture
def leave() -> Leave:
    """`leave(text=…)`: what the page's request is answered with."""

    def post(*, address: str = "203.0.113.7", token: str = "", body: Any = None, **fields: Any) -> Any:
        given = {"key": secrets.token_hex(16), **GOOD, **fields} if body is None else body
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return Client().post(
            "/messages/?locale=tr", given, content_type="application/json", headers=headers, REMOTE_ADDR=address
        )

    return post


@pytest.fixture
def message(leave: Leave) -> Message:
    assert leave().status_code == 201
    return Message.objects.get()


@pytest.fixture
def mail(settings: Any) -> Iterator[FakeMail]:
    settings.PUBLIC_URL = "https://support.example.org"
    with FakeMail() as server:
        settings.MAIL_URL, settings.MAIL_FROM = server.url, "Destek <destek@example.org>"
        yield server


@pytest.fixture
def browser() -> Callable[[Operator], Client]:
    def of(operator: Operator) -> Client:
        client = Client(headers={"Accept-Language": "en"})
        client.force_login(operator)
        return client

    return of


__all__ = ["Road"]
