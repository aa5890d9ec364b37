"""What packages above show of a conversation: columns and filters of the list, sections of its page, its JSON."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from queueing.history.models import ChatMessage, Conversation

Rows = QuerySet[Conversation]


@dataclass(frozen=True)
class PageExtension:
    """columns: functions of a conversation, described by `admin.display`; filters: as `list_filter` takes them.

    section: HTML that is safe, empty where there is nothing to show; it stands below what is known of the customer.
    lines: HTML that is safe and stands above the text of lines of the chat, by their keys. exported: members of the
    JSON. rows: fetches what they all need along with the conversations. listed: whether columns and filters are shown.
    """

    columns: Sequence[Callable[[Conversation], str]] = ()
    filters: Sequence[Any] = ()
    section: Callable[[HttpRequest, Conversation], str] = lambda _request, _conversation: ""
    lines: Callable[[HttpRequest, Sequence[ChatMessage]], dict[int, str]] = lambda _request, _messages: {}
    exported: Callable[[Conversation], dict[str, Any]] = lambda _conversation: {}
    rows: Callable[[Rows], Rows] = lambda rows: rows
    listed: Callable[[HttpRequest], bool] = lambda _request: True


_known: list[PageExtension] = []


def add(extension: PageExtension) -> None:
    """Called once, when Django starts."""
    if extension not in _known:
        _known.append(extension)


def known() -> tuple[PageExtension, ...]:
    return tuple(_known)
