"""What is counted in Redis, so over all processes together: how often somebody may do something.

Key: `rates` (docs/redis-keys.md). Neither addresses nor conversations stand in it, only keyed digests of them.
"""

from __future__ import annotations

from django.utils.crypto import salted_hmac
from limits import parse

from infra.errors import DomainError
from infra.redis.scripts import INFRA, Command, load


def count(action: str, who: str, rate: str) -> Command[int]:
    """Counts one `action` of `who` against a rate such as `10/minute`; answers 0, or the milliseconds to wait."""
    item = parse(rate)
    name = f"{action}:{salted_hmac('adminara.rates', who).hexdigest()[:24]}"
    return Command(load(INFRA / "rate.lua"), (name, item.amount, item.get_expiry() * 1000), int)


def refusal(wait_ms: int, message: str) -> DomainError:
    """What to say to whoever has to wait: `rate_limited` with `retry_after`."""
    return DomainError("rate_limited", message, retryable=True, retry_after=max(1.0, round(wait_ms / 1000, 1)))
