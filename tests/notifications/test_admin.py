"""The notifications page of the admin: read only, send again, test message to oneself."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bot import poll_state
from harness.fakes.telegram import FakeTelegram, Fault
from notifications import services
from notifications.admin import receipts
from notifications.models import OutboxMessage, State
from notifications.telling.recipients import Recipient
from tests.notifications.conftest import Road

pytestmark = pytest.mark.django_db

LIST = "admin:notifications_outboxmessage_changelist"


@pytest.fixture
def ayse(client: Client, redis_server: str, operators, settings) -> Client:
    """Signed in as ayse, who may do everything, and whose chat is 1001."""
    settings.LANGUAGE_CODE = "en"
    operator = get_user_model()(username="ayse", is_staff=True, is_superuser=True)
    operator.save()
    operators.append(("ayse", "1001", "en"))
    client.force_login(operator)
    return client


def put(key: str = "join:1") -> OutboxMessage:
    return services.enqueue(
        "customer_joined", context={"name": "Can"}, dedupe_key=key, recipients=[Recipient("ayse", "1001", "en")]
    )[0]


def resend(client: Client, *messages: OutboxMessage) -> str:
    body = {"action": "resend", "_selected_action": [message.pk for message in messages]}
    return client.post(reverse(LIST), body, follow=True).content.decode()


def test_the_list_shows_state_attempts_and_error_and_filters(ayse: Client, telegram: FakeTelegram, road: Road) -> None:
    telegram.script(Fault.blocked())
    road.finish(put())

    page = ayse.get(reverse(LIST)).content.decode()
    assert "bot was blocked by the user" in page
    assert "Send me a test message" in page
    assert "bot was blocked" in ayse.get(reverse(LIST), {"state__exact": "blocked", "q": "ayse"}).content.decode()
    assert "bot was blocked" not in ayse.get(reverse(LIST), {"state__exact": "sent"}).content.decode()


def test_a_failed_notification_is_sent_again(ayse: Client, telegram: FakeTelegram, road: Road) -> None:
    telegram.script(Fault.chat_not_found())
    message = put()
    road.finish(message)

    page = resend(ayse, message)

    assert "1 notification will be sent again." in page
    road.advance(1)
    road.finish(message)
    assert (message.state, message.attempts) == (State.SENT, 1)


def test_what_is_under_way_and_codes_are_left_alone(ayse: Client, telegram: FakeTelegram, road: Road) -> None:
    telegram.script(Fault.blocked())
    code = services.send_otp("ayse", "1001", "en", "481516")
    road.finish(code)

    page = resend(ayse, put(), code)

    assert "2 not sent again" in page
    code.refresh_from_db()
    assert code.state == State.BLOCKED


def test_a_message_is_shown_without_secrets_and_cannot_be_changed(ayse: Client, telegram: FakeTelegram) -> None:
    code, joined = services.send_otp("ayse", "1001", "en", "481516"), put()

    shown = ayse.get(reverse("admin:notifications_outboxmessage_change", args=[code.pk])).content.decode()
    assert code.context["secret"] not in shown.replace(code.notification, "")
    assert "481516" not in shown
    joined_url = reverse("admin:notifications_outboxmessage_change", args=[joined.pk])
    assert "name: Can" in ayse.get(joined_url).content.decode()
    assert ayse.post(joined_url, {"state": "sent"}).status_code == 403
    assert ayse.get(reverse("admin:notifications_outboxmessage_add")).status_code == 403


def test_one_notification_is_sent_again_from_its_page(ayse: Client, telegram: FakeTelegram, road: Road) -> None:
    telegram.script(Fault.blocked())
    message = put()
    page = reverse("admin:notifications_outboxmessage_change", args=[message.pk])
    url = reverse("admin:notifications_outboxmessage_send_again", args=[message.pk])
    assert url not in ayse.get(page).content.decode(), "it is still under way"
    road.finish(message)

    assert url in ayse.get(page).content.decode()
    assert ayse.get(url).status_code == 405
    assert "1 notification will be sent again." in ayse.post(url, follow=True).content.decode()
    road.advance(1)
    road.finish(message)
    assert message.state == State.SENT


def test_the_list_says_when_and_how_each_recipient_got_it(ayse: Client, telegram: FakeTelegram, road: Road) -> None:
    telegram.script(Fault.status(500), Fault.status(500))
    message = put()
    road.sweep()
    message.refresh_from_db()

    page = ayse.get(reverse(LIST)).content.decode()
    assert "retrying" in page
    assert f"next attempt {receipts.moment(message.next_at)}" in page
    assert "attempt 1 of 5" in page
    road.finish(message)
    page = ayse.get(reverse(LIST)).content.decode()
    assert f"{receipts.moment(message.sent_at)} · attempt 3 of 5" in page


def test_a_blocked_bot_names_who_was_told_instead(
    ayse: Client, telegram: FakeTelegram, settings, road: Road, client: Client
) -> None:
    settings.TELEGRAM_ADMIN_CHAT_ID = "-100"
    telegram.script(Fault.blocked())
    services.enqueue("customer_joined", context={"name": "Can", "conversation": "c1"}, dedupe_key="customer_joined:c1")
    road.finish_all()

    page = ayse.get(reverse(LIST)).content.decode()

    assert "escalated to: group chat" in page
    assert page.count('data-state="sent"') == page.count('data-state="blocked"') == 1


def test_edits_are_left_out_until_asked_for(ayse: Client, telegram: FakeTelegram, road: Road) -> None:
    services.enqueue("customer_joined", context={"name": "Can", "conversation": "c1"}, dedupe_key="customer_joined:c1")
    road.finish_all()
    services.conversation_changed("c1", "claimed", "Ayşe")
    road.finish_all()

    def rows(**query: str) -> int:
        return ayse.get(reverse(LIST), query).content.decode().count("data-state=")

    assert (rows(), rows(edits="with"), rows(kind__exact="card_edit")) == (1, 2, 1)


def test_the_strip_counts_the_last_day_and_leads_to_its_rows(ayse: Client, telegram: FakeTelegram, road: Road) -> None:
    telegram.script(Fault.blocked())
    road.finish(put("join:1"))
    road.finish(put("join:2"))
    old = put("join:3")
    OutboxMessage.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=2))

    page = ayse.get(reverse(LIST))

    tiles = {tile.label: tile for tile in page.context["tiles"]}
    assert {label: tile.count for label, tile in tiles.items()} == {
        "Sent": 1, "Under way": 0, "Sent by the fallback": 0, "Bot blocked": 1, "Failed": 0,
    }  # fmt: skip
    blocked = ayse.get(f"{reverse(LIST)}?{tiles['Bot blocked'].query}").content.decode()
    assert blocked.count("data-state=") == 1
    assert all(ayse.get(f"{reverse(LIST)}?{tile.query}").status_code == 200 for tile in tiles.values())


def test_the_strip_says_whether_presses_of_accept_reach_us(ayse: Client, telegram: FakeTelegram, settings) -> None:
    def note() -> str:
        page = ayse.get(reverse(LIST)).content.decode()
        (said,) = re.findall(r'<span class="ad-receipt-presses[^"]*">([^<]*)</span>', page)
        return str(said)

    assert "does not work" in note()
    poll_state.emptied()
    assert note() == "The Accept button works: `manage.py telegrambot` asks Telegram."
    settings.TELEGRAM_WEBHOOK_SECRET = "x" * 24
    assert "our webhook" in note()
    settings.TELEGRAM_BOT_TOKEN = ""
    assert "There is no bot" in note()


def test_the_page_is_there_without_redis(ayse: Client, telegram: FakeTelegram, redis_process) -> None:
    redis_process.kill()

    assert "Redis does not answer" in ayse.get(reverse(LIST)).content.decode()


def test_a_test_message_goes_to_the_one_who_asks(ayse: Client, telegram: FakeTelegram, road: Road) -> None:
    url = reverse("admin:notifications_outboxmessage_send_test")

    assert ayse.get(url).status_code == 405
    page = ayse.post(url, follow=True).content.decode()
    assert "A test message to ayse is on its way." in page
    assert page.count("data-state=") == 1, "the list shows how it goes"
    assert "still on its way" in ayse.post(url, follow=True).content.decode()
    road.sweep()

    assert [message.chat_id for message in telegram.messages] == ["1001"]
    assert "Test message" in telegram.messages[0].text


def test_without_a_chat_id_the_test_says_so(ayse: Client, operators) -> None:
    operators[:] = [("ayse", None, "en")]

    page = ayse.post(reverse("admin:notifications_outboxmessage_send_test"), follow=True).content.decode()

    assert "No Telegram chat id is stored for ayse." in page
    assert OutboxMessage.objects.get().channel == "log"


def test_every_operator_looks_and_tests_the_own_chat_but_changes_nothing(
    ayse: Client, client: Client, telegram: FakeTelegram, operators, road: Road
) -> None:
    telegram.script(Fault.blocked())
    message = put()
    road.finish(message)
    bora = get_user_model()(username="bora", is_staff=True)
    bora.save()
    operators.append(("bora", "1002", "en"))
    client.force_login(bora)
    test = reverse("admin:notifications_outboxmessage_send_test")

    page = client.get(reverse(LIST)).content.decode()
    assert "bot was blocked" in page
    assert "Send selected notifications again" not in page
    assert client.get(reverse("admin:notifications_card_changelist")).status_code == 200
    assert client.post(test, {"operator": "ayse"}).status_code == 403
    assert client.post(reverse("admin:notifications_outboxmessage_send_again", args=[message.pk])).status_code == 403
    resend(client, message)
    message.refresh_from_db()
    assert message.state == State.BLOCKED
    assert client.post(test).status_code == 302
    road.sweep()
    assert [sent.chat_id for sent in telegram.messages] == ["1002"]


def test_a_stranger_is_asked_to_sign_in(client: Client, redis_server: str) -> None:
    assert client.get(reverse(LIST)).status_code == 302
    assert client.post(reverse("admin:notifications_outboxmessage_send_test")).status_code == 302


def test_the_page_of_an_operator_sends_a_test_to_them(
    ayse: Client, telegram: FakeTelegram, operators, road: Road
) -> None:
    bora = get_user_model()(username="bora & co", name="Bora", is_staff=True, chat_id="1002")
    bora.save()
    operators.append(("bora & co", "1002", "en"))
    url = reverse("admin:notifications_outboxmessage_send_test")

    page = ayse.get(reverse("admin:accounts_operator_change", args=[bora.pk])).content.decode()
    assert url in page
    assert "admin_id__exact=bora%20%26%20co" in page
    assert "A test message to bora &amp; co" in ayse.post(url, {"operator": "bora & co"}, follow=True).content.decode()
    road.sweep()

    assert [message.chat_id for message in telegram.messages] == ["1002"]
