"""Prometheus figures of ratings, read from the database when scraped: the same from every process."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Count
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily, Metric

from desk.ratings.models import Rating, Score


def collect() -> Iterator[Metric]:
    """Raises DatabaseError."""
    since = timezone.now() - timedelta(days=1)
    rows = Rating.objects.filter(given_at__gte=since).values_list("score").annotate(n=Count("pk"))
    found = dict(rows.order_by())
    family = GaugeMetricFamily("ratings_last_day", "Ratings that customers gave in the last day", labels=["score"])
    for score in Score:
        family.add_metric([str(score.value)], float(found.get(score.value, 0)))
    yield family
