"""Which pages may show a site's widget. `ALLOWED_ORIGINS` is the bound that ops have set: a site narrows it, or adds
to it where `SITES_MAY_ADD_ORIGINS` says so."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.conf import settings

from infra.origins import parse_origin
from sites.profile import Profile


def ancestors(site: Profile, allowed: Collection[str]) -> list[str]:
    """Of `frame-ancestors`. `allowed`: ALLOWED_ORIGINS in their one spelling."""
    if not site.origins:
        return list(allowed)
    mine = spelled(site.origins)
    return mine if settings.SITES_MAY_ADD_ORIGINS else [origin for origin in mine if origin in allowed]


def spelled(origins: Iterable[str]) -> list[str]:
    """Those that are origins, each once, in their one spelling."""
    parsed = (parse_origin(origin) for origin in origins)
    return list(dict.fromkeys(str(origin) for origin in parsed if origin is not None))
