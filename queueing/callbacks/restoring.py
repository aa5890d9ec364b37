"""Callbacks that a wiped Redis has forgotten come back from the database."""

from __future__ import annotations

import logging

from infra.redis.client import execute
from queueing.history import lookup
from queueing.history.callback_models import Callback
from queueing.history.models import Status
from queueing.live import callbacks as live
from queueing.live.callbacks import Open

logger = logging.getLogger(__name__)


def bring_back() -> int:
    """Those whom a wiped Redis has forgotten; how many came back. Raises StoreUnavailable, DatabaseError."""
    if not live.forgot_lately():
        return 0
    done = 0
    # Those that it knows cost nothing: for an hour after any restart this is asked every other second.
    known = live.listed()
    rows = Callback.objects.filter(state=Callback.State.OPEN, conversation__status=Status.WAITING).order_by("asked_at")
    for row in rows:
        if row.conversation_id in known:
            continue
        record = lookup.waiting(row.conversation_id)
        if record is None:
            continue
        found = Open(row.channel, int(row.asked_at.timestamp() * 1000), row.calls, row.number, row.counts_for)
        done += execute(live.restore(row.conversation_id, found, record))
    if done:
        logger.info("callbacks brought back after a wipe", extra={"callbacks": done})
    return done
