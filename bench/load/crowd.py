"""Many customers wait for few operators: every step timed, strict order, and what is said when the queue is full."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterator, Sequence

from bench.load.detours import Detours
from bench.load.files import Files
from bench.load.participants import Participants
from harness.people import Desk, Guest

JOIN_SECS = 20.0
CHAT_SECS = 8.0
LINES_PER_SECOND = 2.0
PATIENCE_SECS = 90.0


class Crowd:
    """`faults` collects what must not be; the steps follow one another in `play`."""

    def __init__(
        self, participants: Participants, customers: int, desks: Sequence[Desk], files: Files, detours: Detours
    ) -> None:
        self.participants = participants
        self.files = files
        self.detours = detours
        self.customers = customers
        self.desks = desks
        self.guests: list[Guest] = []
        self.faults: list[str] = []

    async def play(self) -> None:
        await self.arrive(self.customers, JOIN_SECS)
        await self.in_order()
        await self.one_too_many(estimate=False)
        await self.open_desks()
        await self.arrive(self.customers - len(self.waiting), 2.0)
        await self.in_order()
        await self.one_too_many(estimate=True)
        await self.talk()
        await self.empty()

    @property
    def waiting(self) -> list[Guest]:
        return [guest for guest in self.guests if guest.phase == "waiting"]

    async def arrive(self, count: int, secs: float) -> None:
        """In random order, each at a moment of its own."""
        numbers = [len(self.guests) + number for number in range(count)]
        random.shuffle(numbers)
        come = [self.detours.set_out(self.participants.guest(f"Customer {number}")) for number in numbers]
        self.guests += come
        moments = sorted(random.uniform(0, secs) for _ in come)
        began = time.monotonic()
        for number, guest, moment in zip(numbers, come, moments, strict=True):
            await asyncio.sleep(began + moment - time.monotonic())
            self.participants.open(guest)
            self.files.come(number, guest)
        async with asyncio.timeout(PATIENCE_SECS):
            for guest in come:
                await guest.until(lambda guest=guest: guest.phase != "new" or guest.finished)  # type: ignore[misc]

    async def in_order(self) -> None:
        """Everybody is shown the true place: 1, 2, 3 … in the order of coming, in each department."""
        for line in sorted({guest.line for guest in self.waiting}):
            await self._in_order([guest for guest in self.waiting if guest.line == line])

    async def _in_order(self, waiting: Sequence[Guest]) -> None:
        async with asyncio.timeout(PATIENCE_SECS):
            for guest in sorted(waiting, key=lambda guest: guest.joined_at):
                await guest.until(lambda guest=guest: guest.position is not None and guest.position <= len(waiting))  # type: ignore[misc]
        places = sorted(guest.position or 0 for guest in waiting)
        if places != list(range(1, len(waiting) + 1)):
            doubled = sorted({place for place in places if places.count(place) > 1})
            self.faults.append(f"{len(waiting)} wait, and their places are not 1 to {len(waiting)}: {doubled[:5]} …")

    async def one_too_many(self, *, estimate: bool) -> None:
        """The queue is full: who comes now is told so, and how long it would take as far as that is known."""
        late = self.detours.set_out(self.participants.guest("Too late"))
        self.participants.open(late)
        await late.until(lambda: bool(late.refusals) or late.phase != "new", PATIENCE_SECS)
        refusal = late.refusals[0] if late.refusals else {}
        if refusal.get("code") != "full" or not refusal.get("message"):
            self.faults.append(f"with {len(self.waiting)} in the queue the next one got {refusal or late.phase}")
        elif estimate and not (refusal.get("estimate") or {}).get("high_s"):
            self.faults.append(f"the refusal has no estimate: {refusal}")
        elif estimate:
            print(f"refused when full: {refusal['message']!r}, estimate {refusal['estimate']}", flush=True)

    async def open_desks(self) -> None:
        """One operator after the other; each takes one, and everybody behind in that department moves up by one."""
        for desk in self.desks:
            waiting = self.waiting
            before = {guest.name: guest.position or 0 for guest in waiting}
            for guest in waiting:
                guest.places.clear()
                guest.keep_places = True
            began = time.monotonic()
            desk.work()
            await desk.until(lambda desk=desk: desk.conversation is not None, PATIENCE_SECS)  # type: ignore[misc]
            self.participants.times("available → ready", desk.ready_at - began)
            taken = next(guest for guest in self.guests if guest.conversation == desk.conversation)
            behind = [
                guest for guest in waiting if guest.line == taken.line and before[guest.name] > before[taken.name]
            ]
            for _guest, moment in await self._moved(behind, before):
                self.participants.times("available → new place shown", moment - began)
            for guest in waiting:
                guest.keep_places = False

    async def _moved(self, waiting: Sequence[Guest], before: dict[str, int]) -> list[tuple[Guest, float]]:
        found = []
        async with asyncio.timeout(PATIENCE_SECS):
            for guest in waiting:
                old = before[guest.name]
                await guest.until(
                    lambda guest=guest, old=old: (  # type: ignore[misc]
                        any(place != old for _, place in guest.places) or guest.phase != "waiting"
                    )
                )
                if guest.phase != "waiting":
                    continue
                moment, place = next(shown for shown in guest.places if shown[1] != old)
                found.append((guest, moment))
                if place != old - 1:
                    self.faults.append(f"{guest.name} moved from {before[guest.name]} to {place} by one claim")
        return found

    async def talk(self) -> None:
        """Both sides of every call, at moments of their own, while all others wait."""
        await asyncio.gather(*(self._chat(guest, desk) for guest, desk in self._calls()))

    def _calls(self) -> Iterator[tuple[Guest, Desk]]:
        by_conversation = {guest.conversation: guest for guest in self.guests}
        for desk in self.desks:
            if desk.conversation is not None:
                yield by_conversation[desk.conversation], desk

    async def _chat(self, guest: Guest, desk: Desk) -> None:
        conversation, end = str(desk.conversation), time.monotonic() + CHAT_SECS
        self.detours.answered(conversation)
        while time.monotonic() < end:
            await asyncio.sleep(random.expovariate(LINES_PER_SECOND * 2))
            random.choice((guest, desk)).say(conversation)

    async def empty(self) -> None:
        """Every desk ends its call and takes the next, until nobody waits."""
        serving = [asyncio.create_task(self._serve(desk)) for desk in self.desks]
        try:
            async with asyncio.timeout(PATIENCE_SECS):
                for guest in self.guests:
                    await guest.until(lambda guest=guest: guest.phase == "ended" or guest.finished)  # type: ignore[misc]
        except TimeoutError:
            self.faults.append(f"{len(self.waiting)} still wait")
        finally:
            for task in serving:
                task.cancel()
            await asyncio.gather(*serving, return_exceptions=True)

    async def _serve(self, desk: Desk) -> None:
        while True:
            await desk.until(lambda: desk.conversation is not None)
            if not await self.detours.is_answered(desk):
                continue
            conversation = str(desk.conversation)
            desk.say(conversation)
            await asyncio.sleep(random.uniform(0.1, 0.5))
            await self.files.settled(conversation)
            await desk.until(lambda: desk.settled)
            began = time.monotonic()
            ended = self.detours.part(desk)
            await desk.until(lambda cid=conversation: desk.conversation != cid)  # type: ignore[misc]
            last = not any(guest.line in desk.lines_served for guest in self.waiting)
            await desk.until(lambda: desk.conversation is not None)
            if ended and not last:
                self.participants.times("end → next ready", desk.ready_at - began)
