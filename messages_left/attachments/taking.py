"""A stranger's file on its way to a message: judged and kept, then sent with it or swept away."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from desk.files import judging, sharing
from desk.files.judging import Judged
from infra.errors import DomainError
from messages_left.attachments import quota, recordings
from messages_left.attachments.models import SENDABLE, Attachment, Kind, State

logger = logging.getLogger(__name__)
KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")


def admit(draft: str, address: str) -> None:
    """Before a byte of it is read. Raises DomainError files_off, files_full, storage_full."""
    if not quota.most_bytes():
        raise sharing.switched_off()
    quota.check(draft, quota.source_of(address))
    quota.check_room()


def take(draft: str, address: str, upload: UploadedFile[Any], kind: Kind, key: str) -> tuple[Attachment, bool]:
    """What is known of it now, and whether it is new: the same key again is answered with what it made.

    Raises DomainError with any code of docs/protocol.md's table; DatabaseError.
    """
    if not KEY.fullmatch(key):
        raise DomainError("schema", _("The request is not valid."), fields={"key": KEY.pattern})
    made = Attachment.objects.filter(upload_key=key).first()
    if made is not None:
        if made.state not in SENDABLE:
            raise sharing.running()
        return made, False
    size = upload.size or 0
    if size == 0:
        raise DomainError("file_empty", _("This file is empty."))
    if size > quota.most_bytes():
        raise sharing.too_large()
    row = _reserve(draft, quota.source_of(address), kind, key, size)
    try:
        judged, row.seconds = _judged(upload, kind, size)
        quota.resize(row, judged.size)
        row.name, row.mime, row.width, row.height = judged.name, judged.mime, judged.width, judged.height
        row.state = State.WAITING if judged.waits else State.READY
        judging.keep(row.stored, judged)
        row.save(force_update=True)
    except BaseException:
        _undo(row)
        raise
    logger.info("file for a message", extra={"attachment": row.pk, "mime": row.mime, "kind": str(kind)})
    return row, True


def bind(message: str, files: Sequence[str]) -> None:
    """These belong to the message of this id from now on; in the transaction that keeps it. Raises DomainError
    files_gone, files_full."""
    ids = list(dict.fromkeys(files))
    if not ids:
        return
    free = Attachment.objects.filter(pk__in=ids, message=None, state__in=SENDABLE)
    if free.update(message_id=message, draft="", source="", upload_key=None) != len(ids):
        raise DomainError(
            "files_gone",
            _("The attached files are no longer here: unsent ones are kept for two hours. Please attach them again."),
        )
    quota.check_message(Attachment.objects.filter(message=message))


def _reserve(draft: str, source: str, kind: Kind, key: str, size: int) -> Attachment:
    """The row, when there is room for it."""
    row = Attachment(draft=draft, source=source, kind=kind, upload_key=key, size=size)
    row.stored = f"messages/{row.pk[:2]}/{row.pk}"
    try:
        with transaction.atomic():
            quota.charge(size)
            row.save(force_insert=True)
            quota.check(draft, source)
    except IntegrityError as error:
        raise sharing.running() from error
    return row


def _judged(upload: UploadedFile[Any], kind: Kind, size: int) -> tuple[Judged, int | None]:
    """What is kept, and how long it lasts in seconds."""
    if kind == Kind.FILE:
        return judging.judge(upload, str(upload.name or ""), size), None
    recording = recordings.judge(upload, kind, size)
    return recording.judged, recording.seconds


def _undo(row: Attachment) -> None:
    """Content first: what cannot be deleted now is found by the row later."""
    try:
        if judging.discard(row.stored):
            quota.remove(Attachment.objects.filter(pk=row.pk))
        else:
            Attachment.objects.filter(pk=row.pk).update(state=State.ERASED, upload_key=None)
    except Exception:
        logger.exception("file that was not taken is left to the sweep", extra={"attachment": row.pk})
