"""Prometheus figures of the live state, read from Redis when scraped: the same from every process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import accumulate
from math import nan

from django.db import DatabaseError
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from infra.clock import now_ms
from infra.redis.client import execute
from queueing.history.recording import journal, set_aside
from queueing.live import call_snapshot, findings, promises, reasons, store, turn_health
from queueing.live.call_snapshot import Calls
from queueing.live.findings import Findings
from sites import lookup as sites

GAUGES = {
    "queue_length": ("waiting", "Customers waiting in the queue"),
    "support_queue_length": ("waiting", "Customers waiting in the queue"),
    "active_calls": ("active", "Conversations between a customer and an operator now"),
    "operators_available": ("available", "Operators who are free for the next customer"),
    "operators_on_shift": ("on_shift", "Operators who take customers, free or not"),
    "connections": ("connections", "Parties with an open socket, over all processes"),
    "parties_away": ("away", "Parties whose socket is lost and whose grace runs"),
    "web_processes": ("processes", "Web processes with a live lease"),
    "queue_longest_wait_seconds": ("longest_wait_s", "Age of the first ticket in the queue"),
    "callbacks_open": ("callbacks", "Customers who are to be called when it is nearly their turn"),
    "callbacks_age_seconds": ("callbacks_oldest_s", "Since the first of them has asked for it"),
    "journal_length": ("journal", "Entries in the journal stream"),
    "maintenance_mode": ("maintenance", "1 while no new customers are taken"),
}
COUNTERS = {
    "conversations_joined": ("joined", "Customers who entered the queue"),
    "conversations_returned": (
        "returned",
        "Those of them who came back to its head after a lost call",
    ),
    "conversations_claimed": ("claimed", "Customers who were connected with an operator"),
    "conversations_given_back": ("given_back", "Matches undone since the operator did not answer"),
    "conversations_transferred": ("transferred", "Conversations that an operator has passed on"),
    "conversations_restored": ("restored", "Conversations brought back by their tokens after a wipe"),
    "callbacks_asked": ("callbacks:asked", "Callbacks that customers have asked for, changed ones included"),
    "callback_calls": ("callbacks:called", "Times that a customer was to be told that it is nearly their turn"),
    "chats_called": ("called", "Chats that became a voice or video call"),
    "webrtc_calls_attempted": ("tried", "Calls whose media was tried for the first time"),
    "mailbox_replays": ("replays", "Reconnects that were answered by replaying missed frames"),
    "mailbox_replayed_frames": ("replayed_frames", "Frames replayed"),
    "mailbox_resyncs": ("resyncs", "Reconnects that got the whole state, since a replay was not possible"),
    "web_processes_lost": ("processes_lost", "Web processes whose lease ran out"),
    "queue_faults": ("faults", "Steps of the queue that could not be made, for one customer or operator"),
    "call_samples_dropped": ("samples_dropped", "Samples of calls left out, since the journal was too long"),
}
HISTOGRAMS = {
    "queue_wait_seconds": ("wait", "Wait of those who were connected with an operator"),
    "handling_seconds": ("handling", "Length of finished conversations"),
    "webrtc_call_setup_seconds": (
        "setup",
        "From the match, or a chat's becoming a call, until media was connected first",
    ),
    "webrtc_reconnect_seconds": ("reconnect", "From the loss of media in a call until it was connected again"),
}
BUCKET_SECS = tuple(0.25 * 2**power for power in range(14))
"""As `observe` in lua/lib/state.lua counts them."""
REFUSALS = ("full", "crowded", "maintenance", "disabled", "closed", "blocked")


def collect() -> Iterator[Metric]:
    """Raises StoreUnavailable when Redis does not answer."""
    status = execute(store.status())
    stats: dict[str, int] = status["stats"]
    for name, (field, text) in GAUGES.items():
        yield GaugeMetricFamily(name, text, value=float(status[field]))
    lengths = GaugeMetricFamily("queue_line_length", "Customers waiting in each department", labels=["line"])
    for line in ("", *sites.current().lines.lines):
        lengths.add_metric([line or "default"], float(status["lines"].get(line, {}).get("waiting", 0)))
    yield lengths
    yield GaugeMetricFamily("journal_lag", "Journal entries not yet in the database", value=float(journal.lag()))
    yield GaugeMetricFamily(
        "journal_oldest_age_seconds",
        "How long the oldest journal entry that is not in the database has waited",
        value=journal.oldest_age_s(),
    )
    # Without the database there is no figure: that says more than a false zero.
    with suppress(DatabaseError):
        yield GaugeMetricFamily(
            "journal_set_aside",
            "Journal entries that could not be recorded and wait to be applied again",
            value=float(set_aside.count()),
        )
    for name, (field, text) in COUNTERS.items():
        yield CounterMetricFamily(name, text, value=float(stats.get(field, 0)))
    ended = CounterMetricFamily("conversations_ended", "Conversations that ended, by reason", labels=["reason"])
    for reason in reasons.ALL:
        ended.add_metric([reason], float(stats.get(f"ended:{reason}", 0)))
    yield ended
    refused = CounterMetricFamily("queue_refused", "Customers not taken in, by reason", labels=["reason"])
    for reason in REFUSALS:
        refused.add_metric([reason], float(stats.get(f"refused:{reason}", 0)))
    yield refused
    promised = CounterMetricFamily("wait_promises", "Waits that a range was told of, by what came", labels=["outcome"])
    for outcome in promises.OUTCOMES:
        promised.add_metric([outcome], float(stats.get(f"promise:{outcome}", 0)))
    yield promised
    judged = execute(store.judged_promises())
    yield GaugeMetricFamily(
        "wait_promises_held_ratio",
        "Share of the last promised waits that came as told; NaN without one",
        value=promises.held_share(judged),
    )
    yield from _findings(findings.read())
    yield GaugeMetricFamily(
        "sites_closed",
        "Sites that take no customers now by their opening hours",
        value=float(sites.current().closed(now_ms())),
    )
    for name, (field, text) in HISTOGRAMS.items():
        yield _histogram(name, text, field, stats)
    yield from _calls(call_snapshot.read())


def _histogram(name: str, text: str, field: str, stats: dict[str, int]) -> Metric:
    """The script counts each value in one bucket; Prometheus wants every bucket to hold the smaller ones too."""
    bounds = [str(bound) for bound in BUCKET_SECS] + ["+Inf"]
    cumulative = accumulate(stats.get(f"{field}:{bucket}", 0) for bucket in range(len(bounds)))
    buckets = [(bound, float(count)) for bound, count in zip(bounds, cumulative, strict=True)]
    return HistogramMetricFamily(name, text, buckets=buckets, sum_value=stats.get(f"{field}:ms", 0) / 1000)


def _findings(found: Findings) -> Iterator[Metric]:
    counts = GaugeMetricFamily(
        "queue_findings", "What `queue check` found when the worker looked last", labels=["code"]
    )
    for code, number in found.counts.items():
        counts.add_metric([code], float(number))
    yield counts
    age = nan if found.age_s is None else found.age_s
    yield GaugeMetricFamily("queue_check_age_seconds", "Since the worker looked for findings; NaN: never", value=age)


def _calls(calls: Calls) -> Iterator[Metric]:
    ratio, rtt = calls.success_ratio, calls.mean_rtt_ms
    for name, text, value in (
        (
            "webrtc_calls_attempted_last_hour",
            "Calls whose media was tried for the first time",
            calls.attempted_last_hour,
        ),
        ("webrtc_calls_connected_last_hour", "Those of them whose media was connected", calls.connected_last_hour),
        (
            "webrtc_call_success_ratio",
            "Share of the last hour's call attempts whose media was connected; NaN without an attempt",
            nan if ratio is None else ratio,
        ),
        ("webrtc_calls_measured", "Running calls that sent figures a moment ago", calls.measured),
        (
            "webrtc_call_rtt_seconds",
            "Mean round trip of the running calls' media; NaN when none is measured",
            nan if rtt is None else rtt / 1000,
        ),
    ):
        yield GaugeMetricFamily(name, text, value=float(value))
    failovers = CounterMetricFamily(
        "webrtc_failovers",
        "Parties that came back to a running call through another web process, or left a TURN region for another",
        labels=["kind"],
    )
    failovers.add_metric(["process"], float(calls.failovers_process))
    failovers.add_metric(["turn"], float(calls.failovers_turn))
    yield failovers
    parties = GaugeMetricFamily("turn_region_parties", "Parties whose media goes through the region", labels=["region"])
    failing = GaugeMetricFamily(
        "turn_region_failing", "1 while the region is passed over, since pages cannot reach it", labels=["region"]
    )
    known = turn_health.regions()
    for region in known:
        parties.add_metric([region], float(calls.regions.get(region, 0)))
        failing.add_metric([region], float(region in calls.failing))
    parties.add_metric(["other"], float(sum(n for region, n in calls.regions.items() if region not in known)))
    yield parties
    yield failing
