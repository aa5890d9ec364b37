"""Chats of people whom this app does not know: the app that keeps them says where a message goes and what it says, and
hears when it could not be delivered. As `browsers`, for the bot's private chats with customers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from notifications.content.text import Text

Context = Mapping[str, Any]


@dataclass(frozen=True)
class Told:
    """What is said in which chat. Chats stay: no name, no topic."""

    chat_id: str
    text: Text


class Keeper(Protocol):
    """Of one kind of notification."""

    def find(self, context: Context, language: str) -> Told | None:
        """None where there is nobody to tell any more."""
        ...

    def drop(self, context: Context) -> None:
        """The bot was shut out of the chat."""
        ...

    def given_up(self, context: Context, language: str) -> None:
        """It was not delivered and is not tried again; in the transaction that ends the delivery."""
        ...


_keepers: dict[str, Keeper] = {}


def kept_by(kind: str, keeper: Keeper) -> None:
    """Registers who keeps the chats that are told of a kind of notification."""
    _keepers[kind] = keeper


def keeper_of(kind: str) -> Keeper:
    """Raises KeyError for a kind that is told to nobody's chat."""
    return _keepers[kind]
