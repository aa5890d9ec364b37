"""Which web origins may call us: exact comparison of scheme, host and port, after parsing.

Prefix checks are the classic mistake (`https://allowed.example.evil.io` starts with an allowed name), so an origin
is first parsed as a browser would serialise it, and anything else is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

import idna
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from infra.errors import DomainError

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


def is_allowed_origin(origin: str | None, host: str, *, own_only: bool) -> bool:
    """Whether a page of `origin` may talk to us. `host` is the Host header of the request it came with.

    `own_only` is for everything an operator does; otherwise `ALLOWED_ORIGINS` counts too. An absent or `null`
    origin is refused.
    """
    parsed = parse_origin(origin)
    if parsed is None:
        return False
    return is_own_origin(parsed, host) or (not own_only and parsed in _parse_all(tuple(settings.ALLOWED_ORIGINS)))


def is_allowed_metrics_origin(origin: str | None, host: str) -> bool:
    """The same for reading metrics: our own origin and `ALLOWED_METRICS_ORIGINS`."""
    parsed = parse_origin(origin)
    if parsed is None:
        return False
    return is_own_origin(parsed, host) or parsed in _parse_all(tuple(settings.ALLOWED_METRICS_ORIGINS))


def allowed_origins() -> list[str]:
    """`ALLOWED_ORIGINS` in their one spelling: for CORS and for `frame-ancestors`."""
    return sorted(map(str, _parse_all(tuple(settings.ALLOWED_ORIGINS))))


def is_own_origin(origin: Origin, host: str) -> bool:
    """Our origin is that of PUBLIC_URL; in development also the host that was asked, on any port."""
    if origin == parse_origin(settings.PUBLIC_URL):
        return True
    if settings.DJANGO_ENV != "development":
        return False
    asked = parse_origin(f"{origin.scheme}://{host}")
    return asked is not None and asked.host == origin.host


def require_own_origin(request: HttpRequest) -> None:
    """For JSON endpoints without a CSRF token. Raises DomainError `origin_refused` for any other page."""
    if not is_allowed_origin(request.headers.get("Origin"), request.get_host(), own_only=True):
        message = _("This address may not be called from another site. Open the sign-in page itself.")
        raise DomainError("origin_refused", message)


@lru_cache(maxsize=1024)
def parse_origin(value: str | None) -> Origin | None:
    """`scheme://host[:port]` and nothing else; None for everything that is not exactly that."""
    if not value or len(value) > 300 or any(c.isspace() or c in "\\@%?#*," or c < " " for c in value):
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


@lru_cache(maxsize=16)
def _parse_all(values: Iterable[str]) -> frozenset[Origin]:
    return frozenset(filter(None, map(parse_origin, values)))
