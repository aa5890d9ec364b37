"""A file on its way from one side of a conversation to the other: judged, drawn anew or scanned, kept, made known.

The order is what keeps halves away. The row comes first and says where the content will be; whatever breaks off later
takes both away, and what a killed process leaves the sweep finds by the row.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from typing import IO, Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from desk.files import judging, metrics
from desk.files.models import SEEN, File, State
from infra.errors import DomainError
from infra.redis import rates
from infra.redis.client import execute
from queueing.errors import token_expired
from queueing.live import files as live
from queueing.live.files import FileInfo
from queueing.live.store import desk_of, party_of

logger = logging.getLogger(__name__)
MB = 1024 * 1024
KEY = re.compile(r"[A-Za-z0-9_-]{8,64}")


@dataclass(frozen=True)
class Sender:
    """Who shares, in which conversation. `admin_id` is empty for the customer."""

    conversation: str
    admin_id: str = ""

    @property
    def party(self) -> str:
        return desk_of(self.admin_id) if self.admin_id else party_of(self.conversation)

    @property
    def side(self) -> File.Side:
        return File.Side.OPERATOR if self.admin_id else File.Side.CUSTOMER


def most_bytes() -> int:
    """Of one file; 0 where files are switched off."""
    return int(settings.FILE_MAX_MB) * MB


def admit(sender: Sender) -> None:
    """Whether it may share now, charged. Raises DomainError files_off, rate_limited, token_expired, not_in_call,
    wrong_conversation; StoreUnavailable."""
    if not most_bytes():
        raise switched_off()
    wait_ms = execute(rates.count("file", sender.party, settings.FILE_LIMIT))
    if wait_ms:
        raise rates.refusal(wait_ms, _("Too many files at once. Please wait a moment."))
    try:
        execute(live.may_share(sender.party, sender.conversation))
    except DomainError as error:
        raise (token_expired() if error.code == "unknown" else error) from error


def share(sender: Sender, upload: UploadedFile[Any], key: str | None) -> tuple[FileInfo, bool]:
    """What is known of it now, and whether it is new: the same key again is answered with what it made. Call `admit`
    before.

    Raises DomainError with any code of docs/protocol.md's table; DatabaseError.
    """
    if key is not None and not KEY.fullmatch(key):
        raise DomainError("schema", _("The request is not valid."), fields={"key": KEY.pattern})
    if (made := _made_before(sender, key)) is not None:
        return made, False
    size = upload.size or 0
    if size == 0:
        raise DomainError("file_empty", _("This file is empty."))
    if size > most_bytes():
        raise too_large()
    try:
        info = _share(sender, upload, key, size)
    except DomainError as error:
        metrics.refused.labels(error.code).inc()
        raise
    metrics.shared.labels(info.mime).inc()
    return info, True


def switched_off() -> DomainError:
    return DomainError("files_off", _("Files cannot be sent here."))


def too_large() -> DomainError:
    message = _("A file may have %(mb)d MB at most.") % {"mb": settings.FILE_MAX_MB}
    return DomainError("file_too_large", message, fields={"file": message})


def _made_before(sender: Sender, key: str | None) -> FileInfo | None:
    if key is None:
        return None
    row = File.objects.filter(conversation=sender.conversation, side=sender.side, upload_key=key).first()
    if row is None:
        return None
    if row.state not in SEEN:
        raise running()
    return row.info()


def _share(sender: Sender, upload: IO[bytes], key: str | None, size: int) -> FileInfo:
    row = _reserve(sender, key, size)
    try:
        judged = judging.judge(upload, str(getattr(upload, "name", None) or ""), size)
        row.name, row.mime, row.size = judged.name, judged.mime, judged.size
        row.width, row.height = judged.width, judged.height
        row.state = State.WAITING if judged.waits else State.READY
        judging.keep(row.stored, judged)
        info = row.info()
        row.save()
        if not execute(live.keep(sender.conversation, row.letter, info)):
            # It ended meanwhile: nobody could be shown the file any more.
            raise _not_in_call()
    except BaseException:
        _undo(row)
        raise
    logger.info("file shared", extra={"conversation": sender.conversation, "file": row.pk, "mime": row.mime})
    return info


def _reserve(sender: Sender, key: str | None, size: int) -> File:
    """The row, when there is room for it. Two at once may both be refused; never is there more."""
    row = File(
        conversation_id=sender.conversation, side=sender.side, sent_by=sender.admin_id, upload_key=key, size=size
    )
    row.stored = f"{row.pk[:2]}/{row.pk}"
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise running() from error
    all_of = File.objects.filter(conversation=sender.conversation).exclude(state=State.ERASED)
    bytes_most = int(settings.FILES_MAX_MB_PER_CONVERSATION) * MB
    if (
        all_of.count() > settings.FILES_MAX_PER_CONVERSATION
        or (all_of.aggregate(sum=Sum("size"))["sum"] or 0) > bytes_most
    ):
        row.delete()
        raise DomainError(
            "files_full",
            _("No more files can be sent in this conversation: %(n)d files or %(mb)d MB at most.")
            % {"n": settings.FILES_MAX_PER_CONVERSATION, "mb": settings.FILES_MAX_MB_PER_CONVERSATION},
        )
    return row


def _undo(row: File) -> None:
    """Content first: what cannot be deleted now is found by the row later."""
    try:
        if judging.discard(row.stored):
            row.delete()
        else:
            File.objects.filter(pk=row.pk).update(state=State.RECEIVING, upload_key=None)
    except Exception:
        logger.exception("file that was not shared is left to the sweep", extra={"file": row.pk})


def running() -> DomainError:
    return DomainError("upload_running", _("This file is being sent already."), retryable=True, retry_after=2.0)


def _not_in_call() -> DomainError:
    return DomainError("not_in_call", _("You are not in a conversation now. Wait until you are connected."))
