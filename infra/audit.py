"""The audit trail as other apps write it: what happened, and by whom. The app that keeps the trail registers itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from django.http import HttpRequest


class Sink(Protocol):
    """Writes one event. `actor` is an adminId, `command`, or what did it by itself; `request` tells address and
    browser; `detail` is JSON without secrets."""

    def __call__(self, kind: str, actor: str, request: HttpRequest | None, detail: dict[str, Any]) -> None: ...


_sinks: list[Sink] = []


def register(sink: Sink) -> None:
    """Called once, by the app that keeps the trail."""
    if sink not in _sinks:
        _sinks.append(sink)


def record(kind: str, actor: str, request: HttpRequest | None = None, **detail: Any) -> None:
    """Adds one event, in the caller's transaction. RuntimeError when nobody keeps a trail: nothing goes unrecorded."""
    if not _sinks:
        raise RuntimeError("no audit trail is registered")
    for sink in _sinks:
        sink(kind, actor, request, detail)


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """What became otherwise, by name: [before, after], None where there is none. For `detail`."""
    return {
        name: [before.get(name), after.get(name)] for name in {**after, **before} if before.get(name) != after.get(name)
    }
