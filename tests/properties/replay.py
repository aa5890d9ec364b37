"""Rebuilds the state from the journal alone: 5. it equals the state, and 3. its claims follow the tickets."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import Any

from tests.properties.reader import State

SKIPS_LISTED = 20
PASSED_MOST = 3
DEFAULT = frozenset(("",))


@dataclass
class Rebuilt:
    line: dict[str, float] = field(default_factory=dict)
    active: dict[str, str] = field(default_factory=dict)
    ended: dict[str, str] = field(default_factory=dict)
    operators: dict[str, str] = field(default_factory=dict)
    lines: dict[str, list[tuple[str, int, str]]] = field(default_factory=dict)
    kinds: list[tuple[str, str]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    callbacks: dict[str, int] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    queued_in: dict[str, str] = field(default_factory=dict)
    priorities: dict[str, int] = field(default_factory=dict)
    passed: Counter[str] = field(default_factory=Counter)
    booked: set[str] = field(default_factory=set)
    brought_back: set[str] = field(default_factory=set)


Absent = Callable[[str, int], bool]
"""Whether a customer may have been absent for more than 5 s at a time (ms)."""


def rebuild(
    entries: list[tuple[str, dict[str, str]]],
    may_be_absent: Absent,
    here: Absent = lambda _cid, _at: False,
    served: Mapping[str, Set[str]] | None = None,
) -> Rebuilt:
    """`here`: whether a customer certainly had a page open at a time (ms). `served`: operator → lines; who is not in it
    serves the default line."""
    served = served or {}
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
            if kind == "joined" and "booked" in data:
                built.wrong += _booked(built, cid, data, int(fields["at"]))
            if data["ticket"] in [f"{ticket:.0f}" for ticket in built.line.values()]:
                built.wrong.append(f"{cid} has the ticket {data['ticket']} of somebody else")
            built.line[cid] = float(data["ticket"])
            built.queued_in[cid], built.priorities[cid] = data.get("line", ""), data.get("priority", 0)
            built.booked |= {cid} if data.get("booked") else set()
            built.brought_back |= {cid} if data.get("returning_from") else set()
        elif kind == "restored":
            built.active[cid] = built.operators[cid] = data["operator"]
        elif kind == "claimed":
            built.wrong += _claim(built, cid, data, int(fields["at"]), may_be_absent, served)
        elif kind in ("given-back", "transferred"):
            if built.active.pop(cid, None) != data["operator"]:
                built.wrong.append(f"{cid} left {data['operator']}, who had not claimed it")
            built.operators.pop(cid, None)
            if any(ticket <= float(data["ticket"]) for ticket in built.line.values()):
                built.wrong.append(f"{cid} was handed back and is not the first")
            built.line[cid] = float(data["ticket"])
            built.queued_in[cid] = data.get("line", built.queued_in.get(cid, ""))
            built.passed[cid] = 0
            built.brought_back.add(cid)
        elif kind.startswith("callback:"):
            built.wrong += _callback(built, cid, kind, data, int(fields["at"]), here)
        elif kind == "ended":
            calls = built.callbacks.pop(cid, None)
            if calls is not None and data["reason"] == "abandoned":
                built.wrong.append(f"{cid} was to be called and was given up")
            if data["reason"] == "callback-missed" and (calls != 2 or here(cid, int(fields["at"]))):
                built.wrong.append(f"{cid} was missed after {calls} calls, or was there")
            if cid not in built.line and cid not in built.active:
                built.wrong.append(f"{cid} ended without having been there")
            built.line.pop(cid, None)
            built.active.pop(cid, None)
            built.ended[cid] = data["reason"]
    return built


def _booked(built: Rebuilt, cid: str, data: dict[str, Any], at: int) -> Iterator[str]:
    """A1. Behind those who have a time and whom a call brought back, before all others, and the entry says so."""
    ticket, line = float(data["ticket"]), data.get("line", "")
    before = {other for other, theirs in built.line.items() if theirs < ticket}
    timed = [built.line[other] for other in built.line if other in built.booked]
    # Who came by a token only after a wipe, before a time that stood there already, keeps its old place.
    others = {
        other for other in before - built.booked - built.brought_back if built.line[other] > max(timed, default=0)
    }
    if others or max(timed, default=0) > ticket:
        yield f"{cid} has a time and stands behind {sorted(others)}, {built.booked} have one too: {built.line}"
    rest = [theirs for other, theirs in built.line.items() if other not in built.booked | built.brought_back]
    back = {other for other in built.brought_back & set(built.line) if built.line[other] < min(rest, default=9e15)}
    if back - before:
        yield f"{cid} stands before {back - before}, whom a call brought back: {built.line}"
    if data["booked"] > at:
        yield f"{cid} was called {data['booked'] - at} ms before its time"
    mine = [other for other in built.line if built.queued_in[other] == line]
    if (data["position"], data["behind"]) != (1 + len(before & set(mine)), len(set(mine) - before)):
        yield f"{cid} has the place {data['position']} before {data['behind']} of {mine}, before it are {before}"


def _callback(built: Rebuilt, cid: str, kind: str, data: dict[str, Any], at: int, here: Absent) -> Iterator[str]:
    """C3. Each call has a number of its own, at most two for each asking, and only for who waits and is not there."""
    if cid not in built.line:
        yield f"{kind} of {cid}, which does not wait"
    if kind == "callback:asked":
        built.callbacks.setdefault(cid, 0)
    elif kind == "callback:restored":
        built.callbacks[cid], built.numbers[cid] = data["calls"], data["call"]
    elif kind == "callback:cancelled":
        if built.callbacks.pop(cid, None) is None:
            yield f"{cid} took back what it had not asked for"
    elif kind == "callback:called":
        calls, number = built.callbacks.get(cid), built.numbers.get(cid, 0)
        if calls is None or calls >= 2 or data["call"] != number + 1:
            yield f"{cid} is called as {data}, before were {calls} and number {number}"
        if here(cid, at):
            yield f"{cid} is called while its page is open"
        built.callbacks[cid], built.numbers[cid] = (calls or 0) + 1, data["call"]


def _claim(
    built: Rebuilt,
    cid: str,
    data: dict[str, Any],
    at: int,
    may_be_absent: Absent,
    served: Mapping[str, Set[str]],
) -> Iterator[str]:
    operator = str(data["operator"])
    if cid not in built.line:
        yield f"{cid} was claimed and did not wait"
    if operator in built.active.values():
        yield f"{operator} claimed {cid} in a call"
    ticket = built.line.pop(cid, 0.0)
    built.active[cid] = built.operators[cid] = operator
    if bool(data.get("callback")) != (built.callbacks.pop(cid, None) is not None):
        yield f"{cid} was claimed, and whether it was to be called is told wrongly"
    before = sorted((other for other in built.line if built.line[other] < ticket), key=lambda other: built.line[other])
    lines = served.get(operator, DEFAULT)
    ahead = [other for other in before if built.queued_in.get(other, "") in lines]
    if data.get("passed_on"):
        return
    if data.get("chosen") or "jumped" in data:
        ahead = [other for other in before if built.queued_in.get(other, "") == built.queued_in.get(cid, "")]
        if data.get("jumped", 0) != len(ahead):
            yield f"{cid} jumped {data.get('jumped')} and passed {ahead}"
        return
    if built.queued_in.get(cid, "") not in lines:
        yield f"{operator} claimed {cid} of {built.queued_in.get(cid)} and serves {lines}"
    kept = data.get("kept") or []
    if not set(kept) <= set(ahead):
        yield f"{cid} passed {kept}, ahead were {ahead}"
    ahead = [other for other in ahead if other not in kept]
    skipped = data.get("skipped") or []
    if data.get("over"):
        yield from _passed(built, cid, data, [other for other in ahead if other not in skipped])
        return
    if skipped != ahead[:SKIPS_LISTED]:
        yield f"{cid} was claimed before {ahead}, skipped says {skipped}"
    for other in ahead:
        # Who left to be called is passed over at once: nobody waits for a blink.
        if other not in built.callbacks and not may_be_absent(other, at):
            yield f"{other} was passed over for {cid} and had not been absent for 5 s"


def _passed(built: Rebuilt, cid: str, data: dict[str, Any], passed: list[str]) -> Iterator[str]:
    """By priority: over whom, and that it was no more often than may be."""
    lines = {built.queued_in.get(other, "") for other in passed}
    if not lines >= set(data["over"]):
        yield f"{cid} passed somebody of {data['over']} and before it were {passed}"
    if built.priorities.get(cid, 0) != data["urgent"]:
        yield f"{cid} has the priority {built.priorities.get(cid)} and passed {passed} with {data['urgent']}"
    for other in passed:
        built.passed[other] += 1
        if built.passed[other] > PASSED_MOST:
            yield f"{other} was passed {built.passed[other]} times, last by {cid}"


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
        if len(set(lines)) != len(lines):
            yield f"{cid}: a line twice in {lines}"
        kept = int(state.chat.get(f"{cid}:n", 0))
        texts = [json.loads(state.chat[f"{cid}/{n}"])["text"] for n in range(1, kept + 1) if f"{cid}/{n}" in state.chat]
        if texts != [text for _side, _number, text in lines]:
            yield f"{cid}: the journal has {lines}, the transcript {texts}"
