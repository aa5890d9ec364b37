"""The texts, in both languages, with hostile input."""

import pytest

from harness.fakes.telegram import FakeTelegram
from notifications import services
from notifications.content import templates
from notifications.telling.recipients import Recipient
from tests.notifications.conftest import Road

JOINED = {
    "name": "Can <b>Öz</b> & Co",
    "topic": "fatura\n\n<script>",
    "position": 2,
    "waiting": 3,
    "since": 1_700_000_000_000,
    "conversation": "c1",
}


@pytest.fixture(autouse=True)
def _public(settings) -> None:
    settings.PUBLIC_URL, settings.TIME_ZONE = "https://support.example.org", "Europe/Istanbul"


def test_a_customer_who_joined_in_turkish() -> None:
    text = templates.render("customer_joined", "tr", JOINED)

    assert text.html == (
        "🔔 <b>Yeni müşteri bekliyor</b>\n👤 Can &lt;b&gt;Öz&lt;/b&gt; &amp; Co\n💬 fatura &lt;script&gt;\n"
        "🔢 Sıra: 2, bekleyen müşteri: 3\n⏰ Bekleme başlangıcı: 01:13:20"
    )
    assert text.button == templates.Button("Konsolu aç", "https://support.example.org/admin/open/console/")


def test_a_customer_who_joined_in_english() -> None:
    text = templates.render("customer_joined", "en", JOINED | {"waiting": 1, "position": 1})

    assert "A new customer is waiting" in text.html
    assert "Position 1, 1 customer is waiting" in text.html
    assert "Waiting since 01:13:20" in text.html
    assert text.button is not None
    assert text.button.label == "Open the console"


def test_a_name_without_letters_and_a_long_topic() -> None:
    text = templates.render("customer_joined", "en", {"name": "  \n ", "topic": "x" * 5000})

    assert "👤 Guest" in text.html
    assert len(text.html) < 600


def test_the_code_in_both_languages() -> None:
    context = {"secret": "s", "expires_at": "2030-01-01T00:00:00Z", "ttl_s": 300}

    turkish, english = (templates.render("otp", language, context, "042042").html for language in ("tr", "en"))

    assert "<code>042042</code>" in turkish
    assert "5 dakika geçerlidir." in turkish
    assert "Valid for 5 minutes." in english


def test_a_link_that_telegram_would_refuse_as_a_button_stands_in_the_text(settings) -> None:
    settings.PUBLIC_URL = "http://localhost:8000"

    text = templates.render("test", "en", {})

    assert text.button is None
    assert "Open the console: http://localhost:8000/admin/open/console/" in text.html


@pytest.mark.parametrize(
    ("kind", "context"),
    [("unknown", {}), ("customer_joined", {"position": "first"}), ("otp", {"code": "123456"})],
)
def test_a_context_that_does_not_fit_is_refused_without_repeating_it(kind: str, context: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=kind) as refused:
        templates.check_context(kind, context)
    assert "123456" not in str(refused.value)
    assert "first" not in str(refused.value)


def test_only_known_parts_of_a_context_are_kept() -> None:
    kept = templates.check_context("customer_joined", JOINED | {"token": "secret"})

    assert kept == JOINED | {"since": "2023-11-14T22:13:20Z", "line": None, "line_name": ""}


@pytest.mark.django_db
def test_each_recipient_reads_their_own_language(telegram: FakeTelegram, road: Road) -> None:
    both = [Recipient("ayse", "1001", "tr"), Recipient("bob", "1002", "en")]
    services.enqueue("customer_joined", context=JOINED, dedupe_key="join:1", recipients=both)

    road.sweep()

    texts = {message.chat_id: message.text for message in telegram.messages}
    assert "Yeni müşteri bekliyor" in texts["1001"]
    assert "A new customer is waiting" in texts["1002"]
    buttons = {message.chat_id: message.reply_markup["inline_keyboard"][-1][0] for message in telegram.messages}
    assert buttons["1002"] == {"text": "Open the console", "url": "https://support.example.org/admin/open/console/"}
    assert all(call.params["parse_mode"] == "HTML" for call in telegram.calls)
