"""Which web origins may call us: exact comparison of scheme, host and port, after parsing (`infra.origins`)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from infra.errors import DomainError
from infra.origins import Origin, parse_origin


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


@lru_cache(maxsize=16)
def _parse_all(values: Iterable[str]) -> frozenset[Origin]:
    return frozenset(filter(None, map(parse_origin, values)))
