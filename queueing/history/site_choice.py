"""One site or all of them, as pages of the history ask: `default` in an address is the site without a key."""

from __future__ import annotations

from sites import lookup
from sites.profile import DEFAULT_KEY, KEY_MAX

DEFAULT = "default"


def sites() -> list[tuple[str, str]]:
    """(word for the address, name) of each, the default one first."""
    known = sorted(lookup.current().sites.values(), key=lambda site: (site.key != DEFAULT_KEY, site.name.casefold()))
    return [(site.key or DEFAULT, site.name) for site in known]


def key_of(word: str | None) -> str | None:
    """None: all of them. A site that is gone can still be asked for; what is no key at all finds nothing."""
    if not word:
        return None
    return DEFAULT_KEY if word == DEFAULT else word[:KEY_MAX].replace("\x00", "\ufffd")
