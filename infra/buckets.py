"""Token buckets in memory: they hold whatever store is out."""

from __future__ import annotations

from collections import OrderedDict

from limits import parse

REMEMBERED = 50_000


class Bucket:
    """Token bucket: `burst` at once, `rate` a second for ever. Times are seconds of any clock that goes on."""

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


class Buckets:
    """One bucket for each name, of the names that came last."""

    def __init__(self, remembered: int | None = None) -> None:
        self._remembered = REMEMBERED if remembered is None else remembered
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, name: str, rate: str, now: float) -> float | None:
        """None: one more is allowed. Else the seconds in which one is earned. `rate` as in settings: `10/minute`."""
        item = parse(rate)
        burst, per_second = float(item.amount), item.amount / item.get_expiry()
        bucket = self._buckets.pop(name, None) or Bucket(burst, now)
        self._buckets[name] = bucket
        if len(self._buckets) > self._remembered:
            self._buckets.popitem(last=False)
        return None if bucket.take(burst, per_second, now) else 1.0 / per_second
