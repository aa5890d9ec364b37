"""The address that Telegram calls: guarded by a secret, strict about its body, deaf to everything but presses."""

import json
from typing import Any

import pytest
from django.test import Client

from harness.fakes.telegram import FakeTelegram
from tests.notifications.presses import SECRET

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _webhook(telegram: FakeTelegram, settings) -> None:
    settings.TELEGRAM_WEBHOOK_SECRET = SECRET


def post(body: Any, secret: str | None = SECRET) -> Any:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {} if secret is None else {"X-Telegram-Bot-Api-Secret-Token": secret}
    return Client(enforce_csrf_checks=True).post(
        "/telegram/webhook/", raw, content_type="application/json", headers=headers
    )


@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET.lower(), SECRET + "x", "ş" * 24])
def test_without_the_secret_nothing_is_read(telegram: FakeTelegram, secret: str | None) -> None:
    answer = post(telegram.updates.make_press("1", 1, "accept:x"), secret)

    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "forbidden"
    assert telegram.calls == []


def test_without_a_webhook_there_is_no_such_address(settings) -> None:
    settings.TELEGRAM_WEBHOOK_SECRET = ""

    assert post({"update_id": 1}, "").status_code == 404


def test_only_post() -> None:
    assert Client().get("/telegram/webhook/").status_code == 405


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"7", b'{"update_id": "x"}', b'{"callback_query": {}}', b"\xff\xfe"]
)
def test_what_is_no_update_is_refused(telegram: FakeTelegram, body: bytes) -> None:
    answer = post(body)

    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "schema"
    assert telegram.calls == []


@pytest.mark.parametrize("size", [70_000, 300_000])
def test_a_body_too_large_is_refused(size: int) -> None:
    answer = post(b'{"update_id": 1, "x": "' + b"x" * size + b'"}')

    assert answer.status_code == 413


@pytest.mark.parametrize(
    "rest",
    [
        {"message": {"message_id": 1, "text": "/start"}},
        {"message": {"from": {"id": "x"}, "chat": {"id": 1, "type": "private"}, "text": "/start"}},
        {"message": {"from": {"id": 1}, "chat": {"id": 1, "type": "private"}, "text": ["/start"]}},
        {"message": {"from": {"id": 10**40}, "chat": 1}},
        {"message": "/start"},
        {"edited_message": {"from": {"id": 1}, "chat": {"id": 1, "type": "private"}, "text": "/start"}},
        {"callback_query": None},
        {"callback_query": {"id": "", "from": {"id": 1}}},
        {"callback_query": {"id": "1", "from": "nobody"}},
    ],
)
def test_other_updates_are_taken_and_ignored(telegram: FakeTelegram, rest: dict[str, Any]) -> None:
    """Anything but 200 would bring them again and again."""
    assert post({"update_id": 5, **rest}).status_code == 200
    assert telegram.calls == []


def test_a_press_under_a_message_too_old_for_telegram_is_answered(telegram: FakeTelegram) -> None:
    update = telegram.updates.make_press("1", 1, "accept:x")
    del update["callback_query"]["message"]

    assert post(update).status_code == 200
    assert len(telegram.updates.answers) == 1
