"""What one socket and one address may do. Per process and in memory: the relay never asks a store for permission."""

from __future__ import annotations

from collections import Counter, OrderedDict
from ipaddress import ip_network

from limits import parse

FORGET_OVER = 50_000


def counted_as(address: str) -> str:
    """Whom an address counts for: an IPv6 client owns all addresses of its /64."""
    return str(ip_network(f"{address}/64", strict=False)) if ":" in address else address


class Bucket:
    """Token bucket: `burst` at once, `rate` a second for ever. Times are the event loop's, in seconds."""

    __slots__ = ("at", "tokens")

    def __init__(self, burst: float, now: float) -> None:
        self.tokens = burst
        self.at = now

    def take(self, burst: float, rate: float, now: float) -> bool:
        """Whether one more is allowed now."""
        tokens = min(burst, self.tokens + (now - self.at) * rate)
        self.at = now
        if tokens < 1.0:
            self.tokens = tokens
            return False
        self.tokens = tokens - 1.0
        return True

    def wait(self, rate: float) -> float:
        """Seconds until one more is allowed, as of the last `take`."""
        return (1.0 - self.tokens) / rate


class AddressLimits:
    """Sockets per address: how many are open, and how often new ones come."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def admit(self, address: str, *, most: int, rate: str, now: float) -> float | None:
        """Counts one more socket and returns None, or refuses and returns the seconds to wait."""
        item = parse(rate)
        amount = float(item.amount)
        per_second = amount / item.get_expiry()
        bucket = self._buckets.get(address)
        if bucket is None:
            bucket = self._buckets[address] = Bucket(amount, now)
            if len(self._buckets) > FORGET_OVER:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(address)
        if self._open[address] >= most:
            return 30.0
        if not bucket.take(amount, per_second, now):
            return max(1.0, round(1.0 / per_second, 1))
        self._open[address] += 1
        return None

    def release(self, address: str) -> None:
        """One socket of this address is gone."""
        self._open[address] -= 1
        if self._open[address] <= 0:
            del self._open[address]
