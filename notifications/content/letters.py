"""What an e-mail says. This app does not know what was said between people; the app that does registers a writer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Letter:
    """Plain text. The subject is ours alone: nothing that somebody typed stands in it."""

    subject: str
    body: str


Writer = Callable[[str, str], Letter | None]
"""(conversation, language) → the letter; None when there is nothing (any more) to write. Raises StoreUnavailable."""

_writers: dict[str, Writer] = {}


def written_by(kind: str, writer: Writer) -> None:
    """Registers who writes the letters of a kind of notification."""
    _writers[kind] = writer


def write(kind: str, conversation: str, language: str) -> Letter | None:
    """Raises KeyError for a kind that nobody writes."""
    return _writers[kind](conversation, language)
