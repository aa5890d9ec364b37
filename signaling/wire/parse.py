"""The wire: text to checked frame, and frame to text.

`parse` raises :class:`FrameError` for everything a client can get wrong; nothing else leaves it. Forwarded frames are
written from the checked values, never copied from what came in.
"""

from __future__ import annotations

import json
import re
from typing import Annotated, Any, Literal, cast, get_args

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from pydantic import Field, TypeAdapter, ValidationError
from pydantic_core import to_json

from infra.errors import DomainError
from signaling.wire.fields import JSON_BRACKETS, JSON_DEPTH, SAFE_INTEGER
from signaling.wire.inbound import AnyFrame, FromCustomer, FromOperator

SUBPROTOCOL = "adminara.v1"
Role = Literal["customer", "operator"]

# The validators themselves: an adapter's own method is one more call for every frame.
_VALIDATORS: dict[Role, Any] = {
    "customer": TypeAdapter(Annotated[FromCustomer, Field(discriminator="type")]).validator,
    "operator": TypeAdapter(Annotated[FromOperator, Field(discriminator="type")]).validator,
}


def type_of(frame_class: Any) -> str:
    """The value of `type` that a frame class stands for."""
    return str(get_args(frame_class.__annotations__["type"])[0])


KNOWN_TYPES = frozenset(type_of(frame) for frame in get_args(AnyFrame))

_MESSAGES = {
    "bad_json": gettext_noop("The frame is not a JSON object with a type."),
    "too_deep": gettext_noop("The frame is nested too deeply."),
    "unknown_type": gettext_noop("This type of frame is not known."),
    "not_allowed": gettext_noop("You may not send this type of frame."),
    "bad_frame": gettext_noop("The frame does not match its schema; see fields."),
}


class FrameError(DomainError):
    """A frame that cannot be taken. `ref` names what it answers: the frame's id, else its type, else nothing."""

    def __init__(self, code: str, ref: int | str | None = None, fields: dict[str, str] | None = None) -> None:
        super().__init__(code, _(_MESSAGES[code]), fields=fields)
        self.ref = ref


def parse(role: Role, text: str) -> AnyFrame:
    """The checked frame of a text that fits the size limit. Raises FrameError."""
    if text.count("[") + text.count("{") > JSON_DEPTH and _is_too_deep(text):
        raise FrameError("too_deep", _reference(_read(text)))
    try:
        return cast(AnyFrame, _VALIDATORS[role].validate_json(text))
    except ValidationError as error:
        raise _explain(text, error) from None


def encode(frame: Any) -> bytes:
    """Compact JSON of plain values."""
    return to_json(frame)


ROUTING = frozenset(("ack", "conversation"))
ROUTING_AND_ID = ROUTING | {"id"}
ROUTING_AND_FILE = ROUTING | {"file"}
"""Of a line of chat: what its receiver learns of a file is what we know of it."""


def forwarded(frame: AnyFrame, without: frozenset[str] = ROUTING) -> bytes:
    """What the peer gets of a checked frame: its own fields without the routing ones."""
    kept: dict[str, Any] = {**frame}
    for name in without:
        kept.pop(name, None)
    return to_json(kept)


_BRACKETS = re.compile(r"[\[\]{}]")


def _is_too_deep(text: str) -> bool:
    """Whether brackets outside strings nest deeper than JSON_DEPTH, or are more than any frame has."""
    outside = "".join(text.replace("\\\\", "").replace('\\"', "").split('"')[::2])
    if sum(map(outside.count, "[]{}")) > JSON_BRACKETS:
        return True
    depth = 0
    # Bounded by the count above; a frame has 64 KiB, and a stranger chooses what they are.
    for bracket in _BRACKETS.findall(outside):
        depth += 1 if bracket in "[{" else -1
        if depth > JSON_DEPTH:
            return True
    return False


def _explain(text: str, error: ValidationError) -> FrameError:
    faults = error.errors(include_url=False, include_context=False)
    kind = faults[0]["type"]
    given = _read(text)
    reference = _reference(given)
    if kind == "json_invalid":
        return FrameError("too_deep" if "recursion" in faults[0]["msg"] else "bad_json", reference)
    if reference is None:
        return FrameError("bad_json")
    if kind == "union_tag_invalid":
        return FrameError("not_allowed" if given["type"] in KNOWN_TYPES else "unknown_type", reference)
    fields = {".".join(str(part) for part in fault["loc"][1:]): _sentence(fault["msg"]) for fault in faults[:8]}
    return FrameError("bad_frame", reference, fields)


def _read(text: str) -> Any:
    """The JSON of a refused frame, read leniently: halves of an emoji and NaN pass, so that the answer can name it."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _reference(given: Any) -> int | str | None:
    """The frame's id when it has a usable one, else its type; None for what is not an object with a type."""
    if not isinstance(given, dict) or not isinstance(name := given.get("type"), str):
        return None
    identifier = given.get("id")
    if type(identifier) is int and 0 < identifier <= SAFE_INTEGER:
        return identifier
    return name[:64].encode(errors="replace").decode()


def _sentence(message: str) -> str:
    return message.removeprefix("Value error, ")[:200].encode(errors="replace").decode()
