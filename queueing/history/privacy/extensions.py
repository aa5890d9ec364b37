"""What packages above keep of a conversation, in tables of their own: they say here how it is exported and erased."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model

Forget = Callable[[Sequence[str]], None]
"""Takes the words about people out of what is kept of these conversations, in the transaction that is open."""
ForgetPerson = Callable[[str], None]
"""Takes out what is kept of whom a site calls by this identity, besides their conversations."""
Discard = Callable[[Sequence[str]], list[str]]
"""Deletes, outside of any transaction, what lies elsewhere of conversations that were forgotten. Answers sentences on
what is still held."""
Export = Callable[[Sequence[str], str | None], dict[str, list[dict[str, Any]]]]
"""Conversations, and the identity that they have in common or None → plain JSON, by a name for each kind of thing."""

Find = Callable[[Sequence[str]], list[str]]
"""E-mail addresses → the conversations that were, or are to be, with whoever reads them, and say no identity."""


@dataclass(frozen=True)
class Typed:
    """What is kept under a mailbox (infra/mail.py) that somebody typed, whatever conversation it belongs to: told as an
    export is, and taken out in the transaction that is open."""

    export: Callable[[str], dict[str, list[dict[str, Any]]]]
    forget: Callable[[str], None]


_known: list[Forget] = []
_of_persons: list[ForgetPerson] = []
_discards: list[Discard] = []
_finds: list[Find] = []
_typed: list[Typed] = []
_exports: list[tuple[tuple[type[Model], ...], Export]] = []


def forgotten_by(forget: Forget, person: ForgetPerson | None = None) -> None:
    """Called once, when Django starts."""
    if forget not in _known:
        _known.append(forget)
    if person is not None and person not in _of_persons:
        _of_persons.append(person)


def discarded_by(discard: Discard) -> None:
    """Called once, when Django starts."""
    if discard not in _discards:
        _discards.append(discard)


def found_by(find: Find) -> None:
    """Called once, when Django starts."""
    if find not in _finds:
        _finds.append(find)


def typed_by(typed: Typed) -> None:
    """Called once, when Django starts."""
    if typed not in _typed:
        _typed.append(typed)


def exported_by(export: Export, *tables: type[Model]) -> None:
    """Called once, when Django starts. Other tables that hang on a conversation are exported row by row; of `tables`
    `export` says what is in them: all in which it keeps something of people, whatever they hang on."""
    if (tables, export) not in _exports:
        _exports.append((tables, export))


def found(addresses: Sequence[str]) -> list[str]:
    return [conversation for one in _finds for conversation in one(addresses)]


def forget(conversations: Sequence[str]) -> None:
    for one in _known:
        one(conversations)


def forget_person(identity: str) -> None:
    for one in _of_persons:
        one(identity)


def forget_mailbox(mailbox: str) -> None:
    for one in _typed:
        one.forget(mailbox)


def exported_of_mailbox(mailbox: str) -> dict[str, list[dict[str, Any]]]:
    return {name: rows for one in _typed for name, rows in one.export(mailbox).items()}


def discard(conversations: Sequence[str]) -> list[str]:
    return [sentence for one in _discards for sentence in one(conversations)]


def exported(conversations: Sequence[str], identity: str | None) -> dict[str, Any]:
    return {name: rows for _tables, export in _exports for name, rows in export(conversations, identity).items()}


def tables() -> list[type[Model]]:
    """Those of packages above in which something of people is kept."""
    return [table for named, _export in _exports for table in named]


def speaks_for_itself(model: type[Model]) -> bool:
    return any(model in tables for tables, _export in _exports)
