"""One torment from the first customer to the verdict."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from bench.chaos.faults import Torment
from bench.chaos.stage import HealthWatch, Stage
from bench.chaos.traffic import Pace, Traffic
from bench.load.room import Room
from harness.judge import Records, problems
from harness.people import Guest

SETTLE_SECS = 120.0
OPEN = ("pending", "retrying", "sending")


@dataclass
class Outcome:
    torment: Torment
    done: str = ""
    health: str = ""
    recovered_s: float | None = None
    customers: int = 0
    lines: int = 0
    reconnects: int = 0
    faults: list[str] = field(default_factory=list)


async def try_out(stage: Stage, room: Room, torment: Torment, secs: float, pace: Pace) -> Outcome:
    """Under load: the torment, the return to health, everybody served, everything recorded, every message out."""
    outcome = Outcome(torment)
    for desk in room.desks:  # what a desk saw in the trials before was judged there
        desk.served.clear()
        desk.lines.clear()
        desk.sent.clear()
        desk.heard.clear()
        desk.faults.clear()
    traffic = Traffic(stage, room, torment.name, pace)
    before = sum(desk.reconnects for desk in room.desks)
    await asyncio.sleep(pace.before)
    watch = HealthWatch(stage)
    watching = asyncio.create_task(watch.run())
    try:
        outcome.done = await torment.act(stage, traffic, secs)
        outcome.recovered_s = await stage.recover()
    except (AssertionError, RuntimeError, TimeoutError) as error:
        outcome.faults.append(f"the torment itself failed: {error}")
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
    outcome.health = watch.told()
    if outcome.recovered_s is None:
        outcome.faults.append("/health did not come back")
    await asyncio.sleep(pace.after)
    await traffic.drain()
    outcome.customers = len(traffic.guests)
    outcome.reconnects = sum(desk.reconnects for desk in room.desks) - before
    outcome.reconnects += sum(guest.reconnects for guest in traffic.guests)
    outcome.faults += await judge(stage, room, traffic)
    outcome.lines = sum(len(lines) for page in (*traffic.guests, *room.desks) for lines in page.heard.values())
    for guest in traffic.guests:
        guest.finish()
        room.guests.remove(guest)
    return outcome


async def judge(stage: Stage, room: Room, traffic: Traffic) -> list[str]:
    records = await settled(stage, traffic)
    found = problems(traffic.guests, room.desks, records, stage.wipes) + room.failures
    room.failures.clear()
    found += list(notifications(stage, traffic, records))
    check = await asyncio.to_thread(stage.stack.manage, "queue", "check", "--json")
    return found + [f"queue check: {row['code']} {row['id']}" for row in check["found"]]


async def settled(stage: Stage, traffic: Traffic) -> Records:
    """What is recorded, as soon as every end is and no message is under way; or as it is after two minutes."""
    names = {guest.conversation for guest in traffic.guests}
    deadline = time.monotonic() + SETTLE_SECS
    while True:
        records = await asyncio.to_thread(stage.records)
        ended = {cid for cid, row in records["conversations"].items() if row[0] == "ended"}
        under_way = [row for row in records["notices"] if row["state"] in OPEN]
        if (names <= ended and not under_way and all(told_of(stage, guest) for guest in traffic.guests)) or (
            time.monotonic() > deadline
        ):
            return records
        await asyncio.sleep(0.5)


def notifications(stage: Stage, traffic: Traffic, records: Records) -> Iterator[str]:
    """Every customer was told of once: to the operator on call or, where the bot was blocked, to the group."""
    for guest in traffic.guests:
        told = told_of(stage, guest)
        if len(told) != 1:
            yield f"{guest.name} was told of {len(told)} times: {told}"
    for row in records["notices"]:
        if row["state"] in OPEN:
            yield f"message {row['id']} is still {row['state']} after {row['attempts']} attempts"


def told_of(stage: Stage, guest: Guest) -> list[str]:
    """The chats with a message about this customer, one for each message."""
    messages = list(stage.telegram.messages)
    return [
        message.chat_id for message in messages if any(guest.name in text for text in (message.text, *message.edits))
    ]


@contextlib.contextmanager
def tormented(*, impatient: bool = False) -> Iterator[Stage]:
    """A stage that ends with its processes."""
    stage = Stage(impatient=impatient)
    try:
        yield stage
    finally:
        stage.close()
