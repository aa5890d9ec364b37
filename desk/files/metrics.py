"""Figures of files: what a process has taken and refused, and, from the database, what waits for the virus scanner."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, Min
from django.utils import timezone
from prometheus_client import Counter
from prometheus_client.core import GaugeMetricFamily, Metric

from desk.files.models import File, State
from queueing.file_kinds import ENDINGS

shared = Counter("files_shared_total", "Files shared, by media type", ["mime"])
refused = Counter("files_refused_total", "Files that were not taken, by code of the error", ["code"])
CODES = (
    *("file_type_refused", "file_unsafe", "file_infected", "picture_unreadable", "picture_too_large"),
    *("files_full", "storage_full", "storage_unavailable"),
)
for _mime in ENDINGS:
    shared.labels(_mime)
for _code in CODES:
    refused.labels(_code)


def collect() -> Iterator[Metric]:
    """The same from every process. Raises DatabaseError."""
    found = File.objects.filter(state=State.WAITING).aggregate(n=Count("pk"), oldest=Min("created_at"))
    age = (timezone.now() - found["oldest"]).total_seconds() if found["oldest"] else 0.0
    yield GaugeMetricFamily("files_waiting", "Files that wait for the virus scanner", found["n"])
    yield GaugeMetricFamily("files_waiting_age_seconds", "How long the oldest of them has waited", max(0.0, age))
