"""The notifications page of the admin: read only, send again, test message to oneself."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from notifications import services
from notifications.models import OutboxMessage, State
from notifications.recipients import Recipient
from tests.fakes.telegram import FakeTelegram, Fault
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

    assert "2 left alone" in page
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


def test_a_test_message_goes_to_the_one_who_asks(ayse: Client, telegram: FakeTelegram, road: Road) -> None:
    url = reverse("admin:notifications_outboxmessage_send_test")

    assert ayse.get(url).status_code == 405
    assert "on its way to your Telegram" in ayse.post(url, follow=True).content.decode()
    road.sweep()

    assert [message.chat_id for message in telegram.messages] == ["1001"]
    assert "Test message" in telegram.messages[0].text


def test_without_a_chat_id_the_test_says_so(ayse: Client, operators) -> None:
    operators[:] = [("ayse", None, "en")]

    page = ayse.post(reverse("admin:notifications_outboxmessage_send_test"), follow=True).content.decode()

    assert "No Telegram chat id is stored for you." in page
    assert OutboxMessage.objects.get().channel == "log"


def test_an_operator_without_permission_sees_and_sends_nothing(client: Client, redis_server: str) -> None:
    operator = get_user_model()(username="bora", is_staff=True)
    operator.save()
    client.force_login(operator)

    assert client.get(reverse(LIST)).status_code == 403
    assert client.post(reverse("admin:notifications_outboxmessage_send_test")).status_code == 403
