"""What the store still has of a conversation after its end, for at most STATE_TTL_SECS: who, when, and every line."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.redis.scripts import Command, load, text
from queueing.live.files import FileInfo, file_of, infos_of

LUA = Path(__file__).parent / "lua"


@dataclass(frozen=True)
class Line:
    """`sender`: customer or operator; `number`: the sender's own id of it; `at`: ms since 1970; `file`: as it is."""

    sender: str
    number: int
    text: str
    at: int
    file: FileInfo | None = None


@dataclass(frozen=True)
class Said:
    """Times in ms since 1970, None where it did not come to that. `earlier`: older lines that the store dropped."""

    conversation: str
    ended: bool
    reason: str
    name: str
    topic: str
    media: str
    operator: str
    joined_at: int | None
    claimed_at: int | None
    ended_at: int | None
    lines: tuple[Line, ...]
    earlier: int


def said(conversation: str) -> Command[Said | None]:
    """None for a conversation that the store does not know (any more)."""
    return Command(load(LUA / "said.lua"), (conversation,), _parse)


def _parse(reply: Any) -> Said | None:
    raw, operator, earlier, lines, files = reply
    if not raw:
        return None
    record: dict[str, Any] = json.loads(raw)
    infos = infos_of(files)
    return Said(
        conversation=str(record.get("id", "")),
        ended=record.get("status") == "ended",
        reason=str(record.get("reason") or ""),
        name=str(record.get("name") or ""),
        topic=str(record.get("topic") or ""),
        media=str(record.get("media") or "chat"),
        operator=text(operator),
        joined_at=_ms(record.get("joined_at")),
        claimed_at=_ms(record.get("claimed_at")),
        ended_at=_ms(record.get("ended_at")),
        lines=tuple(_line(line, infos) for line in lines),
        earlier=int(earlier),
    )


def _ms(value: Any) -> int | None:
    return int(value) if isinstance(value, int | float) and value > 0 else None


def _line(raw: Any, infos: dict[str, FileInfo]) -> Line:
    line = json.loads(raw)
    return Line(line["from"], int(line.get("id") or 0), line.get("text", ""), int(line["at"]), file_of(line, infos))
