"""Everybody who takes part in a load, and the clock by which they acknowledge."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from itertools import cycle
from typing import Any

from harness.page import Page
from harness.people import Desk, Guest
from harness.stack import Stack
from harness.wire_client import ACK_EVERY

PARTS = 10


class Participants:
    """Guests and desks of one stack; tasks of theirs that fail end the load."""

    def __init__(self, stack: Stack, times: Callable[[str, float], None] = lambda step, secs: None) -> None:
        self.stack = stack
        self.times = times
        self.guests: list[Guest] = []
        self.desks: list[Desk] = []
        self._tasks: set[asyncio.Task[Any]] = set()
        self.failures: list[str] = []
        self.spawn(self._acknowledge())

    def guest(self, name: str) -> Guest:
        """Known, but not there yet: `open` lets it come."""
        guest = Guest(self.stack.webs, name, self.times)
        self.guests.append(guest)
        return guest

    async def desk(self, name: str, session: str) -> Desk:
        """Signed in and at the desk, not on shift yet."""
        desk = Desk(self.stack.webs, name, self.times, session=session)
        self.desks.append(desk)
        self.open(desk)
        await desk.until(lambda: desk.known or desk.finished, 60)
        return desk

    def open(self, page: Page) -> None:
        self.spawn(page.run())

    def spawn(self, coroutine: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.failures.append(f"{type(error).__name__}: {error}")

    async def _acknowledge(self) -> None:
        """Everybody every 250 ms, each at its own moment."""
        for turn in cycle(range(PARTS)):
            for page in (*self.guests[turn::PARTS], *self.desks[turn::PARTS]):
                page.acknowledge()
            await asyncio.sleep(ACK_EVERY / PARTS)

    async def close(self) -> None:
        for page in (*self.guests, *self.desks):
            page.finish()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
