"""What the worker does for files of messages: asks the scanner again, and takes away what nobody sent or may keep.

Each function may run twice, at once, or stop in the middle.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from desk.files import judging
from messages_left.attachments import quota
from messages_left.attachments.models import Attachment, State

logger = logging.getLogger(__name__)
BATCH = 100
UNSENT = timedelta(hours=2)
"""Longer than a draft is good for: what was chosen before a cup of tea is still there after it."""


def scan_waiting() -> int:
    """Asks the scanner about files that wait, until it is silent again; answers how many have an answer now."""
    done = 0
    # In no order: those that it takes too long for, or that the storage does not give, would come first for ever.
    waiting = Attachment.objects.filter(state=State.WAITING).order_by("?")[:BATCH]
    for row, verdict in judging.verdicts(waiting):
        state = State.READY if verdict.clean else State.REFUSED
        Attachment.objects.filter(pk=row.pk, state=State.WAITING).update(state=state, found=verdict.found)
        logger.info("waiting file scanned", extra={"attachment": row.pk, "clean": verdict.clean})
        done += 1
    return done


def clear() -> int:
    """Deletes what no message was sent with, and what was erased. Answers how many."""
    before = timezone.now() - UNSENT
    erase(Attachment.objects.filter(message=None, created_at__lt=before))
    refused = Attachment.objects.filter(state=State.REFUSED).exclude(stored="")
    for row in refused[:BATCH]:
        # That there was one is still said beside the message.
        if judging.discard(row.stored):
            Attachment.objects.filter(pk=row.pk).update(stored="")
    return discard(Attachment.objects.filter(state=State.ERASED).order_by("created_at")[:BATCH])


def erase(rows: QuerySet[Attachment]) -> list[str]:
    """What it was called goes at once; content and row with `discard`. In the open transaction. Answers their ids."""
    ids = list(rows.exclude(state=State.ERASED).values_list("pk", flat=True))
    nothing = {"name": "", "found": "", "draft": "", "source": "", "upload_key": None, "message": None}
    # Whoever sends one at this moment has it.
    rows.filter(pk__in=ids).update(state=State.ERASED, **nothing)
    return ids


def discard(rows: Iterable[Attachment], *, stop: bool = False) -> int:
    """Content and row of what was erased. Answers how many are gone. `stop` at the first that the storage does not let
    go: who waits for it shall not wait for a storage that is out once for each."""
    gone = 0
    for row in rows:
        if not row.stored or judging.discard(row.stored):
            gone += quota.remove(Attachment.objects.filter(pk=row.pk, state=State.ERASED))
        elif stop:
            break
    return gone


def discard_now(ids: Iterable[str]) -> None:
    """Once the transaction that erased them has come through; what is left the next `clear` finds."""
    discard(Attachment.objects.filter(pk__in=list(ids), state=State.ERASED), stop=True)
