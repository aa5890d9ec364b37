"""Files among what is kept of people: told to who asks for their data, gone with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from desk.files import sweep
from desk.files.models import SEEN, File

HELD = "The storage does not let go of files ({n}): the worker deletes them as soon as it does."


def exported(conversations: Sequence[str], _identity: str | None) -> dict[str, list[dict[str, Any]]]:
    """Facts of each, and where an operator who is signed in can open it."""
    rows = File.objects.filter(conversation__in=list(conversations), state__in=SEEN).order_by("created_at", "id")
    return {"files": [_plain(row) for row in rows]}


def discard(conversations: Sequence[str]) -> list[str]:
    """Deletes the content of what was erased at once. Answers a sentence on what the storage still holds."""
    left = sweep.discard_now(conversations)
    if not left:
        return []
    return [HELD.format(n=left)]


def ending(file: File) -> str:
    """ "PDF"."""
    return file.name.rpartition(".")[2].upper()


def _plain(file: File) -> dict[str, Any]:
    return {
        "id": file.pk,
        "conversation": file.conversation_id,
        "from": file.side,
        "operator": file.sent_by,
        "name": file.name,
        "size": file.size,
        "type": file.mime,
        "state": file.state,
        "sent_at": file.created_at.isoformat(),
        "content": reverse("console-file", args=[file.pk]),
    }
