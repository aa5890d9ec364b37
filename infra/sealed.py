"""Text that only this installation can read: encrypted and signed (Fernet) under a key made of SECRET_KEY."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.crypto import salted_hmac


class NotOurs(ValueError):
    """Not sealed here, or under a key that is gone."""


def name_of(sealed: str) -> str:
    """Tells one from another, and nothing else; empty for nothing."""
    return hashlib.sha256(sealed.encode()).hexdigest()[:16] if sealed else ""


@dataclass(frozen=True)
class Box:
    """`salt`: of what it is for; what one box has sealed another one does not open."""

    salt: str

    def seal(self, text: str) -> str:
        return self._fernet().encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """Raises NotOurs."""
        try:
            return self._fernet().decrypt(sealed.encode()).decode()
        except (InvalidToken, ValueError) as error:
            raise NotOurs from error

    def _fernet(self) -> MultiFernet:
        secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
        return MultiFernet([Fernet(self._key(secret)) for secret in secrets])

    def _key(self, secret: str | bytes) -> bytes:
        return base64.urlsafe_b64encode(salted_hmac(self.salt, "key", secret=secret, algorithm="sha256").digest())
