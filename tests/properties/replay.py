"""Rebuilds the state from the journal alone: 5. it equals the state, and 3. its claims follow the tickets."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.properties.reader import State

SKIPS_LISTED = 20


@dataclass
class Rebuilt:
    line: dict[str, float] = field(default_factory=dict)
    active: dict[str, str] = field(default_factory=dict)
    ended: dict[str, str] = field(default_factory=dict)
    operators: dict[str, str] = field(default_factory=dict)
    lines: dict[str, list[tuple[str, int, str]]] = field(default_factory=dict)
    kinds: list[tuple[str, str]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


Absent = Callable[[str, int], bool]
"""Whether a customer may have been absent for more than 5 s at a time (ms)."""


def rebuild(entries: list[tuple[str, dict[str, str]]], may_be_absent: Absent) -> Rebuilt:
    built = Rebuilt()
    for _entry_id, fields in entries:
        kind, cid, data = fields["type"], fields["conversation"], json.loads(fields["data"])
        if kind == "chat":
            built.lines.setdefault(cid, []).append((data["from"], data["id"], data["text"]))
            if built.active.get(cid) is None:
                built.wrong.append(f"a line in {cid}, which is not in a call")
            continue
        built.kinds.append((cid, kind))
        if kind == "joined" or (kind == "restored" and data["status"] == "waiting"):
            if cid in built.line or cid in built.active or cid in built.ended:
                built.wrong.append(f"{cid} joined twice")
            built.line[cid] = float(data["ticket"])
        elif kind == "restored":
            built.active[cid] = built.operators[cid] = data["operator"]
        elif kind == "claimed":
            built.wrong += _claim(built, cid, data, int(fields["at"]), may_be_absent)
        elif kind == "ended":
            if cid not in built.line and cid not in built.active:
                built.wrong.append(f"{cid} ended without having been there")
            built.line.pop(cid, None)
            built.active.pop(cid, None)
            built.ended[cid] = data["reason"]
    return built


def _claim(built: Rebuilt, cid: str, data: dict[str, object], at: int, may_be_absent: Absent) -> Iterator[str]:
    operator = str(data["operator"])
    if cid not in built.line:
        yield f"{cid} was claimed and did not wait"
    if operator in built.active.values():
        yield f"{operator} claimed {cid} in a call"
    ticket = built.line.pop(cid, 0.0)
    built.active[cid] = built.operators[cid] = operator
    ahead = sorted((other for other in built.line if built.line[other] < ticket), key=lambda other: built.line[other])
    if data.get("jumped"):
        if data["jumped"] != len(ahead):
            yield f"{cid} jumped {data['jumped']} and passed {ahead}"
        return
    skipped = data.get("skipped") or []
    if skipped != ahead[:SKIPS_LISTED]:
        yield f"{cid} was claimed before {ahead}, skipped says {skipped}"
    for other in ahead:
        if not may_be_absent(other, at):
            yield f"{other} was passed over for {cid} and had not been absent for 5 s"


def differences(state: State, built: Rebuilt, purged: set[str] = frozenset()) -> Iterator[str]:  # type: ignore[assignment]
    """How the rebuilt state differs from the state. `purged`: ended conversations that may be forgotten."""
    yield from built.wrong
    if built.line != state.line:
        yield f"the journal's queue is {built.line}, the queue is {state.line}"
    if built.active != state.active:
        yield f"the journal's calls are {built.active}, the calls are {state.active}"
    ended = {cid: record["reason"] for cid, record in state.records.items() if record["status"] == "ended"}
    missing = {cid: reason for cid, reason in built.ended.items() if cid not in purged or cid in ended}
    if missing != ended:
        yield f"the journal's ends are {missing}, the ends are {ended}"
    for cid, record in state.records.items():
        if built.operators.get(cid) != record.get("operator"):
            yield f"{cid}: the journal says {built.operators.get(cid)}, the record {record.get('operator')}"
        lines = built.lines.get(cid, [])
        if len({(side, number) for side, number, _text in lines}) != len(lines):
            yield f"{cid}: a line twice in {lines}"
        kept = int(state.chat.get(f"{cid}:n", 0))
        texts = [json.loads(state.chat[f"{cid}/{n}"])["text"] for n in range(1, kept + 1) if f"{cid}/{n}" in state.chat]
        if texts != [text for _side, _number, text in lines]:
            yield f"{cid}: the journal has {lines}, the transcript {texts}"
