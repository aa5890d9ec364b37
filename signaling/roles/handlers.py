"""Which method of a role handles which type of frame: said where the method stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from inspect import iscoroutinefunction
from typing import Any, NamedTuple, TypeVar

Handler = Callable[[Any, Any], Any]
Method = TypeVar("Method", bound=Handler)


class _Mark(NamedTuple):
    types: tuple[str, ...]
    relay_only: bool


class Handlers(NamedTuple):
    """By type of frame. `quick` ones do not wait, except that they may make the receive loop busy; a frame that is
    relayed therefore needs no task. `slow` ones are coroutines. `relay_only`: `quick` where neither side may learn the
    other's address.
    """

    quick: dict[str, Handler]
    slow: dict[str, Handler]
    relay_only: dict[str, Handler]


def handles(*types: str, relay_only: bool = False) -> Callable[[Method], Method]:
    """The method takes frames of these types: a coroutine as a slow handler, anything else as a quick one.

    A subclass that overrides the method takes them in its stead. `relay_only`: only under that policy, before others.
    """

    def mark(method: Method) -> Method:
        method.handles = _Mark(types, relay_only)  # type: ignore[attr-defined]
        return method

    return mark


def handlers_of(role: type) -> Handlers:
    """The tables of a role and the classes that it extends."""
    found = Handlers({}, {}, {})
    special: dict[str, Handler] = {}
    for name, mark in _marks(role):
        method = getattr(role, name)
        table = special if mark.relay_only else found.slow if iscoroutinefunction(method) else found.quick
        table.update(dict.fromkeys(mark.types, method))
    found.relay_only.update(found.quick | special)
    return found


def _marks(role: type) -> Iterator[tuple[str, _Mark]]:
    for base in role.__mro__:
        for name, method in vars(base).items():
            mark = getattr(method, "handles", None)
            if isinstance(mark, _Mark):
                yield name, mark
