"""One fault from the first customer to the verdict."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from bench.chaos.faults import Fault
from bench.chaos.system import HealthWatch, System
from bench.chaos.traffic import Pace, Traffic
from bench.load.participants import Participants
from harness.judge import PARTED, Records, problems
from harness.people import Guest

SETTLE_SECS = 120.0
FATE = ("id", "kind", "tier", "channel", "state", "attempts", "last_error")
OPEN = ("pending", "retrying", "sending")


@dataclass
class Outcome:
    fault: Fault
    done: str = ""
    health: str = ""
    recovered_s: float | None = None
    customers: int = 0
    passed: int = 0
    called: int = 0
    chosen: int = 0
    lines: int = 0
    reconnects: int = 0
    broken: list[str] = field(default_factory=list)


async def try_out(system: System, participants: Participants, fault: Fault, secs: float, pace: Pace) -> Outcome:
    """Under load: the fault, the return to health, everybody served, everything recorded, every message out."""
    outcome = Outcome(fault)
    for desk in participants.desks:  # what a desk saw in the trials before was judged there
        desk.served.clear()
        desk.passed.clear()
        desk.lines.clear()
        desk.sent.clear()
        desk.heard.clear()
        desk.faults.clear()
    traffic = Traffic(system, participants, fault.name, pace)
    deaths = system.deaths
    before = sum(desk.reconnects for desk in participants.desks)
    await asyncio.sleep(pace.before)
    watch = HealthWatch(system)
    watching = asyncio.create_task(watch.run())
    try:
        outcome.done = await fault.act(system, traffic, secs)
        outcome.recovered_s = await system.recover()
    except (AssertionError, RuntimeError, TimeoutError) as error:
        outcome.broken.append(f"the fault itself failed: {error}")
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
    outcome.health = watch.summary()
    if outcome.recovered_s is None:
        outcome.broken.append("/health did not come back")
    await asyncio.sleep(pace.after)
    await traffic.drain()
    outcome.customers, outcome.passed = len(traffic.guests), len(traffic.passed)
    outcome.called, outcome.chosen = len(traffic.called), len(traffic.chosen)
    outcome.reconnects = sum(desk.reconnects for desk in participants.desks) - before
    outcome.reconnects += sum(guest.reconnects for guest in traffic.guests)
    outcome.broken += await judge(system, participants, traffic, died=system.deaths > deaths)
    outcome.lines = sum(len(lines) for page in (*traffic.guests, *participants.desks) for lines in page.heard.values())
    for guest in traffic.guests:
        guest.finish()
        participants.guests.remove(guest)
    return outcome


async def judge(system: System, participants: Participants, traffic: Traffic, *, died: bool) -> list[str]:
    """`died`: a worker did, maybe between a service's answer and writing that down."""
    records = await settled(system, traffic)
    found = problems(traffic.guests, participants.desks, records, system.wipes) + participants.failures
    participants.failures.clear()
    found += list(notifications(system, traffic, records, died=died))
    found += list(callbacks(system, traffic, records, died=died))
    check = await asyncio.to_thread(system.stack.manage, "queue", "check", "--json")
    return found + [f"queue check: {row['code']} {row['id']}" for row in check["found"]]


async def settled(system: System, traffic: Traffic) -> Records:
    """What is recorded, as soon as every end is and no message is under way; or as it is after two minutes."""
    names = {guest.conversation for guest in traffic.guests}
    deadline = time.monotonic() + SETTLE_SECS
    while True:
        records = await asyncio.to_thread(system.records)
        ended = {cid for cid, row in records["conversations"].items() if row[0] == "ended"}
        under_way = [row for row in records["notices"] if row["state"] in OPEN]
        if (names <= ended and not under_way and all(messages_about(system, guest) for guest in traffic.guests)) or (
            time.monotonic() > deadline
        ):
            return records
        await asyncio.sleep(0.5)


def notifications(system: System, traffic: Traffic, records: Records, *, died: bool) -> Iterator[str]:
    """Every customer was told of once: to the operator on call or, where the bot was blocked, to the group; and once
    more each time that they went on and waited for whoever is free. Telegram knows no key by which a repeated send is
    the same one: of a send that a dead worker had begun it may be twice."""
    begun = Counter(str(row["context"].get("name", "")) for row in records["notices"] if row["attempts"] > 1)
    parted = Counter(row[0] for row in records["events"] if row[1] in PARTED and not row[3].get("to"))
    for guest in traffic.guests:
        messages = messages_about(system, guest)
        most = 1 + parted[str(guest.conversation)] + (1 if died and begun[guest.name] else 0)
        if not 1 <= len(messages) <= most:
            rows = [row for row in records["notices"] if row["context"].get("name") == guest.name]
            fates = [" ".join(str(row.get(name)) for name in FATE) for row in rows]
            history = [row[1:3] for row in records["events"] if row[0] == guest.conversation]
            yield f"{guest.name} was told of {len(messages)} times: {messages}; outbox: {fates}; history: {history}"
    for row in records["notices"]:
        if row["state"] in OPEN:
            yield f"message {row['id']} is still {row['state']} after {row['attempts']} attempts"


def callbacks(system: System, traffic: Traffic, records: Records, *, died: bool) -> Iterator[str]:
    """Whoever left to be called was told once for each call. That they were served is judged with all others."""
    calls = Counter(records["called"])
    # What a letter was about is forgotten once it has left; its name says whom it called, and for which call.
    rows = Counter((row["notification"], row["channel"]) for row in records["callbacks"])
    for (name, channel), count in rows.items():
        if count > 1:
            yield f"{name} stands {count} times in the outbox, by {channel}"
    for guest in traffic.called:
        mine = [row for row in records["callbacks"] if row["notification"].split(":")[1] == guest.conversation]
        told, sent = system.pushed_to(guest.join_key), sum(row["state"] == "sent" for row in mine)
        again = sum(row["attempts"] - 1 for row in mine if row["attempts"])
        if not sent <= told <= sent + (again if died else 0):
            yield f"{guest.name} ({guest.conversation}) was called {told} times by {sent} pushes that were sent"
        if len(mine) > (times := calls[str(guest.conversation)]):
            yield f"{guest.name} ({guest.conversation}) has {len(mine)} pushes for {times} calls"
    for guest, address in zip(traffic.chosen, traffic.addresses, strict=True):
        mine = [row for row in records["callbacks"] if row["notification"].split(":")[1] == guest.conversation]
        told, sent = len(system.calls_to(address)), sum(row["state"] == "sent" for row in mine)
        again = sum(row["attempts"] - 1 for row in mine if row["attempts"])
        if not max(1, sent) <= told <= sent + (again if died else 0):
            yield f"{guest.name} ({guest.conversation}) was written to {told} times by {sent} letters that were sent"


def messages_about(system: System, guest: Guest) -> list[str]:
    """The chats with a message about this customer, one for each message."""
    messages = list(system.telegram.messages)
    return [
        message.chat_id for message in messages if any(guest.name in text for text in (message.text, *message.edits))
    ]


@contextlib.contextmanager
def running_system(*, impatient: bool = False) -> Iterator[System]:
    """A system that ends with its processes."""
    system = System(impatient=impatient)
    try:
        yield system
    finally:
        system.close()
