"""Figures of appointments, read from the database when scraped: the same from every process."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Min
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily, Metric

from appointments.models import OPEN, Appointment, State


def summary() -> dict[str, Any]:
    """For /health: `{booked, called, late_s}`: since the first of those who should have been called by now. Raises
    DatabaseError."""
    numbers, late = _figures()
    return {**{state.value: numbers[state] for state in OPEN}, "late_s": round(late)}


def collect() -> Iterator[Metric]:
    """Raises DatabaseError."""
    numbers, late = _figures()
    family = GaugeMetricFamily("appointments_open", "Times that customers have chosen, by state", labels=["state"])
    for state, number in numbers.items():
        family.add_metric([state], float(number))
    yield family
    yield GaugeMetricFamily(
        "appointments_late_seconds",
        "Since the first of those whose customer should have been called by now",
        value=late,
    )


def _figures() -> tuple[dict[State, int], float]:
    rows = Appointment.objects.filter(state__in=OPEN).values("state").annotate(n=Count("pk"), first=Min("starts_at"))
    found = {row["state"]: row for row in rows.order_by()}
    numbers = {state: found[state]["n"] if state in found else 0 for state in OPEN}
    booked = found.get(State.BOOKED)
    late = (timezone.now() - booked["first"]).total_seconds() if booked else 0.0
    return numbers, max(0.0, late)
