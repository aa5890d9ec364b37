"""Beat's scheduler: what is due waits while no worker takes away what was sent."""

from __future__ import annotations

import logging
from typing import Any

from celery import Celery
from celery.beat import PersistentScheduler

from infra.errors import StoreUnavailable
from infra.redis.client import guarded

BACKLOG_MAX = 5000
"""Tasks in the queue, about a kilobyte each: twenty minutes of a dead worker. Each that is left out is a sweep, and the
next one makes up for it."""

logger = logging.getLogger(__name__)


def backlog(app: Celery) -> int:
    """Tasks that no worker has taken. Raises StoreUnavailable without an answer."""
    with guarded() as connection:
        queue = app.conf.broker_transport_options["global_keyprefix"] + app.conf.task_default_queue
        length: Any = connection.llen(queue)
    return int(length)


class BoundedScheduler(PersistentScheduler):
    """Sends nothing on top of a heap: expired tasks stay in Redis until a worker drops them."""

    _full = False

    def apply_async(self, entry: Any, producer: Any = None, advance: bool = True, **kwargs: Any) -> Any:
        full = self._is_full()
        if full != self._full:
            self._full = full
            if full:
                logger.error("beat waits: %d tasks are queued and no worker takes them", BACKLOG_MAX)
            else:
                logger.info("beat goes on")
        return None if full else super().apply_async(entry, producer=producer, advance=advance, **kwargs)

    def _is_full(self) -> bool:
        try:
            return backlog(self.app) >= BACKLOG_MAX
        except StoreUnavailable:
            return False  # sending will say so
