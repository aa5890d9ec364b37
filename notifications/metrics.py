"""Prometheus figures of the notifications, read when scraped.

They come from the database and Redis, not from this process: the sending happens in workers.
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime

from django.db import DatabaseError
from django.db.models import Count, Min
from django.utils import timezone
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from infra.errors import StoreUnavailable
from notifications.models import OPEN_STATES, Channel, DeliveryCounter, OutboxMessage, State
from notifications.sending import delays
from notifications.transports import failures

OUTCOMES = (
    *(State.SENT, State.LOGGED, State.FAILED, State.BLOCKED),
    *("fallback", "fallback_failed", "edited", "edit_failed", "mailed", "mail_refused", "mail_failed"),
    *("pushed", "push_refused", "push_failed"),
    *("chat_sent", "chat_refused", "chat_failed"),
)
FAILED_OUTCOMES = (State.FAILED, State.BLOCKED)
JOBS = {
    "telegram": FAILED_OUTCOMES,
    "telegram_edit": ("edit_failed",),
    "fallback": ("fallback_failed",),
    "mail": ("mail_failed",),
    "push": ("push_failed",),
    "chat": ("chat_failed",),
}
KNOWN_JOBS = ("notifications.sweep", "notifications.deliver")


def collect() -> Iterator[Metric]:
    """The current figures. What cannot be read now is left out: a missing sample says more than a false zero."""
    ended: dict[str, int] | None = None
    with suppress(DatabaseError):
        ended = dict(DeliveryCounter.objects.values_list("outcome", "count"))
        yield from _telegram(ended)
        yield delays.histogram(ended)
        yield from _outbox(timezone.now())
    with suppress(StoreUnavailable):
        yield _jobs(ended, failures.counts())


def open_messages() -> int:
    """How many messages are not delivered yet."""
    return OutboxMessage.objects.filter(state__in=OPEN_STATES).count()


def oldest_age_secs(now: datetime) -> float:
    """How long the oldest message that is not delivered yet has waited; 0 when there is none. E-mails may wait."""
    open_now = OutboxMessage.objects.filter(state__in=OPEN_STATES).exclude(channel=Channel.EMAIL)
    oldest = open_now.aggregate(at=Min("created_at"))["at"]
    return max(0.0, (now - oldest).total_seconds()) if oldest else 0.0


def _telegram(ended: dict[str, int]) -> Iterator[Metric]:
    failed = sum(ended.get(outcome, 0) for outcome in FAILED_OUTCOMES)
    yield CounterMetricFamily(
        "telegram_jobs_failed", "Telegram messages that were given up: attempts used up, refused or blocked.", failed
    )
    outcomes = CounterMetricFamily("notifications", "Notifications by how their delivery ended.", labels=["outcome"])
    for outcome in OUTCOMES:
        outcomes.add_metric([outcome], ended.get(outcome, 0))
    yield outcomes


def _outbox(now: datetime) -> Iterator[Metric]:
    open_now = dict(
        OutboxMessage.objects.filter(state__in=OPEN_STATES).values_list("state").annotate(Count("id")).order_by()
    )
    messages = GaugeMetricFamily(
        "notification_outbox_messages", "Messages not delivered yet, by state.", labels=["state"]
    )
    for state in OPEN_STATES:
        messages.add_metric([state], open_now.get(state, 0))
    yield messages
    yield GaugeMetricFamily(
        "notification_outbox_age_seconds",
        "Age of the oldest message not delivered yet, e-mails left out.",
        oldest_age_secs(now),
    )


def _jobs(ended: dict[str, int] | None, tasks: dict[str, int]) -> Metric:
    jobs = CounterMetricFamily("jobs_failed", "Background jobs that ended in failure, by job.", labels=["job"])
    figures = dict.fromkeys(KNOWN_JOBS, 0) | tasks
    if ended is not None:
        figures |= {job: sum(ended.get(outcome, 0) for outcome in outcomes) for job, outcomes in JOBS.items()}
    for job, count in sorted(figures.items()):
        jobs.add_metric([job], count)
    return jobs
