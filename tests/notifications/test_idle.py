"""What a sweep asks first must see all that it would find: `is_idle` and the queries behind it, side by side."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import Q
from django.utils import timezone

from notifications.models import Card, OutboxMessage, State
from notifications.sending.idle import is_idle
from notifications.sending.outbox import _due

pytestmark = pytest.mark.django_db

NOW = timezone.now()
TIMES = [None, NOW - timedelta(days=400), NOW - timedelta(microseconds=1), NOW, NOW + timedelta(microseconds=1)]


def test_an_empty_outbox_is_idle() -> None:
    assert is_idle(NOW)


@pytest.mark.parametrize("state", State.values)
@pytest.mark.parametrize("claimed_until", TIMES)
@pytest.mark.parametrize("next_at", TIMES[1:])
def test_a_message_that_is_due_is_seen_and_no_other(state: str, claimed_until: object, next_at: object) -> None:
    OutboxMessage.objects.create(
        kind="otp", channel="telegram", chat_id="1", dedupe_key="x", state=state, next_at=next_at,
        claimed_until=claimed_until,
    )  # fmt: skip
    assert is_idle(NOW) is not _due(NOW).exists()


@pytest.mark.parametrize("stale", [True, False])
@pytest.mark.parametrize("redraw", [True, False])
@pytest.mark.parametrize("escalate_at", TIMES)
def test_a_card_that_wants_looking_after_is_seen_and_no_other(stale: bool, redraw: bool, escalate_at: object) -> None:
    Card.objects.create(notification="n", stale=stale, redraw=redraw, escalate_at=escalate_at)
    wanted = Q(stale=True) | Q(redraw=True) | Q(escalate_at__lte=NOW)
    assert is_idle(NOW) is not Card.objects.filter(wanted).exists()
