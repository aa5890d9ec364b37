"""Callbacks that a wiped Redis has forgotten come back from the database.

Redis keeps what has ended for STATE_TTL_SECS, and until then nobody is revived whose wait is over. What it has dropped
by then has to stand in the history: where that is further behind, or was refused an end, nobody is brought back. An end
that a wipe took away before it was recorded is known nowhere: whose it was is called once more.
"""

from __future__ import annotations

import logging

from django.conf import settings
from django.db import connection

from infra.errors import ScriptFailed
from infra.redis.client import execute, guarded
from queueing.history import lookup
from queueing.history.callback_models import Callback
from queueing.history.models import Status
from queueing.history.recording import journal
from queueing.history.set_aside_models import SetAsideEntry
from queueing.live import callbacks as live
from queueing.live.callbacks import Open

logger = logging.getLogger(__name__)

_OPEN = f"SELECT conversation_id FROM {Callback._meta.db_table} WHERE state = %s"  # noqa: S608 - a table's name alone


def bring_back() -> int:
    """Those whom a wiped Redis has forgotten; how many came back. Raises StoreUnavailable, DatabaseError."""
    if not live.forgot_lately() or _is_late():
        return 0
    done = 0
    # Those that it knows cost nothing: for an hour after any restart this is asked every other second.
    known = live.listed()
    if known.issuperset(_open()):
        return 0
    rows = Callback.objects.filter(state=Callback.State.OPEN, conversation__status=Status.WAITING)
    over = SetAsideEntry.objects.filter(kind="ended").values("conversation")
    for row in rows.exclude(conversation__in=over).order_by("asked_at"):
        if row.conversation_id in known:
            continue
        record = lookup.waiting(row.conversation_id)
        if record is None:
            continue
        found = Open(row.channel, int(row.asked_at.timestamp() * 1000), row.calls, row.number, row.counts_for)
        try:
            done += execute(live.restore(row.conversation_id, found, record))
        except ScriptFailed:
            # It is told where it is made. Whoever comes after this one is not forgotten for it.
            continue
    if done:
        logger.info("callbacks brought back after a wipe", extra={"callbacks": done})
    return done


def _open() -> list[str]:
    """Conversations whose callback is open by the history. In SQL, as in notifications/sending/idle.py."""
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, [Callback.State.OPEN])
        return [conversation for (conversation,) in cursor.fetchall()]


def _is_late() -> bool:
    """Whether the history may not know of an end that Redis knows no more; half the time, since the rows are read after
    this and brought back after that."""
    with guarded():
        age_s = journal.oldest_age_s()
    if age_s * 2 < settings.STATE_TTL_SECS:
        return False
    logger.info("callbacks not brought back: the history is too far behind")
    return True
