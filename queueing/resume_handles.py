"""A resume handle: what the embedding site keeps for a page whose browser lets a frame of ours store nothing.

It stands in another origin's storage, so it is no token: encrypted and signed (Fernet under a key made of SECRET_KEY)
it says nothing to whoever reads it, and it is worth nothing for another site, after `HANDLE_SECS`, or once the
conversation is over.
"""

from __future__ import annotations

import json
import time

from infra.sealed import Box
from queueing.errors import token_expired, token_invalid

BOX = Box("adminara.handle")
HANDLE_SECS = 600
"""Pages ask for a new one long before; so long one that was stolen is of use."""


def make(token: str, origin: str, seconds: int = HANDLE_SECS) -> str:
    """A handle for the conversation of `token`, for pages of the site `origin` alone."""
    return BOX.seal(json.dumps([token, origin, int(time.time()) + seconds]))


def read(handle: str, origin: str) -> str:
    """The token. Raises DomainError token_invalid (not made here, or for another site) or token_expired."""
    try:
        token, bound, ends_at = json.loads(BOX.open(handle))
        ended = time.time() >= ends_at
    except (ValueError, TypeError) as error:
        raise token_invalid() from error
    if bound != origin:
        raise token_invalid()
    if ended:
        raise token_expired()
    return str(token)
