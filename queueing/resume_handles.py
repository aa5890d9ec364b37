"""A resume handle: what the embedding site keeps for a page whose browser lets a frame of ours store nothing.

It stands in another origin's storage, so it is no token: encrypted and signed (Fernet under a key made of SECRET_KEY)
it says nothing to whoever reads it, and it is worth nothing for another site, after `HANDLE_SECS`, or once the
conversation is over.
"""

from __future__ import annotations

import base64
import json
import time

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.crypto import salted_hmac

from queueing.errors import token_expired, token_invalid

SALT = "adminara.handle"
HANDLE_SECS = 600
"""Pages ask for a new one long before; so long one that was stolen is of use."""


def make(token: str, origin: str) -> str:
    """A handle for the conversation of `token`, for pages of the site `origin` alone."""
    return _box().encrypt(json.dumps([token, origin, int(time.time()) + HANDLE_SECS]).encode()).decode()


def read(handle: str, origin: str) -> str:
    """The token. Raises DomainError token_invalid (not made here, or for another site) or token_expired."""
    try:
        token, bound, ends_at = json.loads(_box().decrypt(handle.encode()))
        ended = time.time() >= ends_at
    except (InvalidToken, ValueError, TypeError) as error:
        raise token_invalid() from error
    if bound != origin:
        raise token_invalid()
    if ended:
        raise token_expired()
    return str(token)


def _box() -> MultiFernet:
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_key(secret)) for secret in secrets])


def _key(secret: str | bytes) -> bytes:
    return base64.urlsafe_b64encode(salted_hmac(SALT, "key", secret=secret, algorithm="sha256").digest())
