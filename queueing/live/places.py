"""How many may wait in the queue from one part of the network, so that nobody fills it alone.

A customer counts for its address (IPv6: its /64), and with IPv6 for the /56 and the /48 around it as well, which is
what one household or one company is usually given. Whom the site's own server has named counts for that identity alone:
an office behind one address has as many places as it has people. Redis learns keyed digests only, while somebody waits.

The decision is made in lua/lib/places.lua. Key: `places` (sorted set): `<group>/<conversation>`.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.crypto import salted_hmac

from infra.addresses import client_network

AROUND_IPV6 = (56, 48)


def groups(address: str, identity: str = "") -> list[str]:
    """What a customer counts for, the narrowest first, as `limits` has it; empty when nothing is known of it.

    `address`: an IP address, or the /64 that counts for it.
    """
    if identity:
        return [_digest(f"identity\0{identity}")]
    client = client_network(address)
    if client is None:
        return []
    if client.version == 4:
        return [_digest(str(client))]
    around = [client.supernet(new_prefix=bits) for bits in AROUND_IPV6]
    return [_digest(str(network)) for network in (client, *around)]


def limits() -> dict[str, Any]:
    """`places`: the most that may wait for each of the groups, in their order; `newcomers`: places kept for others."""
    widest = (settings.PLACES_PER_ADDRESS, settings.PLACES_PER_IPV6_56, settings.PLACES_PER_IPV6_48)
    kept = settings.QUEUE_MAX_LENGTH * settings.PLACES_FOR_NEWCOMERS_PCT // 100
    return {"places": list(widest), "newcomers": kept}


def _digest(text: str) -> str:
    return salted_hmac("adminara.places", text, algorithm="sha256").hexdigest()[:24]
