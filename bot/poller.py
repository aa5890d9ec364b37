"""Fetches presses by long polling, for installations that Telegram cannot reach.

One process polls at a time: it holds a lease in Redis. A poll is interrupted at once by the end of the process; an
update in hand is finished. Nothing is lost on the way: Telegram keeps what was not confirmed by a higher offset.
"""

import asyncio
import logging
import random
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar
from uuid import uuid4

from django.db import close_old_connections
from pydantic import ValidationError

from bot import api, hear, poll_state
from bot.api import NotOurs
from bot.updates import Update
from infra.errors import StoreUnavailable
from notifications.transports.errors import DeliveryError

log = logging.getLogger(__name__)

T = TypeVar("T")

POLL_SECS = 25.0
LATE_SECS = 60.0
"""A press that may be older than this claims nobody: whoever pressed has gone on to something else."""
FIRST_PAUSE_SECS = 1.0
LONGEST_PAUSE_SECS = 30.0
STANDBY_SECS = 5.0  # how soon another process takes over when the lease is free

_random = random.SystemRandom()


class Poller:
    """`run()` until `stop` is set. Redis and the database are used in one thread of its own, one step at a time."""

    def __init__(self, stop: asyncio.Event, handle: Callable[..., None] = hear.handle) -> None:
        self._stop = stop
        self._handle = handle
        self._word = uuid4().hex
        self._leads = False
        self._progress = poll_state.Progress(None, 0)
        self._failures = 0
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="presses")

    async def run(self) -> None:
        try:
            while not self._stop.is_set():
                if await self._lead():
                    await self._round()
                else:
                    await self._pause(STANDBY_SECS)
        finally:
            await self._step(self._release)
            self._thread.shutdown()

    async def _lead(self) -> bool:
        """Takes or renews the lease. While Redis is out, whoever led goes on: nobody else can take over, and presses
        want an answer."""
        try:
            held = await self._step(poll_state.hold, self._word)
            if held and not self._leads:
                self._progress = await self._step(poll_state.progress)
                log.info("fetching presses from telegram", extra={"offset": self._progress.offset})
            elif self._leads and not held:
                log.warning("another process fetches presses now")
            self._leads = held
        except StoreUnavailable:
            log.warning("redis does not answer, presses are %s", "told to wait" if self._leads else "left at telegram")
        return self._leads

    async def _round(self) -> None:
        """One poll and what it brought. After a pause it does not wait: what comes then came during the pause."""
        late = time.time() - self._progress.emptied_at > LATE_SECS
        try:
            batch = await self._unless_stopped(api.fetch(self._progress.offset, 0 if late else POLL_SECS))
        except NotOurs as error:
            log.error("telegram gives presses to somebody else (see telegramwebhook): %s", error.text)
            await self._pause(LONGEST_PAUSE_SECS)
            return
        except DeliveryError as error:
            await self._failed(error)
            return
        if batch is None:
            return
        numbered = [raw for raw in batch if isinstance(raw, dict) and isinstance(raw.get("update_id"), int)]
        if batch and not numbered:
            await self._failed(DeliveryError("what came are no updates"))
            return
        self._failures = 0
        await self._take(numbered, late)

    async def _take(self, batch: list[dict[str, Any]], late: bool) -> None:
        for raw in batch:
            if self._stop.is_set() or not await self._lead():
                return
            number = raw["update_id"]
            await self._step(self._handle_one, raw, late)
            await self._remember(poll_state.Progress(number + 1, self._progress.emptied_at))
        if len(batch) < api.BATCH:
            await self._remember(poll_state.Progress(self._progress.offset, time.time()))

    def _handle_one(self, raw: dict[str, Any], late: bool) -> None:
        close_old_connections()
        try:
            self._handle(Update.model_validate(raw), late=late)
        except ValidationError:
            log.warning("update not understood", extra={"update_id": raw.get("update_id")})
        except Exception:
            # One press must not stop all that follow; its presser presses again.
            log.exception("press not handled", extra={"update_id": raw.get("update_id")})
        finally:
            close_old_connections()

    async def _remember(self, progress: poll_state.Progress) -> None:
        """In this process for certain; in Redis for the next one, if it answers."""
        before, self._progress = self._progress, progress
        try:
            if progress.offset != before.offset and progress.offset is not None:
                await self._step(poll_state.advance, progress.offset)
            if progress.emptied_at != before.emptied_at:
                await self._step(poll_state.emptied)
        except StoreUnavailable:
            log.warning("redis does not answer, the offset is kept here")

    async def _failed(self, error: DeliveryError) -> None:
        """Waits longer with every failure, and at least as long as Telegram asks for."""
        self._failures += 1
        wait = FIRST_PAUSE_SECS * 2 ** min(self._failures - 1, 10) * (1 + _random.random() / 4)
        wait = max(min(wait, LONGEST_PAUSE_SECS), error.retry_after or 0)
        log.warning("presses not fetched", extra={"error": error.text, "in_s": round(wait, 1)})
        await self._pause(wait)

    async def _pause(self, seconds: float) -> None:
        await self._unless_stopped(asyncio.sleep(seconds))

    async def _unless_stopped(self, work: Coroutine[Any, Any, T]) -> T | None:
        """The result of `work`; None when the end came first."""
        doing, stopping = asyncio.ensure_future(work), asyncio.ensure_future(self._stop.wait())
        await asyncio.wait({doing, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if not doing.done():
            doing.cancel()
            await asyncio.wait({doing})
            return None
        return doing.result()

    async def _step(self, function: Callable[..., T], *arguments: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, function, *arguments)

    def _release(self) -> None:
        if self._leads:
            try:
                poll_state.release(self._word)
            except StoreUnavailable:
                log.warning("redis does not answer, the lease runs out by itself")
