"""Public holidays of a country. The library is large, so it is loaded when the first site asks for a country's."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType

from infra.writing.text import clean_line

logger = logging.getLogger(__name__)

NONE: Mapping[date, str] = MappingProxyType({})


@lru_cache(maxsize=1)
def countries() -> dict[str, str]:
    """Code (ISO 3166, two letters) → English name, by name."""
    import holidays.registry as registry

    found = {code: spelled for spelled, code, *_other in registry.COUNTRIES.values()}
    return dict(sorted(((code, _spaced(name)) for code, name in found.items()), key=lambda one: one[1]))


def _spaced(name: str) -> str:
    """`UnitedKingdom` as it is written."""
    return "".join(f" {sign}" if sign.isupper() and at else sign for at, sign in enumerate(name))


@lru_cache(maxsize=1)
def _subdivisions() -> dict[str, list[str]]:
    import holidays

    return holidays.list_supported_countries(include_aliases=False)


def regions(country: str) -> list[str]:
    """Codes of the parts of a country that have holidays of their own."""
    return _subdivisions().get(country, [])


def between(country: str, region: str, first: int, last: int) -> Mapping[date, str]:
    """All of these years, both included, with their names in the country's language. None where the library knows the
    country or its part no longer: whoever has chosen it is open then, and the log says so."""
    found: dict[date, str] = {}
    for year in range(first, last + 1):
        found.update(_of_year(country, region, year))
    return MappingProxyType(found)


@lru_cache(maxsize=512)
def _of_year(country: str, region: str, year: int) -> Mapping[date, str]:
    import holidays

    try:
        spoken = getattr(holidays, country).default_language
        known = holidays.country_holidays(country, subdiv=region or None, years=year, language=spoken)
    except (AttributeError, NotImplementedError, KeyError, ValueError):
        logger.warning("no holidays are known of %s %s", country, region)
        return NONE
    return MappingProxyType({day: clean_line(name) for day, name in known.items()})
