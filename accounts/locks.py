"""Who is locked out of signing in right now, for the gauge: the limiter itself can only be asked about one by one.

Key: `lockouts` (sorted set, "<digest of the adminId>/<digest of who>" by the end, seconds since 1970). What has ended
is taken out with the next lockout and is not counted before.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from prometheus_client.core import GaugeMetricFamily, Metric

from infra.redis.client import client, guarded, key

Pair = tuple[str, str]
"""Digests of an adminId, and of an address or device."""


def began(pair: Pair, secs: float) -> None:
    now = time.time()
    pipe = client().pipeline(transaction=True)
    pipe.zremrangebyscore(key("lockouts"), "-inf", now)
    pipe.zadd(key("lockouts"), {"/".join(pair): now + secs})
    pipe.expire(key("lockouts"), int(secs) + 1)
    pipe.execute()


def lifted(pair: Pair) -> None:
    client().zrem(key("lockouts"), "/".join(pair))


def collect() -> Iterator[Metric]:
    """Raises StoreUnavailable when Redis does not answer."""
    with guarded() as connection:
        count: Any = connection.zcount(key("lockouts"), time.time(), "+inf")
    text = "Pairs of an adminId and an address or device that are locked out now"
    yield GaugeMetricFamily("lockouts_in_force", text, value=float(count))
