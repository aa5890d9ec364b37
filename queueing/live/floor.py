"""The whole floor as supervisors see it, and what they may do there; each act is one atomic step."""

from __future__ import annotations

import json
from typing import Any, Literal, NamedTuple

from infra.redis.scripts import Command, text
from queueing.live.call_snapshot import FRESH_MS
from queueing.live.grades import quality_grade
from queueing.live.store import config, script

ROWS = 200
Act = Literal["transfer", "end", "take", "break"]


class Step(NamedTuple):
    """What a supervisor does. `conversation` is empty for a break; `operator`: who has it, as the page showed, or who
    is to go on a break, empty for a conversation that waits; `to` is empty for whoever is free.
    """

    act: Act
    supervisor: str
    conversation: str
    operator: str
    to: str = ""
    note: str = ""
    name: str = ""
    """The supervisor's, for the operator who gets the conversation."""
    line: str = ""
    """JSON of the department that it is passed on to, as its record has it; empty: where it is."""


def supervise(step: Step) -> Command[str]:
    """Answers claimed, reserved, waiting, ended or break. Errors: moved, off_shift, busy, offline, recovering,
    transfer_off, transfer_self, transfer_offline, transfer_taken, line_offline."""
    return Command(script("supervise"), (config(), *step), text)


def floor(rows: int = ROWS) -> Command[dict[str, Any]]:
    """What lua/floor.lua answers. Instead of `stats` a call has `grades`: how well the customer and the operator hear
    and see each other, by their pages' last figures; unknown where they have told nothing lately."""
    return Command(script("floor"), (rows,), _floor)


def _floor(reply: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(reply)
    for call in found["calls"]:
        call["grades"] = [_grade(told, found["now"]) for told in call.pop("stats")]
    return found


def _grade(told: str, now: int) -> str:
    """A word of `queueing.live.grades` for a party's last figures."""
    stats = json.loads(told) if told else {}
    if now - stats.get("at", 0) > FRESH_MS:
        return "unknown"
    quality = stats.get("quality")
    if isinstance(quality, str):
        return quality if quality in ("good", "fair", "poor", "bad") else "unknown"
    return quality_grade(quality)
