"""A place link takes a customer's conversation to another device: its place in the queue, or the running call.

It leads to the hosted page and carries a resume handle for that page in its fragment, which browsers send to no server.
Who opens it takes over; the page before reads that it was replaced, and can take it back.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from infra.redis import rates
from infra.redis.client import execute
from queueing import drawn, resume_handles, tokens
from queueing.errors import token_expired
from queueing.live import store
from queueing.live.store import party_of

LINK_SECS = 3600
"""Long enough to be found again on the other device; it ends with the conversation in any case."""
EACH = "10/minute"
"""Of one conversation."""


@dataclass(frozen=True)
class PlaceLink:
    """`code`: the link as a QR code, an SVG in a `data:` address."""

    link: str
    code: str
    expires_s: int


def of_token(token: str, origin: str) -> PlaceLink:
    """For the conversation of a token, by way of the hosted page at `origin` (ours, without a path).

    Raises DomainError token_invalid, token_expired (it is over), rate_limited; StoreUnavailable.
    """
    ticket = tokens.read(token)
    wait_ms = execute(rates.count("place", party_of(ticket.conversation), EACH))
    if wait_ms:
        raise rates.refusal(wait_ms, _("Too many links at once. Please wait a moment."))
    status, _operator, _reason = execute(store.lookup(ticket.conversation))
    # Not known: Redis was wiped, and the link brings the place back as the token does.
    if status == "ended":
        raise token_expired()
    query = f"?{urlencode({'site': ticket.site})}" if ticket.site else ""
    link = f"{origin}/{query}#place={resume_handles.make(token, origin, LINK_SECS)}"
    return PlaceLink(link, drawn.code(link), LINK_SECS)
