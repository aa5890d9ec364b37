"""A web origin, parsed as a browser would serialise it: exact comparison of scheme, host and port is then safe.

Prefix checks are the classic mistake (`https://allowed.example.evil.io` starts with an allowed name), so anything that
is not exactly an origin is none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

import idna

ORIGIN_MAX = 300
DEFAULT_PORTS = {"http": 80, "https": 443}
_PLAIN_HOST = re.compile(r"^[a-z0-9]([a-z0-9_.-]*[a-z0-9])?$|^\[[0-9a-f:.]+\]$")


@dataclass(frozen=True)
class Origin:
    """Scheme, ASCII host (punycode, lower case) and effective port."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        suffix = "" if self.port == DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{self.host}{suffix}"


@lru_cache(maxsize=1024)
def parse_origin(value: str | None) -> Origin | None:
    """`scheme://host[:port]` and nothing else; None for everything that is not exactly that."""
    if not value or len(value) > ORIGIN_MAX or any(c.isspace() or c in "\\@%?#*," or c < " " for c in value):
        return None
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in DEFAULT_PORTS or parts.path not in ("", "/") or value.endswith(":"):
        return None
    host = _ascii_host(parts.netloc if port is None else parts.netloc.rpartition(":")[0])
    if host is None or port == 0:
        return None
    return Origin(parts.scheme, host, port or DEFAULT_PORTS[parts.scheme])


def _ascii_host(host: str) -> str | None:
    """Lower-case ASCII; international names as punycode, which is what browsers send."""
    lowered = host.lower()
    if not lowered.isascii():
        try:
            lowered = idna.encode(lowered, uts46=True).decode()
        except idna.IDNAError:
            return None
    return lowered if _PLAIN_HOST.match(lowered) and ".." not in lowered else None
