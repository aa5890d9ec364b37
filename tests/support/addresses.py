"""Every address that the URL configuration knows, with something in the place of its parameters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RegexPattern

PROBES = ("/health", "/health/live")
"""Answered by middleware, so no pattern names them."""


def every_address() -> list[str]:
    """Sorted paths, each once."""
    return sorted({*PROBES, *(path for path, _view in patterns())})


def patterns() -> Iterator[tuple[str, Any]]:
    """(path, view) of every pattern."""
    yield from _below("/", get_resolver().url_patterns)


def _below(prefix: str, entries: Any) -> Iterator[tuple[str, Any]]:
    for entry in entries:
        path = prefix + _filled(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _below(path, entry.url_patterns)
        elif isinstance(entry, URLPattern):
            yield path, entry.callback


def _filled(pattern: Any) -> str:
    if isinstance(pattern, RegexPattern):
        text = str(pattern.regex.pattern).removeprefix("^").removesuffix("$").replace("\\Z", "")
        first = re.sub(r"\(\?P<\w+>([^)|]*)[^)]*\)", lambda found: found[1], text)
        return first.replace(".*", "nothing")
    return re.sub(r"<(?:(\w+):)?\w+>", lambda found: "1" if found[1] in ("int", "path") else "x", str(pattern))
