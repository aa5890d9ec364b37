"""Addresses under which a file can be fetched for a while: signed, so that an `<img>` needs neither header nor cookie.

A signature is for one file and one of its two renderings, and says when it ends. It stands in the query string, which
no log of ours has.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from django.core.signing import BadSignature, Signer

CONTENT, THUMB = "content", "thumb"
STEP_SECS = 1800
"""Addresses made within one step are the same, so that a browser keeps what it has."""
LEAST_STEPS = 2
"""An address is good for at least so many steps, and for one more at most."""


@dataclass(frozen=True)
class Addresses:
    """Of one kind of file. `folder`: where they are served, without a slash at its end; `salt`: of their signatures."""

    folder: str
    salt: str

    def address(self, file: str, rendering: str, now: float | None = None) -> str:
        """A path on our own origin. `rendering`: CONTENT or THUMB."""
        signed = Signer(salt=self.salt).sign(_what(file, rendering, ends_at(now)))
        _said, ends, signature = signed.rsplit(":", 2)
        return f"{self.folder}/{file}/{rendering}?sig={ends}.{signature}"

    def is_good(self, file: str, rendering: str, signature: str, now: float | None = None) -> bool:
        """Whether `sig` of an address was made here for this, and has not ended."""
        ends, _dot, given = signature.partition(".")
        if not (ends.isascii() and ends.isdigit() and len(ends) < 12):
            return False
        try:
            Signer(salt=self.salt).unsign(f"{_what(file, rendering, int(ends))}:{given}")
        except BadSignature:
            return False
        return int(ends) > (time.time() if now is None else now)


FILES = Addresses("/files", "adminara.file")
"""Of conversations."""


def ends_at(now: float | None = None) -> int:
    """When an address that is made now ends: seconds since 1970."""
    step = int(time.time() if now is None else now) // STEP_SECS
    return (step + 1 + LEAST_STEPS) * STEP_SECS


def _what(file: str, rendering: str, ends: int) -> str:
    return f"{file}/{rendering}:{ends}"
