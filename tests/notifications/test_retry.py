"""What happens to a message when Telegram does not take it at once."""

from datetime import timedelta
from typing import Any

import pytest

from harness.fakes.telegram import FakeTelegram, Fault
from notifications import metrics, policy, services
from notifications.models import OutboxMessage, State
from notifications.telling import escalation
from notifications.telling.recipients import Recipient
from notifications.transports import chats
from tests.notifications.conftest import Road

pytestmark = pytest.mark.django_db

AYSE = Recipient("ayse", "1001", "tr")


def put(recipient: Recipient = AYSE, key: str = "join:1") -> OutboxMessage:
    return services.enqueue("customer_joined", context={"name": "Can"}, dedupe_key=key, recipients=[recipient])[0]


def counter(name: str, **labels: str) -> float:
    for family in metrics.collect():
        for sample in family.samples:
            if sample.name == name and sample.labels == labels:
                return sample.value
    raise AssertionError(f"no sample {name} {labels}")


def test_flood_control_and_two_server_errors_then_success_is_one_message(telegram: FakeTelegram, road: Road) -> None:
    telegram.script(Fault.retry_after(7), Fault.status(500), Fault.status(502))
    message = put()

    waits = road.finish(message)

    assert [call.status for call in telegram.calls] == [429, 500, 502, 200]
    assert len(telegram.messages) == 1
    assert (message.state, message.attempts) == (State.SENT, 4)
    assert message.telegram_message_id == telegram.messages[0].message_id
    assert message.sent_at == road.now
    assert waits[0] == 7, "what Telegram asked for counts when it is longer than our own wait"
    assert 4 <= waits[1] <= 5
    assert 8 <= waits[2] <= 10


def test_five_failures_are_the_end_and_are_counted(
    telegram: FakeTelegram, road: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    exhausted: list[int] = []
    monkeypatch.setattr(escalation, "on_exhausted", lambda message: exhausted.append(message.pk))
    telegram.script(*[Fault.status(500, "Internal Server Error")] * 9)
    message = put()

    road.finish(message)
    road.advance(3600)
    road.sweep()

    assert len(telegram.calls) == policy.MAX_ATTEMPTS
    assert (message.state, message.attempts) == (State.FAILED, 5)
    assert "Internal Server Error" in message.last_error
    assert exhausted == [message.pk]
    assert counter("telegram_jobs_failed_total") == 1
    assert counter("jobs_failed_total", job="telegram") == 1


@pytest.mark.parametrize(
    ("fault", "state", "says"),
    [
        (Fault.blocked(), State.BLOCKED, "bot was blocked by the user"),
        (Fault.chat_not_found(), State.FAILED, "Chat not found"),
        (Fault.status(401, "Unauthorized"), State.FAILED, "Unauthorized"),
        (Fault.status(404, "Not Found"), State.FAILED, "Not Found"),
    ],
)
def test_an_error_that_cannot_pass_is_not_retried(
    telegram: FakeTelegram, road: Road, fault: Fault, state: State, says: str
) -> None:
    telegram.script(fault)
    message = put()

    road.finish(message)
    road.advance(3600)
    road.sweep()

    assert len(telegram.calls) == 1
    assert message.state == state
    assert says in message.last_error
    assert counter("telegram_jobs_failed_total") == 1


@pytest.mark.parametrize(
    "fault", [Fault.reset(), Fault.garbage(), Fault.status(429, "Too Many Requests"), Fault.status(503, "busy")]
)
def test_a_passing_fault_is_retried(telegram: FakeTelegram, road: Road, fault: Fault) -> None:
    telegram.script(fault)
    message = put()

    road.finish(message)

    assert (message.state, message.attempts) == (State.SENT, 2)


def test_no_answer_is_given_up_and_retried(telegram: FakeTelegram, road: Road, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notifications.transports.bot_api.READ_TIMEOUT_SECS", 0.2)
    telegram.script(Fault.hang())
    message = put()

    road.sweep()

    message.refresh_from_db()
    assert (message.state, message.last_error) == (State.RETRYING, "TimedOut: Timed out")
    telegram.release()
    road.finish(message)
    assert message.state == State.SENT


def test_nobody_listening_is_retried(settings, road: Road, redis_server: str) -> None:
    settings.TELEGRAM_BOT_TOKEN, settings.TELEGRAM_API_URL = "1:x", "http://127.0.0.1:9"
    message = put()

    road.sweep()

    message.refresh_from_db()
    assert message.state == State.RETRYING
    assert "ConnectError" in message.last_error


def test_flood_control_holds_back_the_whole_chat_and_no_other(telegram: FakeTelegram, road: Road) -> None:
    flooded, behind = put(key="join:1"), put(key="join:2")
    elsewhere = put(Recipient("bora", "1002", "tr"), key="join:3")
    soon = road.now + timedelta(seconds=5)
    OutboxMessage.objects.filter(pk__in=[behind.pk, elsewhere.pk]).update(next_at=soon)
    telegram.script(Fault.retry_after(30))

    road.sweep()
    for message in (flooded, behind, elsewhere):
        message.refresh_from_db()

    assert flooded.next_at == behind.next_at == road.now + timedelta(seconds=30)
    assert (behind.attempts, elsewhere.next_at) == (0, soon)


def test_a_group_that_became_a_supergroup_is_followed(telegram: FakeTelegram, road: Road) -> None:
    telegram.script(Fault.migrated(-100500))
    message = put(Recipient("", "-500", "tr"))

    road.finish(message)

    assert message.state == State.SENT
    assert telegram.messages[0].chat_id == "-100500"


def test_the_next_message_to_it_goes_to_the_new_id_at_once(telegram: FakeTelegram, road: Road, settings: Any) -> None:
    settings.TELEGRAM_ADMIN_CHAT_ID = "-500:17"
    telegram.script(Fault.migrated(-100500))
    road.finish(put(Recipient("", "-500:17", "tr"), key="join:1"))
    assert [(message.chat_id, message.topic) for message in telegram.messages] == [("-100500", 17)]

    assert chats.current("-500:17") == "-100500:17"
    assert chats.current("-500") == "-100500"
    asked = len(telegram.calls)
    road.finish(put(Recipient("", chats.current("-500:17"), "tr"), key="join:2"))
    assert len(telegram.calls) == asked + 1
    assert telegram.messages[-1].topic == 17


def test_a_chat_that_points_at_itself_is_followed_a_few_steps_and_no_further() -> None:
    chats.moved("-1", "-2")
    chats.moved("-2", "-1")
    assert chats.current("-1") in ("-1", "-2")
    assert chats.current("") == ""


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ("-1001:17", ("-1001", 17)),
        ("-1001", ("-1001", None)),
        ("@shop:5", ("@shop", 5)),
        (" 7 ", ("7", None)),
        ("-1001:", ("-1001", None)),
        ("-1001:x", ("-1001", None)),
        ("-1001:٣", ("-1001", None)),
        ("", ("", None)),
    ],
)
def test_a_topic_stands_behind_the_chat(written: str, place: tuple[str, int | None]) -> None:
    assert chats.place_of(written) == place


def test_backoff_doubles_from_two_seconds_with_jitter_and_ends() -> None:
    shortest = [policy.backoff(n, chance=0.0) for n in range(1, 6)]
    longest = [policy.backoff(n, chance=0.999) for n in range(1, 5)]

    assert [wait and wait.total_seconds() for wait in shortest] == [2, 4, 8, 16, None]
    assert all(a < b <= a * 1.25 for a, b in zip(shortest, longest, strict=False) if a and b)


def test_a_telegram_that_never_ends_its_answer_is_given_up(
    telegram: FakeTelegram, road: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("notifications.transports.bot_api.SEND_TIMEOUT_SECS", 0.2)
    telegram.script(Fault.hang())
    message = put()

    road.sweep()

    message.refresh_from_db()
    assert (message.state, message.last_error) == (State.RETRYING, "no answer within 0.2 s")
