"""100 pairings: customers and operators come in random order, talk, and end; then every count of it has to agree."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bench.load.detours import Detours
from bench.load.figures import Metrics, scrape, total
from bench.load.participants import Participants
from harness.judge import Records
from harness.people import Desk, Guest

LINES = 5
CANDIDATES = 5
ARRIVAL_SECS = 12.0
PATIENCE_SECS = 60.0


@dataclass(frozen=True)
class Equal:
    """One thing counted in several places."""

    what: str
    counts: dict[str, float]

    @property
    def holds(self) -> bool:
        return len(set(self.counts.values())) == 1

    def row(self) -> tuple[str, str, str]:
        told = ", ".join(f"{place} {value:.0f}" for place, value in self.counts.items())
        return self.what, "equal" if self.holds else "DIFFERENT", told


async def play(participants: Participants, customers: int, desks: Sequence[Desk], detours: Detours) -> None:
    """Everybody has ended when it returns. TimeoutError when not."""
    guests = [detours.set_out(participants.guest(f"Guest {number}")) for number in range(customers)]
    tasks = [asyncio.create_task(_come(participants, guest)) for guest in guests]
    shifts = [asyncio.create_task(_serve(desk, detours)) for desk in desks]
    try:
        async with asyncio.timeout(ARRIVAL_SECS + PATIENCE_SECS):
            await asyncio.gather(*tasks)
    finally:
        for shift in shifts:
            shift.cancel()
        await asyncio.gather(*shifts, return_exceptions=True)


async def _come(participants: Participants, guest: Guest) -> None:
    await asyncio.sleep(random.uniform(0, ARRIVAL_SECS))
    participants.open(guest)
    await guest.until(lambda: guest.phase in ("active", "ended"))
    assert guest.conversation is not None
    for _ in range(LINES):
        guest.candidate(guest.conversation)
        guest.say(guest.conversation)
        await asyncio.sleep(random.uniform(0, 0.1))
    await guest.until(lambda: guest.phase == "ended")


async def _serve(desk: Desk, detours: Detours) -> None:
    await asyncio.sleep(random.uniform(0, ARRIVAL_SECS / 2))
    desk.work()
    while True:
        await desk.until(lambda: desk.conversation is not None)
        if not await detours.is_answered(desk):
            continue
        conversation = str(desk.conversation)
        for _ in range(LINES):
            desk.say(conversation)
            desk.candidate(conversation)
            await asyncio.sleep(random.uniform(0, 0.1))
        # Hangs up when the customer has said everything, so that each line belongs to the call.
        await desk.until(lambda cid=conversation: len(desk.heard.get(cid, {})) == LINES)  # type: ignore[misc]
        await desk.until(lambda: desk.settled)
        detours.part(desk)
        await desk.until(lambda cid=conversation: desk.conversation != cid)  # type: ignore[misc]


async def compare(participants: Participants, records: Records, status: dict[str, Any]) -> list[Equal]:
    """Clients, /metrics of each process, `queue status --json` and the database."""
    pages = [await scrape(web) for web in participants.stack.webs]
    guests, desks = participants.guests, participants.desks
    kinds = [row[1] for row in records["events"]]
    one = pages[0]
    people: Sequence[Guest | Desk] = [*guests, *desks]
    stats = status["stats"]
    said = sum(len(ids) for page in people for ids in page.lines.values())
    candidates = sum(sent.frame["type"] == "rtc:ice:candidate" for page in people for sent in page.sent.values())
    joined, over = [guest for guest in guests if guest.conversation], [g for g in guests if g.phase == "ended"]
    return [
        _same(one, "joined", len(joined), "conversations_joined_total", stats["joined"], kinds.count("joined")),
        _same(one, "claimed", _claims(guests), "conversations_claimed_total", stats["claimed"], kinds.count("claimed")),
        Equal(
            "ended",
            {
                "customers": len(over),
                "/metrics": total([one], "conversations_ended_total"),
                "hangups in /metrics": one['conversations_ended_total{reason="hangup"}'],
                "status": stats["ended"],
                "events": kinds.count("ended"),
                "rows": sum(row[0] == "ended" for row in records["conversations"].values()),
            },
        ),
        Equal("served", {"customers": _claims(guests), "operators": sum(len(desk.served) for desk in desks)}),
        Equal("waits", {"customers": _claims(guests), "histogram": one["queue_wait_seconds_count"]}),
        Equal("handling", {"customers": len(over), "histogram": one["handling_seconds_count"]}),
        Equal(
            "chat lines",
            {
                "said": said,
                "shown": sum(len(lines) for guest in guests for lines in guest.heard.values()) + _heard(desks),
                "rows": len(records["chat"]),
            },
        ),
        Equal(
            "files",
            {
                "shown": sum(len(page.files) for page in people),
                "rows": len(records["files"]),
                "in lines": sum(row[4] != "" for row in records["chat"]),
                "/metrics": total(pages, "files_shared_total"),
            },
        ),
        Equal("candidates", {"sent": candidates, "received": sum(page.candidates for page in people)}),
        Equal(
            "relayed frames",
            {"sent": said + candidates, "/metrics": total(pages, "mailbox_frames_relayed_total")},
        ),
        Equal(
            "delivered frames",
            {
                "received": sum(page.numbered for page in people),
                "/metrics": total(pages, "mailbox_frames_delivered_total"),
            },
        ),
        Equal(
            "sockets",
            {
                "opened": sum(page.sockets for page in people),
                "/metrics": total(pages, "socket_connections_total"),
            },
        ),
        Equal(
            "waiting now",
            {
                "true": 0,
                "queue_length": one["queue_length"],
                "support_queue_length": one["support_queue_length"],
                "status": status["waiting"],
                "rows": sum(row[0] == "waiting" for row in records["conversations"].values()),
            },
        ),
        Equal(
            "in a call now",
            {
                "true": 0,
                "active_calls": one["active_calls"],
                "status": status["active"],
                "rows": sum(row[0] == "active" for row in records["conversations"].values()),
            },
        ),
        *_parted(kinds, records),
        Equal("both processes", {f"process {number}": _live(page) for number, page in enumerate(pages, start=1)}),
    ]


def _same(metrics: Metrics, what: str, seen: int, name: str, stat: int, events: int) -> Equal:
    return Equal(what, {"customers": seen, "/metrics": metrics[name], "status": stat, "events": events})


def _parted(kinds: Sequence[str], records: Records) -> Iterator[Equal]:
    """Who was passed on, given back since nobody answered, or taken by priority before others."""
    for kind in ("transferred", "given-back"):
        log = {"transferred": "transferred", "given-back": "returned"}[kind]
        rows = sum(row[1] == log for row in records["fairness"])
        yield Equal(kind, {"events": kinds.count(kind), "fairness log": rows})
    jumps = sum(row[1] == "claimed" and bool(row[3].get("over")) for row in records["events"])
    urgent = sum(row[1] == "urgent" for row in records["fairness"])
    yield Equal("taken by priority", {"events": jumps, "fairness log": urgent})


def _heard(desks: Sequence[Desk]) -> int:
    """Lines of customers, each once: whoever has a customer next is shown them all again."""
    lines: dict[str, set[int]] = {}
    for desk in desks:
        for conversation, heard in desk.heard.items():
            lines.setdefault(conversation, set()).update(heard)
    return sum(len(numbers) for numbers in lines.values())


def _claims(guests: Sequence[Guest]) -> int:
    return sum(len(guest.ready_at) for guest in guests)


def _live(metrics: Metrics) -> float:
    """One number for everything that is read from Redis, which must be the same wherever it is asked."""
    names = ("conversations_joined_total", "conversations_claimed_total", "queue_length", "active_calls")
    return sum(metrics[name] * 1000**place for place, name in enumerate(names))
