"""What must be so after a load or a fault, judged by what pages saw and what the database recorded.

Each function yields sentences about what is wrong.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from harness.people import Desk, Guest, Speaker

Records = dict[str, Any]
Line = tuple[str, str, str]
"""Conversation, side, text."""


@dataclass(frozen=True)
class Wipe:
    """Redis was emptied. `at`: ms since 1970; `unrecorded`: lines that stood in its journal and not yet elsewhere."""

    at: int
    unrecorded: frozenset[Line] = frozenset()


def problems(guests: Sequence[Guest], desks: Sequence[Desk], records: Records, wipes: Sequence[Wipe] = ()) -> list[str]:
    """What is wrong with a load in which Redis was emptied at `wipes`."""
    found = [fault for page in (*guests, *desks) for fault in page.faults]
    for rule in (served, recorded, lines):
        found += list(rule(guests, desks, records))
    found += list(history(guests, desks, records, frozenset().union(*(wipe.unrecorded for wipe in wipes))))
    times = [wipe.at for wipe in wipes]
    found += list(first_come_first_served(records, times, {guest.conversation for guest in guests}))
    return found


def unrecorded(entries: Iterable[tuple[str, dict[str, str]]]) -> frozenset[Line]:
    """The lines of chat among entries of the journal."""
    chat = [(fields["conversation"], json.loads(fields["data"])) for _, fields in entries if fields["type"] == "chat"]
    return frozenset((conversation, line["from"], line["text"]) for conversation, line in chat)


def served(guests: Sequence[Guest], desks: Sequence[Desk], records: Records) -> Iterator[str]:
    """Nobody is lost, and everybody has had one operator."""
    operators: dict[str, set[str]] = {}
    for desk in desks:
        for conversation in desk.served:
            operators.setdefault(conversation, set()).add(desk.name)
    for guest in guests:
        if guest.phase != "ended":
            yield f"{guest.name} ({guest.conversation}) is still {guest.phase}, at place {guest.position}"
        elif guest.reason != "hangup":
            yield f"{guest.name} ({guest.conversation}) was ended with {guest.reason}"
        elif len(who := operators.get(str(guest.conversation), set())) != 1:
            yield f"{guest.name} ({guest.conversation}) had the operators {sorted(who)}"


def recorded(guests: Sequence[Guest], desks: Sequence[Desk], records: Records) -> Iterator[str]:
    """The history knows each once, ended, and with the operator who served."""
    kinds = Counter((row[0], row[1]) for row in records["events"])
    for guest in guests:
        row = records["conversations"].get(guest.conversation)
        if row is None:
            yield f"{guest.name} ({guest.conversation}) is not in the history"
        elif row[0] != "ended" or row[1] != guest.reason:
            yield f"the history says of {guest.name} ({guest.conversation}) {row}"
        for kind in ("joined", "claimed", "ended"):
            times = kinds[guest.conversation, kind]
            if times > 1:
                yield f"{guest.name} ({guest.conversation}) is recorded as {kind} {times} times"


def lines(guests: Sequence[Guest], desks: Sequence[Desk], records: Records) -> Iterator[str]:
    """What was taken stands on the other page, once and in order."""
    for speaker, listener, conversation in talks(guests, desks):
        heard = listener.heard.get(conversation, {})
        for number, text, taken in speaker.said(conversation):
            if taken and number not in heard:
                yield f"{text!r} (id {number}) was taken and never shown to {listener.name}"
            elif heard.get(number, text) != text:
                yield f"{listener.name} was shown {heard[number]!r} for {text!r}"


def history(
    guests: Sequence[Guest], desks: Sequence[Desk], records: Records, lost: frozenset[Line] = frozenset()
) -> Iterator[str]:
    """The same lines are in the database, once each; those that were `lost` with Redis at most once."""
    written = Counter((row[0], row[1], row[3]) for row in records["chat"])
    for speaker, listener, conversation in talks(guests, desks):
        heard = listener.heard.get(conversation, {})
        for number, text, taken in speaker.said(conversation):
            line = (conversation, speaker.role, text)
            count = written[line]
            if (taken or number in heard) and count != 1 and not (count == 0 and line in lost):
                yield f"{text!r} is {count} times in the history"


def talks(guests: Iterable[Guest], desks: Iterable[Desk]) -> Iterator[tuple[Speaker, Speaker, str]]:
    """(who said it, who was to hear it, conversation), both ways."""
    desk_of = {conversation: desk for desk in desks for conversation in desk.served}
    for guest in guests:
        desk = desk_of.get(str(guest.conversation))
        if desk is not None and guest.conversation is not None:
            yield guest, desk, guest.conversation
            yield desk, guest, guest.conversation


def first_come_first_served(records: Records, wipes: Sequence[int], known: set[str | None]) -> Iterator[str]:
    """Each claim took the lowest ticket of those who waited, the absent ones that it names aside."""
    waiting: dict[str, int] = {}
    left = sorted(wipes)
    for conversation, kind, entry_id, data in records["events"]:
        while left and int(entry_id.split("-")[0]) >= left[0]:
            # Whoever comes back has its old ticket; who has not yet is not there to be taken.
            waiting.clear()
            left.pop(0)
        if kind == "joined" or (kind == "restored" and data["status"] == "waiting"):
            waiting[conversation] = int(data["ticket"])
        elif kind != "claimed":
            waiting.pop(conversation, None)
        elif conversation in waiting:
            mine = waiting.pop(conversation)
            passed = {cid for cid, ticket in waiting.items() if ticket < mine} - set(data.get("skipped") or [])
            if passed and not data.get("jumped") and conversation in known:
                yield f"{conversation} was taken before {sorted(passed)}, who had come earlier"
