"""A one-time code reaches the operator and nothing else: no database, no log outside development."""

import json
import logging

import pytest
from django.core import serializers

from harness.fakes.telegram import FakeTelegram, Fault
from notifications import services
from notifications.content import otp_delivery
from notifications.models import OutboxMessage, State
from tests.notifications.conftest import TOKEN, Road

pytestmark = pytest.mark.django_db

CODE = "481516"


def stored() -> str:
    return serializers.serialize("json", OutboxMessage.objects.all())


def secret_of(message: OutboxMessage) -> str:
    return str(message.context["secret"])


def test_the_code_arrives_in_the_operators_language(telegram: FakeTelegram, road: Road) -> None:
    message = services.send_otp("ayse", "1001", "en", CODE)

    road.finish(message)

    assert message.state == State.SENT
    assert f"<code>{CODE}</code>" in telegram.messages[0].text
    assert "Valid for 5 minutes." in telegram.messages[0].text
    assert telegram.messages[0].reply_markup is None
    assert otp_delivery.get(secret_of(message)) is None, "the code is gone from Redis once it is delivered"


def test_retries_still_have_the_code_and_nothing_else_has(
    telegram: FakeTelegram, road: Road, caplog: pytest.LogCaptureFixture, settings
) -> None:
    caplog.set_level(logging.DEBUG)
    settings.DJANGO_ENV = "production"
    telegram.script(Fault.status(500), Fault.retry_after(1), Fault.garbage())
    message = services.send_otp("ayse", "1001", "tr", CODE)

    road.finish(message)

    assert message.state == State.SENT
    assert CODE in telegram.messages[0].text
    assert CODE not in stored()
    logged = caplog.text + json.dumps([{k: str(v) for k, v in vars(record).items()} for record in caplog.records])
    assert CODE not in logged
    assert TOKEN not in logged


def test_a_retry_after_the_codes_time_is_dropped(telegram: FakeTelegram, road: Road) -> None:
    telegram.script(Fault.status(500))
    message = services.send_otp("ayse", "1001", "tr", CODE)
    road.sweep()
    otp_delivery.drop(secret_of(message))  # what Redis does when the TTL is over

    road.finish(message)

    assert (message.state, message.last_error) == (State.FAILED, "expired: the code was no longer valid")
    assert len(telegram.calls) == 1


def test_the_code_lives_no_longer_than_it_is_valid(redis_server: str, settings) -> None:
    from infra.redis.client import client, key

    message = services.send_otp("ayse", "1001", "tr", CODE, ttl_secs=120)

    remaining = client().pttl(key(f"otp-delivery:{secret_of(message)}"))
    assert 110_000 < remaining <= 120_000


def test_a_permanent_failure_forgets_the_code(telegram: FakeTelegram, road: Road) -> None:
    telegram.script(Fault.blocked())
    message = services.send_otp("ayse", "1001", "tr", CODE)

    road.finish(message)

    assert message.state == State.BLOCKED
    assert otp_delivery.get(secret_of(message)) is None
    assert not services.resend(message), "a code is asked for again, not sent again"


def test_a_newer_code_replaces_one_still_on_its_way(
    telegram: FakeTelegram, road: Road, django_capture_on_commit_callbacks
) -> None:
    telegram.script(Fault.status(500))
    first = services.send_otp("ayse", "1001", "tr", "111111")
    other = services.send_otp("bora", "1002", "tr", "333333")
    with django_capture_on_commit_callbacks(execute=True):
        second = services.send_otp("ayse", "1001", "tr", "222222")

    road.finish(second)
    road.finish(other)

    first.refresh_from_db()
    assert (first.state, first.last_error) == (State.FAILED, "replaced by a newer code")
    assert otp_delivery.get(secret_of(first)) is None
    assert not any("111111" in message.text for message in telegram.messages)
    assert {message.chat_id for message in telegram.messages} == {"1001", "1002"}


@pytest.mark.parametrize("chat_id", ["1001", None])
def test_in_development_the_log_shows_the_code(
    settings, redis_server: str, road: Road, caplog: pytest.LogCaptureFixture, chat_id: str | None
) -> None:
    settings.TELEGRAM_BOT_TOKEN, settings.DJANGO_ENV = "", "development"
    message = services.send_otp("ayse", chat_id, "en", CODE)

    road.finish(message)

    assert message.state == State.LOGGED
    assert (
        f"ayse, written here because TELEGRAM_BOT_TOKEN is not set:\n🔐 Your one-time sign-in code\n{CODE}"
        in caplog.text
    )
    assert CODE not in stored()


@pytest.mark.parametrize("with_bot", [True, False])
def test_outside_development_a_code_that_cannot_be_sent_is_not_logged(
    telegram: FakeTelegram, settings, road: Road, caplog: pytest.LogCaptureFixture, with_bot: bool
) -> None:
    settings.DJANGO_ENV = "staging"
    if not with_bot:
        settings.TELEGRAM_BOT_TOKEN = ""
    message = services.send_otp("ayse", None, "tr", CODE)

    road.finish(message)

    assert message.state == State.FAILED
    assert message.last_error.startswith("the code could not be sent: ")
    assert CODE not in caplog.text
    assert otp_delivery.get(secret_of(message)) is None
