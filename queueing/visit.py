"""What the widget saw of the page on which a customer asked for help, made fit to be kept and shown.

Nothing of it is believed and nothing of it keeps anybody from support: what is too long is cut, what cannot be read is
left out and counted, whatever a site or a stranger wrote there.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from infra.storable import storable
from infra.writing.text import clean_line

ADDRESS_MOST = 500
TITLE_MOST = 160
ZONE_MOST = 64
LOOKED_AT = 8_000
"""Characters of a value; the rest of a longer one is not even read."""
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+){0,3}")
_OUTSIDE = re.compile(r"[\s\ufffd]")


def read(given: Any) -> tuple[dict[str, str], list[str]]:
    """`visit` of a join → (page, title, referrer, time_zone: those that there are; names of what could not be read)."""
    if given is None:
        return {}, []
    if not isinstance(given, dict):
        return {}, ["visit"]
    found, unread = {}, []
    for name, read_one in _READERS.items():
        value = given.get(name)
        if value is None or value == "":
            continue
        try:
            found[name] = read_one(_text(value))
        except ValueError:
            unread.append(name)
    return {name: value for name, value in found.items() if value}, unread


def _text(value: Any) -> str:
    """Raises ValueError."""
    if not isinstance(value, str):
        raise ValueError("not a text")
    return storable(value[:LOOKED_AT]).strip()


def _address(text: str) -> str:
    """Of a page: without a user's name and password in it, without a fragment, and without its query unless that is
    wanted. Raises ValueError for what no browser shows as the address of a page."""
    shown = clean_line(text)
    parts = urlsplit(shown)
    if parts.scheme not in ("http", "https") or not parts.hostname or _OUTSIDE.search(shown):
        raise ValueError("not the address of a page")
    query = f"?{parts.query}" if parts.query and settings.PAGE_ADDRESS_QUERY else ""
    place = parts.netloc.rpartition("@")[2]
    return clean_line(f"{parts.scheme}://{place}{parts.path}{query}"[:ADDRESS_MOST])


def _title(text: str) -> str:
    return clean_line(text[:TITLE_MOST])


def _zone(text: str) -> str:
    if len(text) > ZONE_MOST or not _ZONE.fullmatch(text):
        raise ValueError("not the name of a time zone")
    return text


_READERS: dict[str, Callable[[str], str]] = {
    "page": _address,
    "title": _title,
    "referrer": _address,
    "time_zone": _zone,
}
FIELDS = (*_READERS, "visit")
"""What may be counted as unread."""
