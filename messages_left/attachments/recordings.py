"""A voice or video message, judged by its content: what browsers' recorders write and browsers play, and no longer than
it may be."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import IO

from django.utils.translation import gettext as _

from desk.files import judging
from desk.files.judging import Judged
from infra.errors import DomainError
from messages_left.attachments import mp4, webm
from messages_left.attachments.media import Media, Unreadable
from messages_left.attachments.models import Kind

SECS_MOST = 120
SPARE_SECS = 5
"""Recorders stop a little late, and clocks of sound and page differ."""
ENDINGS = {
    "audio/webm": "webm",
    "video/webm": "webm",
    "audio/mp4": "m4a",
    "video/mp4": "mp4",
}
HEAD_BYTES = 12


@dataclass(frozen=True)
class Recording:
    judged: Judged
    seconds: int


def judge(upload: IO[bytes], kind: Kind, size: int) -> Recording:
    """`size`: of the upload, bytes. Raises DomainError recording_refused, recording_too_long, file_infected."""
    family, media = _read(upload, size, kind)
    is_video = kind == Kind.VIDEO
    wanted = (
        (len(media.sounds) <= 1 and len(media.pictures) == 1)
        if is_video
        else (len(media.sounds) == 1 and not media.pictures)
    )
    if not wanted or not media.pieces or not math.isfinite(media.seconds):
        raise refused(kind)
    if media.seconds > SECS_MOST + SPARE_SECS:
        raise DomainError(
            "recording_too_long", _("A recording may last %(n)d seconds at most. Record it anew.") % {"n": SECS_MOST}
        )
    mime = f"{'video' if is_video else 'audio'}/{family}"
    name = f"{kind}.{ENDINGS[mime]}"
    seconds = min(SECS_MOST, max(1, round(media.seconds)))
    return Recording(judging.scanned(Judged(upload, name, mime, size)), seconds)


def refused(kind: Kind) -> DomainError:
    message = (
        _("This is no video message that can be played here. Record it anew, or write instead.")
        if kind == Kind.VIDEO
        else _("This is no voice message that can be played here. Record it anew, or write instead.")
    )
    return DomainError("recording_refused", message)


def _read(upload: IO[bytes], size: int, kind: Kind) -> tuple[str, Media]:
    upload.seek(0)
    head = upload.read(HEAD_BYTES)
    try:
        if head.startswith(webm.MAGIC):
            return "webm", webm.read(upload, size)
        if head[4:8] == mp4.MAGIC:
            return "mp4", mp4.read(upload, size)
    except Unreadable:
        pass
    raise refused(kind)
