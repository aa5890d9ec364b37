"""Which site a key names, for pages and joins: a snapshot of all sites in the memory of each process.

It is read again after :data:`TTL_SECS`, or at once when some process says that a site was saved. While the database
does not answer the last snapshot holds: it never keeps anybody from support. Whoever makes up keys costs no query.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

from channels.db import database_sync_to_async
from django.db import transaction
from django.utils.translation import gettext, gettext_noop, override

from infra.redis import push
from infra.writing import language
from sites.line_models import Line
from sites.lines import Lines, with_question
from sites.models import Site
from sites.profile import Found, Profile, Snapshot
from sites.questions import Words

logger = logging.getLogger(__name__)

TTL_SECS = 10.0
PATIENCE_SECS = 2.0
"""How long a join waits for the first snapshot of a process."""
CHANGED = "sites:changed"


def _read() -> Snapshot:
    # A logo's content is asked for by its address alone (sites/views.py).
    rows = (
        Site.objects.select_related("logo", "hours", "line")
        .defer("logo__content")
        .prefetch_related("own_questions", "hours__exceptions")
    )
    rows_of_lines = Line.objects.prefetch_related("members__operator")
    lines = Lines({row.key: row.line() for row in rows_of_lines})
    labels = _everywhere(gettext_noop("Department")) if lines.several else {}
    profiles = {row.key: _asking(row.profile(), lines, labels) for row in rows}
    return Snapshot(profiles, lines)


def _asking(site: Profile, lines: Lines, labels: Words) -> Profile:
    return replace(site, questions=with_question(site.questions, lines, site.asks_line, labels))


def _everywhere(text: str) -> Words:
    """Our own words in each language of the installation."""
    found = {}
    for code, _name in language.choices():
        with override(code):
            found[code] = gettext(text)
    return found


class Sites:
    """The snapshot of one process. `read` may raise anything."""

    def __init__(self, read: Callable[[], Snapshot] = _read, now: Callable[[], float] = time.monotonic) -> None:
        self.read = read
        self._now = now
        self._reading = threading.Lock()
        self._snapshot: Snapshot | None = None
        self._until = 0.0
        self._generation = 0
        self._refreshing: asyncio.Task[None] | None = None

    def forget(self) -> None:
        """Something changed: what is being read now may be older already."""
        self._generation += 1
        self._until = 0.0

    def clear(self) -> None:
        """As in a process that has just started."""
        self.forget()
        self._snapshot = None

    def now(self) -> Snapshot:
        """For callers that may wait for the database; one of them does, the others take what there is."""
        if self._is_fresh() or not self._reading.acquire(blocking=self._snapshot is None):
            return self._snapshot or Snapshot()
        try:
            if not self._is_fresh():
                self._refresh()
        finally:
            self._reading.release()
        return self._snapshot or Snapshot()

    async def soon(self) -> Snapshot:
        """For an event loop: at once what there is, which is read anew besides where it is old."""
        if not self._is_fresh():
            refresh = self._one_refresh()
            if self._snapshot is None:
                with suppress(TimeoutError):
                    await asyncio.wait_for(asyncio.shield(refresh), PATIENCE_SECS)
        return self._snapshot or Snapshot()

    def _one_refresh(self) -> asyncio.Task[None]:
        """Shared by all joins that come while the database is slow: none of them leaves a task of its own behind."""
        loop = asyncio.get_running_loop()
        running = self._refreshing
        if running is None or running.done() or running.get_loop() is not loop:
            self._refreshing = running = loop.create_task(self._refresh_aside())
        return running

    async def _refresh_aside(self) -> None:
        try:
            await database_sync_to_async(self.now)()
        except Exception:
            # The connection itself, before or after the reading.
            logger.exception("sites not read: the last known settings hold")

    def _is_fresh(self) -> bool:
        return self._snapshot is not None and self._now() < self._until

    def _refresh(self) -> None:
        generation = self._generation
        try:
            self._snapshot = self.read()
        except Exception:
            # Whatever it is, nobody is kept from support by it.
            logger.exception("sites not read: the last known settings hold")
            self._snapshot = self._snapshot or Snapshot()
        self._until = self._now() + TTL_SECS if generation == self._generation else 0.0


sites = Sites()


def current() -> Snapshot:
    return sites.now()


def find(key: str) -> Found:
    return sites.now().find(key)


async def find_soon(key: str) -> Found:
    """The same in an event loop."""
    return (await sites.soon()).find(key)


def saved(**_signal: Any) -> None:
    """A site was written or deleted here: every process reads anew once that is committed."""
    transaction.on_commit(_tell)


def _tell() -> None:
    sites.forget()
    push.broadcast({"kind": CHANGED})


def on_push(event: dict[str, Any]) -> None:
    if event.get("kind") == CHANGED:
        sites.forget()
