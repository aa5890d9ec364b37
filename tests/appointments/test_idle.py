"""What a look asks first must see all that it would find: `is_idle` and the queries behind it, side by side."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from django.utils import timezone

from appointments import due
from appointments.idle import is_idle
from appointments.models import Appointment, State

pytestmark = pytest.mark.django_db

NOW = timezone.now()
LEAD = timedelta(minutes=15)
TICK = timedelta(microseconds=1)
TIMES = [
    NOW - timedelta(days=400), NOW - TICK, NOW, NOW + TICK, NOW + LEAD - TICK, NOW + LEAD, NOW + LEAD + TICK,
]  # fmt: skip


@pytest.mark.parametrize("lead", [timedelta(), LEAD])
@pytest.mark.parametrize("state", State.values)
def test_what_time_demands_is_seen_and_nothing_else(state: str, lead: timedelta, settings: Any) -> None:
    settings.APPOINTMENT_REMIND_SECS = lead.total_seconds()
    row = Appointment.objects.create(key="x", starts_at=NOW, minutes=15, language="tr", state=state)
    for starts_at, reminded_at, erased_at in product(TIMES, [None, NOW - LEAD], [None, NOW - LEAD]):
        row.starts_at, row.reminded_at, row.erased_at = starts_at, reminded_at, erased_at
        row.called_at = NOW - 2 * due.UNRECORDED if state == State.CALLED else None
        row.save()
        wanted = any(rows.exists() for rows in (due._soon(NOW, lead), due._called(), due._to_call(NOW)))
        assert is_idle(NOW) is not wanted, (starts_at - NOW, reminded_at, erased_at)


def test_a_look_that_finds_nothing_is_one_statement(booked: Appointment, django_assert_num_queries: Any) -> None:
    day = timedelta(days=1)
    Appointment.objects.update(starts_at=NOW + day)
    Appointment.objects.create(key="x", starts_at=NOW - day, minutes=15, language="tr", state=State.MET)
    with django_assert_num_queries(1):
        due.see_to(NOW)
