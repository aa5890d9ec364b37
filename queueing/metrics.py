"""Prometheus figures of the live state, read from Redis when scraped: the same from every process."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from infra.redis import execute
from queueing import journal, store

GAUGES = {
    "queue_length": ("waiting", "Customers waiting in the line"),
    "support_queue_length": ("waiting", "Customers waiting in the line"),
    "active_calls": ("active", "Conversations between a customer and an operator now"),
    "operators_available": ("available", "Operators who are free for the next customer"),
    "operators_on_shift": ("on_shift", "Operators who take customers, free or not"),
    "connections": ("connections", "Parties with an open socket, over all processes"),
    "parties_away": ("away", "Parties whose socket is lost and whose grace runs"),
    "web_processes": ("processes", "Web processes with a live lease"),
    "queue_longest_wait_seconds": ("longest_wait_s", "Age of the first ticket in the line"),
    "journal_length": ("journal", "Entries in the journal stream"),
    "maintenance_mode": ("maintenance", "1 while no new customers are taken"),
}
COUNTERS = {
    "conversations_joined": ("joined", "Customers who entered the line"),
    "conversations_claimed": ("claimed", "Customers who were connected with an operator"),
    "conversations_restored": ("restored", "Conversations brought back by their tokens after a wipe"),
    "mailbox_replays": ("replays", "Reconnects that were answered by replaying missed frames"),
    "mailbox_replayed_frames": ("replayed_frames", "Frames replayed"),
    "mailbox_resyncs": ("resyncs", "Reconnects that got the whole state, since a replay was not possible"),
    "web_processes_lost": ("processes_lost", "Web processes whose lease ran out"),
}
REASONS = ("left", "hangup", "abandoned", "customer-lost", "operator-lost", "max-wait", "removed", "repaired")


def collect() -> Iterator[Metric]:
    """Raises StoreUnavailable when Redis does not answer."""
    status = execute(store.status())
    stats: dict[str, int] = status["stats"]
    for name, (field, text) in GAUGES.items():
        yield GaugeMetricFamily(name, text, value=float(status[field]))
    yield GaugeMetricFamily("journal_lag", "Journal entries not yet in the database", value=float(journal.lag()))
    for name, (field, text) in COUNTERS.items():
        yield CounterMetricFamily(name, text, value=float(stats.get(field, 0)))
    ended = CounterMetricFamily("conversations_ended", "Conversations that ended, by reason", labels=["reason"])
    reasons = {field.removeprefix("ended:") for field in stats if field.startswith("ended:")}
    for reason in sorted(reasons.intersection(REASONS).union(REASONS)):
        ended.add_metric([reason], float(stats.get(f"ended:{reason}", 0)))
    ended.add_metric(["other"], float(sum(stats.get(f"ended:{reason}", 0) for reason in reasons.difference(REASONS))))
    yield ended
    refused = CounterMetricFamily("queue_refused", "Customers not taken in, by reason", labels=["reason"])
    refused.add_metric(["full"], float(stats.get("refused:full", 0)))
    yield refused
    yield from _summaries(stats)


def _summaries(stats: dict[str, int]) -> Iterator[Metric]:
    """Sums to divide by the counters: mean wait = queue_wait_seconds_sum / conversations_claimed."""
    yield CounterMetricFamily(
        "queue_wait_seconds_sum",
        "Seconds waited by those who were connected",
        value=stats.get("waited_ms", 0) / 1000,
    )
    yield CounterMetricFamily(
        "handling_seconds_sum", "Seconds of finished conversations", value=stats.get("handled_ms", 0) / 1000
    )
