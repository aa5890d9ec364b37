"""ICE servers for one party: the configured regions with time-limited TURN credentials.

coturn's REST scheme (`use-auth-secret`): the user name is the expiry, the credential its HMAC-SHA1 under the shared
secret. Nothing is stored, and a leaked credential ends by itself after TURN_TTL_SECS.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Collection
from typing import Literal

from django.conf import settings

from signaling.wire.outbound import IceServer


def ice_policy() -> Literal["all", "relay"]:
    """`relay`: media goes through TURN alone, and neither side learns the other's address."""
    return "relay" if settings.ICE_TRANSPORT_POLICY == "relay" else "all"


def ice_servers(party: str, failing: Collection[str] = ()) -> list[IceServer]:
    """Fresh entries for `party`, best region first. STUN entries carry no credential. Empty without TURN_SERVERS.

    Regions in `failing` come last: pages could not reach them lately, but the fault may be over, or theirs.
    """
    username, credential = _credential(party)
    servers: list[IceServer] = []
    for region in sorted(settings.TURN_SERVERS, key=lambda region: (region.region in failing, region.priority)):
        turn = [url for url in region.urls if url.startswith(("turn:", "turns:"))]
        stun = [url for url in region.urls if url.startswith(("stun:", "stuns:"))]
        if stun and ice_policy() == "all":
            servers.append({"urls": stun, "region": region.region, "priority": region.priority})
        if turn and settings.TURN_SECRET:
            servers.append(
                {
                    "urls": turn,
                    "username": username,
                    "credential": credential,
                    "region": region.region,
                    "priority": region.priority,
                }
            )
    return servers


def _credential(party: str) -> tuple[str, str]:
    # The relay's log shall not show who it was: the name only has to differ between parties.
    alias = hashlib.sha256(party.encode()).hexdigest()[:12]
    username = f"{int(time.time()) + settings.TURN_TTL_SECS}:{alias}"
    digest = hmac.new(settings.TURN_SECRET.encode(), username.encode(), hashlib.sha1).digest()
    return username, base64.b64encode(digest).decode()
