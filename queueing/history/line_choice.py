"""One department or all of them, as pages of the history ask: `default` in an address is who waits in none."""

from __future__ import annotations

from django.utils.translation import gettext as _

from infra.writing import language
from queueing.history.site_choice import DEFAULT, key_of
from sites import lookup

__all__ = ["kept_name_of", "key_of", "lines", "name_of"]


def lines() -> list[tuple[str, str]]:
    """(word for the address, name) of each, the default one first; nothing where there is no other."""
    known = lookup.current().lines
    if not known.several:
        return []
    named = [(key, line.name(language.in_force(), language.default())) for key, line in known.lines.items() if key]
    return [(DEFAULT, _("no department")), *named]


def name_of(key: str) -> str:
    """For whoever reads it now: the name, else the key of a department that is gone; empty of the default one."""
    return _name(key, language.in_force(), language.default())


def kept_name_of(key: str) -> str:
    """The same for what is written down, in the language of the installation."""
    return _name(key, language.default())


def _name(key: str, *languages: str) -> str:
    line = lookup.current().lines.lines.get(key)
    return line.name(*languages) if line else key
