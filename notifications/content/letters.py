"""What an e-mail says. This app does not know what was said between people; the app that does registers a writer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Letter:
    """Plain text. The subject is ours alone: nothing that somebody typed stands in it. `answered`: a person wrote it
    and reads what comes back. `calendar`: a calendar file that goes along (RFC 5545)."""

    subject: str
    body: str
    answered: bool = False
    calendar: str = ""


Writer = Callable[[Mapping[str, Any], str], Letter | None]
"""(context, language) → the letter; None when there is nothing (any more) to write. Raises StoreUnavailable."""

_writers: dict[str, Writer] = {}


def written_by(kind: str, writer: Writer) -> None:
    """Registers who writes the letters of a kind of notification."""
    _writers[kind] = writer


def write(kind: str, context: Mapping[str, Any], language: str) -> Letter | None:
    """Raises KeyError for a kind that nobody writes."""
    return _writers[kind](context, language)
