"""Files that are there: what is known of them again, and their content for who has a signed address."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _

from desk.files.models import SEEN, File
from desk.files.sharing import Sender
from infra.errors import DomainError
from infra.redis import rates
from infra.redis.client import execute
from queueing.errors import token_expired
from queueing.live import files as live
from queueing.live import store
from queueing.live.files import FileInfo


def admit(sender: Sender) -> None:
    """Raises DomainError rate_limited; for a customer whose conversation is not kept any more token_expired."""
    wait_ms = execute(rates.count("file:look", sender.party, settings.PARTY_LIMIT))
    if wait_ms:
        raise rates.refusal(wait_ms, _("Too many messages at once. Please wait a moment."))
    if not sender.admin_id and not execute(store.lookup(sender.conversation))[0]:
        raise token_expired()


def infos(sender: Sender) -> list[FileInfo]:
    """All files of the conversation, the oldest first."""
    rows = File.objects.filter(conversation=sender.conversation, state__in=SEEN).order_by("created_at", "id")
    return [row.info() for row in rows[: settings.FILES_MAX_PER_CONVERSATION]]


def info(sender: Sender, file: str) -> FileInfo:
    """One of them, made known to the live state again: a wiped Redis has forgotten it. Raises DomainError
    file_unknown."""
    row = File.objects.filter(pk=file, conversation=sender.conversation, state__in=SEEN).first()
    if row is None:
        raise unknown()
    found = row.info()
    execute(live.keep(row.conversation_id, row.letter, found))
    return found


def unknown() -> DomainError:
    return DomainError("file_unknown", _("This file is no longer known here. Please attach it again."))
