"""The load under the faults: customers keep coming, operators keep serving, and both talk all the time."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from dataclasses import dataclass

from bench.chaos.system import System
from bench.load.participants import Participants
from harness.people import Desk, Guest

LINE_EVERY = 0.25
DRAIN_SECS = 120.0


@dataclass(frozen=True)
class Pace:
    """Seconds before and after the fault, how many customers wait, and how long a call is."""

    before: float = 4.0
    after: float = 4.0
    waiting: int = 6
    call_secs: tuple[float, float] = (3.0, 5.0)


QUICK = Pace(before=2.0, after=1.0, waiting=3, call_secs=(1.0, 2.0))


class Traffic:
    """`title` begins the names of its customers, by which their notifications are found."""

    def __init__(self, system: System, participants: Participants, title: str, pace: Pace) -> None:
        self.pace = pace
        self.system = system
        self.participants = participants
        self.title = title
        self.guests: list[Guest] = []
        self.closing = False
        self._tasks = [asyncio.create_task(self._arrivals())]
        self._tasks += [asyncio.create_task(self._serve(desk)) for desk in participants.desks]

    @property
    def waiting(self) -> int:
        return sum(guest.phase in ("new", "waiting") for guest in self.guests)

    async def _arrivals(self) -> None:
        while not self.closing:
            if self.waiting < self.pace.waiting:
                guest = self.participants.guest(f"{self.title} {len(self.guests):03d}")
                self.guests.append(guest)
                self.participants.open(guest)
                self.participants.spawn(self._talk(guest))
            await asyncio.sleep(random.uniform(0.1, 0.5))

    async def _talk(self, guest: Guest) -> None:
        while guest.phase != "ended" and not guest.finished:
            if guest.phase == "active" and guest.conversation is not None:
                guest.say(guest.conversation)
            await asyncio.sleep(LINE_EVERY * random.uniform(0.5, 1.5))

    async def _serve(self, desk: Desk) -> None:
        desk.work()
        while True:
            await desk.until(lambda: desk.conversation is not None)
            conversation = desk.conversation
            end = time.monotonic() + random.uniform(*self.pace.call_secs)
            while desk.conversation == conversation and conversation is not None and time.monotonic() < end:
                desk.say(conversation)
                await asyncio.sleep(LINE_EVERY * random.uniform(0.5, 1.5))
            if desk.conversation == conversation:
                desk.hang_up()
                await desk.until(lambda cid=conversation: desk.conversation != cid)  # type: ignore[misc]

    async def drain(self) -> None:
        """Nobody comes any more; returns when everybody has been served, or after two minutes."""
        self.closing = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_SECS):
                for guest in self.guests:
                    await guest.until(lambda guest=guest: guest.phase == "ended" or guest.finished)  # type: ignore[misc]
        await asyncio.sleep(0.5)  # the last lines of a call that was just ended are on their way
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def away(self) -> int:
        """Pages without a greeted socket."""
        pages = (*(guest for guest in self.guests if not guest.finished), *self.participants.desks)
        return sum(not page.welcomed for page in pages)
