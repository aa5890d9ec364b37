"""What is counted in Redis, so over all processes together: joins by address, expensive requests by party.

Redis out: a join is refused, since it needs Redis itself. `ice:refresh` goes on uncounted (see `roles.shared`);
limits of sockets and frames are kept by each process (`signaling.hub.address_limits`) and hold without any store.
"""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from limits import parse

from infra.errors import DomainError
from infra.redis.bus import Bus
from infra.redis.scripts import Command, load

LUA = Path(__file__).parents[1] / "lua"


async def allow_join(bus: Bus, address: str) -> None:
    """Raises DomainError `rate_limited` with `retry_after`, StoreUnavailable."""
    message = _("Too many attempts from your network. Please wait a moment and try again.")
    await _count(bus, "join", address, settings.JOIN_LIMIT, message)


async def allow_ask(bus: Bus, party: str, action: str) -> None:
    """Counts one `action` (ice:refresh, device:check, resume:ask) of a party over all its sockets. Raises the same."""
    message = _("Too many messages at once. Please wait a moment.")
    await _count(bus, action, party, settings.PARTY_LIMIT, message)


async def _count(bus: Bus, action: str, who: str, rate: str, message: str) -> None:
    item = parse(rate)
    # Neither addresses nor conversations stand in a key.
    name = f"{action}:{salted_hmac('adminara.rates', who).hexdigest()[:24]}"
    command = Command(load(LUA / "rate.lua"), (name, item.amount, item.get_expiry() * 1000), int)
    wait_ms = await bus.execute(command)
    if wait_ms:
        retry_after = max(1.0, round(wait_ms / 1000, 1))
        raise DomainError("rate_limited", message, retryable=True, retry_after=retry_after)
