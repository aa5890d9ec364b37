"""Browsers of people whom this app does not know: the app that keeps them says where a push goes and what it says, and
hears when it could not be delivered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

Context = Mapping[str, Any]


class Browser(Protocol):
    """`endpoint`: where its push service takes messages for it; what they are encrypted for, base64url."""

    @property
    def endpoint(self) -> str: ...
    @property
    def public_key(self) -> str: ...
    @property
    def secret(self) -> str: ...


@dataclass(frozen=True)
class Words:
    """What is shown, and where a press on it leads (a path of ours). Push services keep it for a while, and screens
    show it while they are locked: no name, no topic."""

    title: str
    body: str
    url: str


@dataclass(frozen=True)
class Push:
    browser: Browser
    words: Words


class Keeper(Protocol):
    """Of one kind of notification."""

    def find(self, context: Context, language: str) -> Push | None:
        """None where there is nobody to tell any more."""
        ...

    def drop(self, context: Context) -> None:
        """The browser wants none any more."""
        ...

    def given_up(self, context: Context, language: str) -> None:
        """It was not delivered and is not tried again; in the transaction that ends the delivery."""
        ...


_keepers: dict[str, Keeper] = {}


def kept_by(kind: str, keeper: Keeper) -> None:
    """Registers who keeps the browsers that are told of a kind of notification."""
    _keepers[kind] = keeper


def keeper_of(kind: str) -> Keeper | None:
    """None for kinds that are told to operators' browsers (`subscriptions`)."""
    return _keepers.get(kind)
