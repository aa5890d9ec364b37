"""What must be so after a load or a fault, judged by what pages saw and what the database recorded.

Each function yields sentences about what is wrong.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.people import Desk, Guest, Speaker

Records = dict[str, Any]
PASSED_MOST = 3
"""By priority, as PRIORITY_MAX_PASSED has it."""
PARTED = ("transferred", "given-back")
"""Entries of the journal by which a customer goes on to another operator."""
Line = tuple[str, str, str]
"""Conversation, side, text."""


@dataclass(frozen=True)
class Waiting:
    """A place in the queue; `line` is empty in the default one."""

    ticket: int
    line: str


@dataclass(frozen=True)
class Wipe:
    """Redis was emptied. `at`: ms since 1970; `unrecorded`: lines that stood in its journal and not yet elsewhere."""

    at: int
    unrecorded: frozenset[Line] = frozenset()


def problems(guests: Sequence[Guest], desks: Sequence[Desk], records: Records, wipes: Sequence[Wipe] = ()) -> list[str]:
    """What is wrong with a load in which Redis was emptied at `wipes`."""
    found = [fault for page in (*guests, *desks) for fault in page.faults]
    found += list(served(guests, desks, records, wiped=bool(wipes)))
    found += list(recorded(guests, desks, records))
    found += list(lines(guests, desks, records, wiped=bool(wipes)))
    found += list(history(guests, desks, records, frozenset().union(*(wipe.unrecorded for wipe in wipes))))
    times = [wipe.at for wipe in wipes]
    known: set[str | None] = {guest.conversation for guest in guests}
    found += list(first_come_first_served(records, times, known, {desk.name: desk.lines_served for desk in desks}))
    return found


def unrecorded(entries: Iterable[tuple[str, dict[str, str]]]) -> frozenset[Line]:
    """The lines of chat among entries of the journal."""
    chat = [(fields["conversation"], json.loads(fields["data"])) for _, fields in entries if fields["type"] == "chat"]
    return frozenset((conversation, line["from"], line["text"]) for conversation, line in chat)


def served(guests: Sequence[Guest], desks: Sequence[Desk], records: Records, *, wiped: bool = False) -> Iterator[str]:
    """Nobody is lost, and everybody has had one operator at a time: one, and another one after each time that the
    history says who parted. `wiped`: with Redis the word of a transfer may have gone, and only the desk knows of it."""
    operators: dict[str, set[str]] = {}
    for desk in desks:
        for conversation in desk.served:
            operators.setdefault(conversation, set()).add(desk.name)
    passed = {conversation for desk in desks for conversation in desk.passed}
    claims = _claims(records)
    for guest in guests:
        cid = str(guest.conversation)
        who, taken, parted = operators.get(cid, set()), claims.get(cid, []), _parted(records)[cid]
        if guest.phase != "ended":
            yield f"{guest.name} ({cid}) is still {guest.phase}, at place {guest.position}"
        elif guest.reason != "hangup":
            yield f"{guest.name} ({cid}) was ended with {guest.reason}"
        elif wiped and cid in passed:
            if not who:
                yield f"{guest.name} ({cid}) had no operator"
        elif len(who) != 1 and (not parted or who != set(taken)):
            yield f"{guest.name} ({cid}) had the operators {sorted(who)}"
        elif parted and len(taken) != parted + 1:
            yield f"{guest.name} ({cid}) was claimed {len(taken)} times and parted {parted} times"


def _claims(records: Records) -> dict[str, list[str]]:
    """Who took each conversation, in order."""
    found: dict[str, list[str]] = {}
    for conversation, kind, _entry, data in records["events"]:
        if kind == "claimed":
            found.setdefault(conversation, []).append(data["operator"])
    return found


def _parted(records: Records) -> Counter[str]:
    """How often each went on to somebody else: passed on, or not answered."""
    return Counter(row[0] for row in records["events"] if row[1] in PARTED)


def recorded(guests: Sequence[Guest], desks: Sequence[Desk], records: Records) -> Iterator[str]:
    """The history knows each once, ended, and with the operator who served."""
    kinds = Counter((row[0], row[1]) for row in records["events"])
    parted = _parted(records)
    for guest in guests:
        row = records["conversations"].get(guest.conversation)
        if row is None:
            yield f"{guest.name} ({guest.conversation}) is not in the history"
        elif row[0] != "ended" or row[1] != guest.reason:
            yield f"the history says of {guest.name} ({guest.conversation}) {row}"
        for kind in ("joined", "claimed", "ended"):
            times = kinds[guest.conversation, kind]
            most = 1 + parted[str(guest.conversation)] if kind == "claimed" else 1
            if times > most:
                yield f"{guest.name} ({guest.conversation}) is recorded as {kind} {times} times"


def lines(guests: Sequence[Guest], desks: Sequence[Desk], records: Records, *, wiped: bool = False) -> Iterator[str]:
    """What was taken stands on the other page, once and in order. `wiped`: who takes a conversation over after that is
    not shown what Redis has forgotten; the operator of then was."""
    for speaker, listener, conversation in talks(guests, desks, records):
        heard = listener.heard.get(conversation, {})
        if wiped and speaker.role == "customer":
            heard = {number: text for desk in desks for number, text in desk.heard.get(conversation, {}).items()}
        # Each operator's page counts by itself: under the number of a line that was not taken may stand the next one's.
        others = {text for desk in desks if desk is not speaker for _id, text, _taken in desk.said(conversation)}
        for number, text, taken in speaker.said(conversation):
            if taken and number not in heard:
                yield f"{text!r} (id {number}) was taken and never shown to {listener.name}"
            elif heard.get(number, text) != text and (taken or heard[number] not in others):
                yield f"{listener.name} was shown {heard[number]!r} for {text!r}"


def history(
    guests: Sequence[Guest], desks: Sequence[Desk], records: Records, lost: frozenset[Line] = frozenset()
) -> Iterator[str]:
    """The same lines are in the database, once each; those that were `lost` with Redis at most once."""
    written = Counter((row[0], row[1], row[3]) for row in records["chat"])
    for speaker, listener, conversation in talks(guests, desks, records):
        heard = listener.heard.get(conversation, {})
        for number, text, taken in speaker.said(conversation):
            line = (conversation, speaker.role, text)
            count = written[line]
            if (taken or heard.get(number) == text) and count != 1 and not (count == 0 and line in lost):
                yield f"{text!r} is {count} times in the history"


def talks(guests: Iterable[Guest], desks: Iterable[Desk], records: Records) -> Iterator[tuple[Speaker, Speaker, str]]:
    """(who said it, who was to hear it, conversation), both ways. The last operator is shown all that the customer
    said, also to those before."""
    claims = _claims(records)
    for guest in guests:
        conversation = str(guest.conversation)
        here = {desk.name: desk for desk in desks if conversation in desk.served}
        if not here:
            continue
        last = [name for name in claims.get(conversation, []) if name in here]
        yield guest, here[last[-1]] if last else [*here.values()][-1], conversation
        for desk in here.values():
            yield desk, guest, conversation


def first_come_first_served(
    records: Records, wipes: Sequence[int], known: set[str | None], lines_of: Mapping[str, Collection[str]]
) -> Iterator[str]:
    """Each claim took the lowest ticket of those who waited for its operator, but for what the fairness log says of it:
    who was passed over and why, or that it was not the customer's turn. Nobody was passed too often by priority.

    `lines_of`: the departments that each operator serves.
    """
    waiting: dict[str, Waiting] = {}
    left = sorted(wipes)
    passed_by_priority: Counter[tuple[str, int]] = Counter()
    waits: Counter[str] = Counter()
    aside = {(entry, who) for entry, kind, who, _other in records["fairness"] if kind in ("skipped", "kept")}
    out_of_turn = {(entry, who) for entry, kind, who, _other in records["fairness"] if kind in ("jumped", "taken-on")}
    urgent = {(entry, who) for entry, kind, who, _other in records["fairness"] if kind == "urgent"}
    lines: dict[str, str] = {}
    for conversation, kind, entry_id, data in records["events"]:
        while left and int(entry_id.split("-")[0]) >= left[0]:
            # Whoever comes back has its old ticket; who has not yet is not there to be taken.
            waiting.clear()
            left.pop(0)
        if kind in PARTED:
            waits[conversation] += 1  # a wait that begins anew, before all others
        if kind == "joined" or (kind == "restored" and data["status"] == "waiting") or kind in PARTED:
            # Of who goes on, only another department is told.
            lines[conversation] = data.get("line", lines.get(conversation, "") if kind in PARTED else "")
            waiting[conversation] = Waiting(int(data["ticket"]), lines[conversation])
        elif kind != "claimed":
            waiting.pop(conversation, None)
        elif conversation in waiting:
            mine, served = waiting.pop(conversation), lines_of.get(data["operator"], ("",))
            before = [cid for cid, one in waiting.items() if one.ticket < mine.ticket and one.line in served]
            passed = {cid for cid in before if (entry_id, cid) not in aside}
            if mine.line not in served and conversation in known:
                yield f"{conversation} was taken by {data['operator']}, who does not serve {mine.line or 'it'}"
            if passed and (entry_id, conversation) in urgent:
                passed_by_priority.update((cid, waits[cid]) for cid in passed)
            elif passed and (entry_id, conversation) not in out_of_turn and conversation in known:
                yield f"{conversation} was taken before {sorted(passed)}, who had come earlier"
    for (conversation, _wait), times in passed_by_priority.items():
        if times > PASSED_MOST and conversation in known:
            yield f"{conversation} was passed {times} times by priority"
