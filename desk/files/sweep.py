"""What the worker does for files: asks the scanner again, and takes away what nobody needs.

Each function may run twice, at once, or stop in the middle.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from desk.files import judging
from desk.files.models import SEEN, File, State
from infra.redis.client import execute
from queueing.history.models import ChatMessage, Conversation, Status
from queueing.history.set_aside_models import SetAsideEntry
from queueing.live import files as live

logger = logging.getLogger(__name__)
BATCH = 100
CUT_OFF = timedelta(hours=1)
"""An upload that is still on its way then has been cut off: no body may take so long."""


def scan_waiting() -> int:
    """Asks the scanner about files that wait, until it is silent again; answers how many have an answer now. Raises
    StoreUnavailable: both sides are told before the database says so, and twice rather than never.
    """
    done = 0
    # In no order: those that it takes too long for, or that the storage does not give, would come first for ever.
    waiting = File.objects.filter(state=State.WAITING).order_by("?")[:BATCH]
    for row, verdict in judging.verdicts(waiting):
        row.state = State.READY if verdict.clean else State.REFUSED
        row.found = verdict.found
        execute(live.tell(row.conversation_id, row.letter, row.info()))
        File.objects.filter(pk=row.pk, state=State.WAITING).update(state=row.state, found=row.found)
        logger.info("waiting file scanned", extra={"file": row.pk, "clean": verdict.clean, "found": verdict.found})
        done += 1
    return done


def clear() -> int:
    """Deletes content that is not to be kept: of refused and erased files, of uploads that were cut off or taken back,
    of conversations that the history never heard of. Answers how many."""
    now = timezone.now()
    cut_off = File.objects.filter(state=State.RECEIVING, created_at__lt=now - CUT_OFF)
    done = 0
    for row in cut_off.order_by("created_at")[:BATCH]:
        if judging.discard(row.stored):
            done += row.delete()[0]
    if settings.RETENTION_DAYS:
        before = now - timedelta(days=settings.RETENTION_DAYS)
        running = Conversation.objects.exclude(status=Status.ENDED)
        old = File.objects.filter(created_at__lt=before).exclude(state=State.ERASED).exclude(conversation__in=running)
        forget_rows(list(old.values_list("pk", flat=True)[:BATCH]))
    forget_rows(_never_sent()[:BATCH])
    gone = list(_gone().order_by("created_at")[:BATCH])
    return done + len(gone) - discard(gone)


def discard(files: Iterable[File], *, stop: bool = False) -> int:
    """Deletes their content and answers how many the storage does not let go. `stop` at the first of those: who waits
    for it shall not wait for a storage that is out once for each."""
    rows = list(files)
    for number, row in enumerate(rows):
        if judging.discard(row.stored):
            File.objects.filter(pk=row.pk).update(stored="")
        elif stop:
            return len(rows) - number
    return _gone().filter(pk__in=[row.pk for row in rows]).count()


def _gone() -> QuerySet[File]:
    """Of which nothing may be there any more, and something is."""
    return File.objects.filter(state__in=(State.ERASED, State.REFUSED)).exclude(stored="")


def _never_sent() -> list[str]:
    """Files of conversations that are over and in which no line had them: who sent them took them back in the last
    moment, or was erased while they came. Lines that could not be recorded may have had them yet."""
    before = timezone.now() - CUT_OFF
    over = Conversation.objects.filter(status=Status.ENDED, ended_at__lt=before)
    rows = File.objects.filter(state__in=SEEN, created_at__lt=before, conversation__in=over)
    said = Exists(ChatMessage.objects.filter(file_id=OuterRef("pk")))
    aside = SetAsideEntry.objects.values("conversation")
    return list(rows.exclude(said).exclude(conversation__in=aside).values_list("pk", flat=True))


def delete(files: Iterable[File]) -> None:
    """By hand. Whoever still has them in a chat reads that they are gone, before the database says so; their content
    goes once the open transaction has come through, or with the next `clear`. Raises StoreUnavailable."""
    rows = list(files)
    for row in rows:
        execute(live.tell(row.conversation_id, row.letter, replace(row.info(), state="erased")))
    forget_rows([row.pk for row in rows])
    transaction.on_commit(lambda: discard_now([row.conversation_id for row in rows]))


def discard_now(conversations: Sequence[str]) -> int:
    """The content of what was erased of these. Answers how many files the storage does not let go."""
    return discard(_gone().filter(conversation__in=list(conversations)), stop=True)


def forget(conversations: Sequence[str]) -> None:
    """Who asks erases these conversations, in the open transaction: names go at once, content with the next `clear`."""
    _erase(Q(conversation__in=list(conversations)))


def forget_rows(files: Sequence[str]) -> None:
    """The same for single files."""
    _erase(Q(pk__in=list(files)))


def _erase(which: Q) -> None:
    # An upload on its way finds its conversation over and takes itself away; its row says where until then.
    rows = File.objects.filter(which).exclude(state__in=(State.ERASED, State.RECEIVING))
    rows.update(state=State.ERASED, name="", found="", upload_key=None)
