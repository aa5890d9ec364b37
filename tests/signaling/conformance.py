"""Every frame that a test receives is held against the schema that docs/protocol.md is rendered from."""

from __future__ import annotations

from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from signaling.wire.docs import sent_by_server
from signaling.wire.error_codes import ERRORS
from signaling.wire.parse import type_of


@cache
def _known() -> dict[str, tuple[TypeAdapter[Any], frozenset[str]]]:
    return {type_of(frame): (TypeAdapter(frame), frozenset(frame.__annotations__)) for frame in sent_by_server()}


def fault(frame: dict[str, Any]) -> str | None:
    """What the reference does not say of this frame, or None."""
    if frame.get("type") not in _known():
        return f"no such type: {frame}"
    adapter, names = _known()[frame["type"]]
    if frame.keys() - names:
        return f"{frame['type']}: fields {sorted(frame.keys() - names)} are not in the reference"
    if frame["type"] == "error" and frame["code"] not in ERRORS:
        return f"error code {frame['code']} is not in the reference"
    try:
        adapter.validate_python(frame, strict=True)
    except ValidationError as error:
        return f"{frame['type']}: {error}"
    return None
