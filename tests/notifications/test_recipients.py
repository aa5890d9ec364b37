"""Who is told, and what is said when there is no bot or nobody to tell."""

import pytest

from harness.fakes.telegram import FakeTelegram
from notifications import services
from notifications.models import OutboxMessage, State, Tier
from notifications.telling import recipients
from notifications.telling.recipients import Contact, Recipient
from tests.notifications.conftest import Road

JOINED = {"name": "Can", "topic": "fatura", "position": 1, "waiting": 1}


@pytest.mark.django_db
def test_each_step_has_its_recipients_each_chat_once(settings, operators) -> None:
    settings.TELEGRAM_ADMIN_CHAT_ID, settings.LANGUAGE_CODE = " -100 ", "tr"
    operators += [("ayse", "1001", "en"), ("bora", None, "tr"), ("cem", " 1003 ", ""), ("deniz", "1003", "tr")]
    operators += [("ece", "1005", "tr", True)]

    assert recipients.of_tier(Tier.OPERATOR) == [Recipient("ayse", "1001", "en"), Recipient("cem", "1003", "tr")]
    assert recipients.of_tier(Tier.BACKUP) == [Recipient("ece", "1005", "tr")]
    assert recipients.of_tier(Tier.GROUP) == [Recipient("", "-100", "tr")]


def test_the_fallback_is_known_by_names_without_secrets(settings) -> None:
    settings.FALLBACK_URLS = ["slack://T0KEN/secret/word", "json://127.0.0.1:9/path"]

    names = [recipient.chat_id for recipient in recipients.of_tier(Tier.FALLBACK)]

    assert [name.partition("-")[0] for name in names] == ["slack", "json"]
    assert not any("secret" in name or "T0KEN" in name for name in names)


@pytest.mark.django_db
def test_a_provider_is_registered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipients, "_providers", [])

    def provider() -> list[Contact]:
        return [Contact("ayse", "1001", "tr")]

    recipients.register(provider)
    recipients.register(provider)

    assert len(recipients.of_tier(Tier.OPERATOR)) == 1
    assert recipients.operator("ayse") == Recipient("ayse", "1001", "tr")
    assert recipients.operator("nobody") is None


@pytest.mark.django_db
def test_it_is_asked_once_which_operators_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def nobody() -> list[Contact]:
        asked.append(1)
        return []

    monkeypatch.setattr(recipients, "_providers", [nobody])

    services.enqueue("customer_joined", context=JOINED, dedupe_key="joined:1")

    assert len(asked) == 1


@pytest.mark.django_db
def test_without_a_bot_the_log_says_so(
    settings, redis_server: str, road: Road, operators, caplog: pytest.LogCaptureFixture
) -> None:
    settings.TELEGRAM_BOT_TOKEN, settings.PUBLIC_URL = "", "http://localhost:8000"
    operators.append(("ayse", "1001", "tr"))
    (message,) = services.enqueue("customer_joined", context=JOINED, dedupe_key="join:1")

    road.finish(message)

    assert (message.state, message.last_error) == (State.LOGGED, "TELEGRAM_BOT_TOKEN is not set")
    assert "Telegram message for ayse, written here because TELEGRAM_BOT_TOKEN is not set" in caplog.text
    assert "Yeni müşteri bekliyor" in caplog.text


@pytest.mark.django_db
def test_without_anybody_to_tell_that_stays_visible(
    telegram: FakeTelegram, road: Road, caplog: pytest.LogCaptureFixture
) -> None:
    (message,) = services.enqueue("customer_joined", context=JOINED, dedupe_key="join:1")

    road.finish(message)

    assert (message.state, message.last_error) == (State.LOGGED, "no Telegram chat id is known")
    assert "written here because no Telegram chat id is known" in caplog.text
    assert telegram.calls == []
    assert OutboxMessage.objects.count() == 1
