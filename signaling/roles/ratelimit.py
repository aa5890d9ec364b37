"""What is counted in Redis, so over all processes together: joins by address, expensive requests by party.

Redis out: a join is refused, since it needs Redis itself. `ice:refresh` goes on uncounted (see `roles.shared`);
limits of sockets and frames are kept by each process (`signaling.hub.address_limits`) and hold without any store.
"""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _

from infra.redis import rates
from infra.redis.bus import Bus


async def allow_join(bus: Bus, address: str) -> None:
    """Raises DomainError `rate_limited` with `retry_after`, StoreUnavailable."""
    message = _("Too many attempts from your network. Please wait a moment and try again.")
    await _count(bus, "join", address, settings.JOIN_LIMIT, message)


async def allow_ask(bus: Bus, party: str, action: str) -> None:
    """Counts one `action` (ice:refresh, device:check, resume:ask, call:invite) of a party over all its sockets.

    Raises the same.
    """
    message = _("Too many messages at once. Please wait a moment.")
    await _count(bus, action, party, settings.PARTY_LIMIT, message)


async def _count(bus: Bus, action: str, who: str, rate: str, message: str) -> None:
    wait_ms = await bus.execute(rates.count(action, who, rate))
    if wait_ms:
        raise rates.refusal(wait_ms, message)
