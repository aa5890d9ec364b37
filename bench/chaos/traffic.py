"""The load under the faults: customers keep coming, some close the page and are called back, operators keep serving and
pass some of them on, and all talk all the time."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from dataclasses import dataclass

from bench.chaos.system import System
from bench.load.participants import Participants
from harness.people import Called, Desk, Guest

LINE_EVERY = 0.25
DRAIN_SECS = 120.0
LOOKS_AGAIN_SECS = 15.0
"""Who was to be called and hears nothing opens the page again: nobody is judged lost who was told too late to come."""


@dataclass(frozen=True)
class Pace:
    """Seconds before and after the fault, how many customers wait, how long a call is, which share of them is passed
    on, once, how many in all leave the page to be called (one network may ask for sixty callbacks an hour), and after
    how many seconds the times come that others have chosen."""

    before: float = 4.0
    after: float = 4.0
    waiting: int = 6
    call_secs: tuple[float, float] = (3.0, 5.0)
    transfers: float = 0.1
    callbacks: int = 4
    times: tuple[float, ...] = (4.0, 8.0, 12.0, 20.0)


CHOSEN = "chosen"
"""Of a customer whose time has not come."""
EACH = 3
"""Of so many customers one asks to be called back."""
QUICK = Pace(before=2.0, after=1.0, waiting=3, call_secs=(1.0, 2.0), transfers=0.0, times=(3.0,))


class Traffic:
    """`title` begins the names of its customers, by which their notifications are found."""

    def __init__(self, system: System, participants: Participants, title: str, pace: Pace) -> None:
        self.pace = pace
        self.system = system
        self.participants = participants
        self.title = title
        self.guests: list[Guest] = []
        self.passed: set[str] = set()
        self.called: list[Guest] = []
        """Who asked to be called back, and closed the page."""
        self.chosen: list[Called] = []
        """Who had chosen a time, and where they are written to."""
        self.addresses: list[str] = []
        self.closing = False
        self._tasks = [asyncio.create_task(self._arrivals())]
        self._tasks += [asyncio.create_task(self._serve(desk)) for desk in participants.desks]
        participants.spawn(self._times())

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
                if len(self.guests) % EACH == 0 and len(self.called) < self.pace.callbacks:
                    self.participants.spawn(self._leave_and_come_back(guest))
            await asyncio.sleep(random.uniform(0.1, 0.5))

    async def _leave_and_come_back(self, guest: Guest) -> None:
        await guest.until(lambda: guest.phase != "new" or guest.finished)
        browser, web, token = guest.join_key, self.system.stack.webs[len(self.guests) % 2], guest.token
        asked = token is not None and await asyncio.to_thread(self.system.ask_callback, web, token, browser)
        if not asked or guest.phase != "waiting":
            return
        self.called.append(guest)
        guest.close()
        await asyncio.to_thread(self.system.await_push, browser, LOOKS_AGAIN_SECS)
        guest.reopen()

    async def _times(self) -> None:
        """Known from the first moment on: also who is never called is missed."""
        web = self.system.stack.webs[0]
        made = await asyncio.to_thread(self.system.choose_times, web, self.title, self.pace.times)
        for name, email, conversation in made:
            guest = Called(self.system.stack.webs, name, self.participants.times, origin=web.origin, phase=CHOSEN)
            guest.conversation = conversation
            self.participants.guests.append(guest)
            self.guests.append(guest)
            self.chosen.append(guest)
            self.addresses.append(email)
            self.participants.spawn(self._come(guest, email))

    async def _come(self, guest: Called, email: str) -> None:
        guest.handle = await asyncio.to_thread(self.system.await_call, email, DRAIN_SECS) or ""
        if not guest.handle:
            guest.fault("had chosen a time and was not called")
            return
        guest.phase = "new"
        self.participants.open(guest)
        await self._talk(guest)

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
            if desk.conversation == conversation and conversation is not None:
                if random.random() < self.pace.transfers and conversation not in self.passed:
                    self.passed.add(conversation)
                    desk.pass_on()
                else:
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
        return sum(not page.welcomed and not page.is_closed for page in pages)
