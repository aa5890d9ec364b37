"""Figures of messages, read from the database when scraped: the same from every process."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Min
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily, Metric

from messages_left.models import Message, State

UNDONE = (State.OPEN, State.TAKEN)


def summary() -> dict[str, Any]:
    """For /health: `{open, taken, oldest_open_s}`, the age None where none is open. Raises DatabaseError."""
    found = _undone()
    age = found[State.OPEN][1]
    return {state.value: found[state][0] for state in UNDONE} | {"oldest_open_s": age and round(age)}


def collect() -> Iterator[Metric]:
    """Raises DatabaseError."""
    numbers = GaugeMetricFamily("messages_left", "Messages of customers that are not done, by state", labels=["state"])
    ages = GaugeMetricFamily(
        "messages_left_age_seconds", "How long the oldest of them has been there, by state", labels=["state"]
    )
    for state, (number, age) in _undone().items():
        numbers.add_metric([state], float(number))
        ages.add_metric([state], age or 0.0)
    yield numbers
    yield ages


def _undone() -> dict[State, tuple[int, float | None]]:
    """State → (how many there are, how long the oldest of them has been there in seconds)."""
    rows = Message.objects.filter(state__in=UNDONE).values("state").annotate(n=Count("pk"), oldest=Min("left_at"))
    found = {row["state"]: row for row in rows.order_by()}
    now = timezone.now()
    return {
        state: (row["n"], max(0.0, (now - row["oldest"]).total_seconds())) if (row := found.get(state)) else (0, None)
        for state in UNDONE
    }
