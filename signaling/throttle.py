"""How often one address may join the line: counted in Redis, so over all processes together."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from limits import parse

from infra.bus import Bus
from infra.errors import DomainError
from infra.lua import Command, load

LUA = Path(__file__).parent / "lua"


async def allow_join(bus: Bus, address: str) -> None:
    """Raises DomainError `rate_limited` with `retry_after`, StoreUnavailable."""
    item = parse(settings.JOIN_LIMIT)
    # The address itself stands in no key.
    name = f"join:{salted_hmac('adminara.rates', address).hexdigest()[:24]}"
    command = Command(load(LUA / "rate.lua"), (name, item.amount, item.get_expiry() * 1000), int)
    wait_ms = await bus.execute(command)
    if wait_ms:
        message = _("Too many attempts from your network. Please wait a moment and try again.")
        raise DomainError("rate_limited", message, retryable=True, retry_after=max(1.0, round(wait_ms / 1000, 1)))
