"""What is counted in Redis, so over all processes together: how often somebody may do something.

Key: `rates` (docs/redis-keys.md). Neither addresses nor conversations stand in it, only keyed digests of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.crypto import salted_hmac
from limits import parse

from infra.errors import DomainError
from infra.redis.scripts import INFRA, Command, load


@dataclass(frozen=True)
class Counted:
    """One `action` of `who` against a `rate` such as `10/minute`."""

    action: str
    who: str
    rate: str

    def words(self) -> tuple[str, int, int]:
        item = parse(self.rate)
        name = f"{self.action}:{salted_hmac('adminara.rates', self.who).hexdigest()[:24]}"
        return name, item.amount, item.get_expiry() * 1000


def count(action: str, who: str, rate: str) -> Command[int]:
    """Counts one action; answers 0, or the milliseconds to wait."""
    return count_all([Counted(action, who, rate)])


def count_all(rates: Iterable[Counted]) -> Command[int]:
    """Counts something against several rates in one step; answers 0, or the milliseconds to wait until all allow it.

    What one of them refuses is counted against none: who is told to wait uses up nothing that others share.
    """
    return Command(load(INFRA / "rate.lua"), tuple(word for one in rates for word in one.words()), int)


def refusal(wait_ms: int, message: str) -> DomainError:
    """What to say to whoever has to wait: `rate_limited` with `retry_after`."""
    return DomainError("rate_limited", message, retryable=True, retry_after=max(1.0, round(wait_ms / 1000, 1)))
