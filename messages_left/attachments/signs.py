"""What comes along with a message, in signs that need no language: for cards, lists and the quote of a reply."""

from __future__ import annotations

from collections.abc import Iterable

from messages_left.attachments.models import Attachment, Kind

OF_KIND = {Kind.VOICE.value: "🎤", Kind.VIDEO.value: "🎥"}
FILES = "📎"


def signs(attachments: Iterable[Attachment]) -> str:
    """ "🎤 0:23 📎 2"; empty where there is nothing."""
    rows = list(attachments)
    recordings = [f"{OF_KIND[row.kind]} {row.clock}" for row in rows if row.kind in OF_KIND]
    files = sum(row.kind == Kind.FILE for row in rows)
    return " ".join([*recordings, *([f"{FILES} {files}"] if files else [])])
