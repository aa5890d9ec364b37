"""How long notifications took, from the outbox to the recipient: a histogram in the database's counters.

Counted in the transaction that ends the delivery, like the outcomes, so that it is exact over all workers and restarts.
Edits of cards do not count: nobody waits for them; nor does an e-mail, which other people's servers hold up.
"""

from bisect import bisect_left
from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import accumulate

from prometheus_client.core import HistogramMetricFamily, Metric

from notifications.models import Channel, Kind, OutboxMessage

BOUNDS_SECS = (1, 2, 5, 10, 30, 60, 120, 300, 900, 1800)
PREFIX = "delay:"


def count(message: OutboxMessage, now: datetime, add: Callable[[str, int], None]) -> None:
    """`add(name, by)` raises a counter. A message that is re-sent by hand counts from when it was first made."""
    if message.kind == Kind.CARD_EDIT or message.channel == Channel.EMAIL:
        return
    taken = max(0.0, (now - message.created_at).total_seconds())
    add(f"{PREFIX}{bisect_left(BOUNDS_SECS, taken)}", 1)
    add(f"{PREFIX}ms", int(taken * 1000))


def histogram(counters: Mapping[str, int]) -> Metric:
    """`notification_delay_seconds`, from the counters by name."""
    bounds = [f"{bound}.0" for bound in BOUNDS_SECS] + ["+Inf"]
    cumulative = accumulate(counters.get(f"{PREFIX}{bucket}", 0) for bucket in range(len(bounds)))
    return HistogramMetricFamily(
        "notification_delay_seconds",
        "From a notification's making until its recipient had it; edits of cards and e-mails do not count.",
        buckets=[(bound, float(reached)) for bound, reached in zip(bounds, cumulative, strict=True)],
        sum_value=counters.get(f"{PREFIX}ms", 0) / 1000,
    )
