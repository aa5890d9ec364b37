"""Claims, leases and idempotence of the outbox."""

import pytest
from django.utils import timezone

from harness.fakes.telegram import FakeTelegram, Fault
from notifications import metrics, policy, services
from notifications.models import Card, OutboxMessage, State
from notifications.sending import delivery, outbox
from notifications.telling.recipients import Recipient
from notifications.transports import ratelimit
from notifications.transports.ratelimit import Slot
from tests.notifications.conftest import Road

pytestmark = pytest.mark.django_db

AYSE, BORA = Recipient("ayse", "1001", "tr"), Recipient("bora", "1002", "en")


def put(key: str = "join:1", *recipients: Recipient) -> list[OutboxMessage]:
    return services.enqueue("customer_joined", context={"name": "Can"}, dedupe_key=key, recipients=recipients or [AYSE])


def test_the_same_notification_is_enqueued_once(telegram: FakeTelegram, road: Road) -> None:
    first, again = put("join:1", AYSE, BORA), put("join:1", AYSE, BORA)

    road.sweep()

    assert [row.pk for row in first] == [row.pk for row in again]
    assert sorted(message.chat_id for message in telegram.messages) == ["1001", "1002"]


def test_a_notification_repeated_later_does_not_reach_new_operators(telegram: FakeTelegram) -> None:
    put("join:1", AYSE)

    assert [row.admin_id for row in put("join:1", AYSE, BORA)] == ["ayse"]


def test_a_claimed_row_is_not_claimed_again_before_its_lease_is_over(road: Road) -> None:
    put()

    assert len(outbox.claim_due(road.now)) == 1
    assert outbox.claim_due(road.now) == []
    road.advance(policy.LEASE_SECS + 1)
    assert len(outbox.claim_due(road.now)) == 1


def test_work_handed_over_with_an_old_claim_does_nothing(telegram: FakeTelegram, road: Road) -> None:
    put()
    ((row_id, old),) = outbox.claim_due(road.now)
    road.advance(policy.LEASE_SECS + 1)
    ((_, new),) = outbox.claim_due(road.now)

    delivery.deliver(row_id, old, now=lambda: road.now)
    assert telegram.calls == []
    delivery.deliver(row_id, new, now=lambda: road.now)
    delivery.deliver(row_id, new, now=lambda: road.now)
    assert len(telegram.calls) == 1


def test_a_delivery_found_too_late_in_its_lease_is_left_to_the_next_claim(telegram: FakeTelegram, road: Road) -> None:
    put()
    ((row_id, claim),) = outbox.claim_due(road.now)
    road.advance(policy.LEASE_SECS - policy.SEND_TIMEOUT_SECS + 1)

    delivery.deliver(row_id, claim, now=lambda: road.now)

    assert telegram.calls == []


def test_a_success_counts_even_when_the_claim_was_lost_meanwhile(telegram: FakeTelegram, road: Road) -> None:
    (message,) = put()
    ((row_id, claim),) = outbox.claim_due(road.now)
    held = outbox.claimed(row_id, claim, road.now)
    assert held is not None
    OutboxMessage.objects.filter(pk=row_id).update(claim="of-another-worker")

    assert outbox.finish(held, State.SENT, road.now, message_id=5)
    message.refresh_from_db()
    assert message.state == State.SENT
    assert not outbox.finish(held, State.FAILED, road.now), "what arrived cannot fail afterwards"


def test_a_message_that_kills_its_worker_ends_after_five_attempts(road: Road, redis_server: str) -> None:
    (message,) = put()
    for _ in range(policy.MAX_ATTEMPTS):
        ((row_id, claim),) = outbox.claim_due(road.now)
        held = outbox.claimed(row_id, claim, road.now)
        assert held is not None
        assert outbox.count_attempt(held)
        road.advance(policy.LEASE_SECS + 1)

    assert outbox.claim_due(road.now) == []
    message.refresh_from_db()
    assert (message.state, message.attempts) == (State.FAILED, 5)


def test_no_more_rows_are_claimed_than_may_be_in_flight(road: Road) -> None:
    for number in range(policy.IN_FLIGHT + 3):
        put(f"join:{number}")

    assert len(outbox.claim_due(road.now)) == policy.IN_FLIGHT
    assert outbox.claim_due(road.now) == []


def test_a_slot_too_far_away_gives_the_row_back_without_an_attempt(
    telegram: FakeTelegram, road: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ratelimit, "reserve", lambda: Slot(False, 4.0))
    (message,) = put()

    road.sweep()

    message.refresh_from_db()
    assert (message.attempts, (message.next_at - road.now).total_seconds()) == (0, 4.0)
    assert telegram.calls == []


def test_redis_gone_gives_the_row_back_without_an_attempt(telegram: FakeTelegram, road: Road, redis_process) -> None:
    (message,) = put()
    redis_process.kill()

    road.sweep()

    message.refresh_from_db()
    assert (message.state, message.attempts) == (State.RETRYING, 0)
    redis_process.start()
    road.finish(message)
    assert (message.state, message.attempts) == (State.SENT, 1)


def test_age_and_states_are_seen_at_scrape(redis_server: str, road: Road) -> None:
    assert metrics.oldest_age_secs(road.now) == 0
    (message,) = put()
    OutboxMessage.objects.filter(pk=message.pk).update(created_at=timezone.now() - timezone.timedelta(seconds=90))

    samples = {(s.name, *s.labels.values()): s.value for family in metrics.collect() for s in family.samples}

    assert 90 <= samples[("notification_outbox_age_seconds",)] < 100
    assert samples[("notification_outbox_messages", "pending")] == 1
    assert samples[("notification_outbox_messages", "sending")] == 0
    assert samples[("telegram_jobs_failed_total",)] == 0
    assert samples[("jobs_failed_total", "notifications.deliver")] == 0
    assert samples[("notifications_total", "blocked")] == 0


def test_metrics_leave_out_what_redis_knows_when_it_is_gone(redis_process) -> None:
    redis_process.kill()

    names = {family.name for family in metrics.collect()}

    assert "telegram_jobs_failed" in names
    assert "jobs_failed" not in names


def test_counts_outlive_a_resend(telegram: FakeTelegram, road: Road) -> None:
    telegram.script(Fault.blocked())
    (message,) = put()
    road.finish(message)

    assert services.resend(message)
    message.refresh_from_db()
    message.next_at = road.now
    message.save()
    road.finish(message)

    assert message.state == State.SENT
    samples = {(s.name, *s.labels.values()): s.value for family in metrics.collect() for s in family.samples}
    assert samples[("notifications_total", "sent")] == 1
    assert samples[("telegram_jobs_failed_total",)] == 1


def test_a_row_that_cannot_be_rendered_ends_without_repeating_its_values(telegram: FakeTelegram, road: Road) -> None:
    (message,) = put()
    Card.objects.update(context={"position": "Can's secret"})

    road.finish(message)

    assert (message.state, message.last_error) == (State.FAILED, "the text could not be made (ValidationError)")
    assert telegram.calls == []
