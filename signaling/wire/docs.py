"""The tables of docs/protocol.md, rendered from the schema: `manage.py protocol --write-docs` puts them there.

Prose in that file is written by hand; what stands between `<!-- schema: NAME -->` and `<!-- /schema -->` is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, NotRequired, get_args, get_origin, get_type_hints

from django.conf import settings
from pydantic.fields import FieldInfo
from typing_extensions import is_typeddict

from signaling.wire import outbound, peer_frames
from signaling.wire.error_codes import CLOSES, ERRORS
from signaling.wire.fields import SAFE_INTEGER
from signaling.wire.inbound import AnyFrame, Frame, FromCustomer, FromOperator
from signaling.wire.parse import type_of

DOCUMENT = Path(settings.BASE_DIR) / "docs" / "protocol.md"
BLOCK = re.compile(r"(<!-- schema: (\w+) -->\n).*?(<!-- /schema -->)", re.DOTALL)
COMMON = frozenset(Frame.__annotations__)
"""Fields that any frame may carry; said once."""


class Row(NamedTuple):
    """One field as people read it."""

    name: str
    type: str
    meaning: str


def sent_by_server() -> list[Any]:
    """Every frame class of the server, in the order of the modules."""
    shapes = [
        thing
        for module in (outbound, peer_frames)
        for thing in vars(module).values()
        if is_typeddict(thing) and thing.__module__ == module.__name__ and "type" in thing.__annotations__
    ]
    bases = {base for shape in shapes for base in shape.__orig_bases__}
    return [shape for shape in shapes if shape not in bases]


def sent_by_clients() -> list[tuple[Any, str]]:
    """Every frame class of the clients with its direction: `C → S`, `O → S` or `C, O → S`."""
    customers, operators = get_args(FromCustomer), get_args(FromOperator)
    directions = {(True, True): "C, O → S", (True, False): "C → S", (False, True): "O → S"}
    return [(frame, directions[frame in customers, frame in operators]) for frame in get_args(AnyFrame)]


def rows(shape: Any, *, without: frozenset[str] = frozenset()) -> list[Row]:
    """The fields of a typed dictionary."""
    hints = get_type_hints(shape, include_extras=True)
    return [_row(name, hint, shape) for name, hint in hints.items() if name not in without]


def document(text: str) -> str:
    """The given text of docs/protocol.md with every block as the schema has it."""
    return BLOCK.sub(lambda block: block[1] + BLOCKS[block[2]]() + block[3], text)


def _row(name: str, hint: Any, shape: Any) -> Row:
    optional = name not in shape.__required_keys__
    kind, notes = _described(hint)
    return Row(f"`{name}`{'?' if optional else ''}", kind, "; ".join(notes))


def _described(hint: Any) -> tuple[str, list[str]]:
    """How a type reads, and what is said about it: bounds, then descriptions."""
    origin = get_origin(hint)
    if origin is NotRequired:
        return _described(get_args(hint)[0])
    if origin is Annotated:
        inner, *marks = get_args(hint)
        kind, notes = _described(inner)
        for mark in marks:
            if isinstance(mark, FieldInfo):
                notes += [*_bounds(mark, kind), *([mark.description] if mark.description else [])]
        return kind, notes
    if origin is Literal:
        return " \\| ".join(f"`{value}`" if isinstance(value, str) else str(value) for value in get_args(hint)), []
    if origin in (list, dict):
        kind, notes = _described(get_args(hint)[-1])
        return (f"list of {kind}" if origin is list else f"object of {kind}"), notes
    if get_args(hint):
        parts = [_described(option) for option in get_args(hint)]
        return " \\| ".join(kind for kind, _notes in parts), [note for _kind, notes in parts for note in notes]
    if is_typeddict(hint):
        return _object(hint), []
    return {str: "text", int: "integer", float: "number", bool: "true/false", type(None): "null", Any: "any"}[hint], []


def _object(shape: Any) -> str:
    fields = (f"{row.name.replace('`', '')}: {row.type.replace('`', '')}" for row in rows(shape))
    return "{" + ", ".join(fields) + "}"


def _bounds(field: FieldInfo, kind: str) -> Iterator[str]:
    unit = " characters" if kind == "text" else ""
    names = {
        "ge": ("at least", ""),
        "le": ("at most", ""),
        "min_length": ("at least", unit),
        "max_length": ("at most", unit),
    }
    for mark in field.metadata:
        for name, (words, what) in names.items():
            limit = getattr(mark, name, None)
            if limit is not None:
                yield f"{words} {_number(limit)}{what}"


def _number(limit: float) -> str:
    return "2^53 - 1" if limit == SAFE_INTEGER else f"{limit:,.10g}"


def _frame(frame: Any, direction: str) -> str:
    lines = [f"### `{type_of(frame)}` ({direction})", "", _sentence(frame), ""]
    table = rows(frame, without=COMMON | {"type"})
    if table:
        lines += ["| field | type | meaning |", "|---|---|---|"]
        lines += [f"| {row.name} | {row.type} | {row.meaning} |" for row in table]
        lines.append("")
    return "\n".join(lines) + "\n"


def _sentence(frame: Any) -> str:
    return " ".join((frame.__doc__ or "").split())


def _client_frames() -> str:
    return "\n" + "\n".join(_frame(frame, direction) for frame, direction in sent_by_clients())


def _server_frames() -> str:
    return "\n" + "\n".join(_frame(frame, f"S → {_receivers(frame)}") for frame in sent_by_server())


def _receivers(frame: Any) -> str:
    return RECEIVERS.get(type_of(frame), "C, O")


def _errors() -> str:
    lines = ["\n| code | meaning | retry can help | close that follows |", "|---|---|---|---|"]
    for code, error in ERRORS.items():
        lines.append(f"| `{code}` | {error.meaning} | {'yes' if error.retryable else 'no'} | {error.closes or '–'} |")
    return "\n".join(lines) + "\n\n"


def _closes() -> str:
    rows_of_codes = [f"| {code} | {meaning} |" for code, meaning in CLOSES.items()]
    return "\n".join(["\n| code | meaning |", "|---|---|", *rows_of_codes]) + "\n\n"


def _common_fields() -> str:
    lines = [f"| {row.name} | {row.type} | {row.meaning} |" for row in rows(Frame)]
    return "\n".join(["\n| field | type | meaning |", "|---|---|---|", *lines]) + "\n\n"


RECEIVERS = {
    "queue:joined": "C",
    "queue:position": "C",
    "queue:refused": "C",
    "queue:left": "C",
    "queue:returned": "C",
    "resume:handle": "C",
    "call:control": "C",
    "operator:state": "O",
    "board": "O",
    "call:stats": "O",
    "chat:preview": "O",
    "admin:session:valid": "O",
    "admin:session:invalid": "O",
}
"""Who gets a frame of the server; both roles where nothing stands."""

BLOCKS = {
    "common": _common_fields,
    "client_frames": _client_frames,
    "server_frames": _server_frames,
    "errors": _errors,
    "closes": _closes,
}
