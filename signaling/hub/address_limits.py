"""How many sockets one address has, and how often new ones come. Per process and in memory."""

from __future__ import annotations

from collections import Counter

from infra.buckets import Buckets

FULL_SECS = 30.0
"""When to try again while all sockets of an address are in use."""


class AddressLimits:
    """Sockets per address, as `infra.addresses.counted_as` names it."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()
        self._opened = Buckets()

    def admit(self, address: str, *, most: int, rate: str, now: float) -> float | None:
        """Counts one more socket and returns None, or refuses and returns the seconds to wait."""
        if self._open[address] >= most:
            return FULL_SECS
        wait = self._opened.take(address, rate, now)
        if wait is not None:
            return max(1.0, round(wait, 1))
        self._open[address] += 1
        return None

    def release(self, address: str) -> None:
        """One socket of this address is gone."""
        self._open[address] -= 1
        if self._open[address] <= 0:
            del self._open[address]
