"""One fault from the first customer to the verdict."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from bench.chaos.faults import Fault
from bench.chaos.system import HealthWatch, System
from bench.chaos.traffic import Pace, Traffic
from bench.load.participants import Participants
from harness.judge import Records, problems
from harness.people import Guest

SETTLE_SECS = 120.0
OPEN = ("pending", "retrying", "sending")


@dataclass
class Outcome:
    fault: Fault
    done: str = ""
    health: str = ""
    recovered_s: float | None = None
    customers: int = 0
    lines: int = 0
    reconnects: int = 0
    broken: list[str] = field(default_factory=list)


async def try_out(system: System, participants: Participants, fault: Fault, secs: float, pace: Pace) -> Outcome:
    """Under load: the fault, the return to health, everybody served, everything recorded, every message out."""
    outcome = Outcome(fault)
    for desk in participants.desks:  # what a desk saw in the trials before was judged there
        desk.served.clear()
        desk.lines.clear()
        desk.sent.clear()
        desk.heard.clear()
        desk.faults.clear()
    traffic = Traffic(system, participants, fault.name, pace)
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
    outcome.customers = len(traffic.guests)
    outcome.reconnects = sum(desk.reconnects for desk in participants.desks) - before
    outcome.reconnects += sum(guest.reconnects for guest in traffic.guests)
    outcome.broken += await judge(system, participants, traffic)
    outcome.lines = sum(len(lines) for page in (*traffic.guests, *participants.desks) for lines in page.heard.values())
    for guest in traffic.guests:
        guest.finish()
        participants.guests.remove(guest)
    return outcome


async def judge(system: System, participants: Participants, traffic: Traffic) -> list[str]:
    records = await settled(system, traffic)
    found = problems(traffic.guests, participants.desks, records, system.wipes) + participants.failures
    participants.failures.clear()
    found += list(notifications(system, traffic, records))
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


def notifications(system: System, traffic: Traffic, records: Records) -> Iterator[str]:
    """Every customer was told of once: to the operator on call or, where the bot was blocked, to the group."""
    for guest in traffic.guests:
        messages = messages_about(system, guest)
        if len(messages) != 1:
            yield f"{guest.name} was told of {len(messages)} times: {messages}"
    for row in records["notices"]:
        if row["state"] in OPEN:
            yield f"message {row['id']} is still {row['state']} after {row['attempts']} attempts"


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
