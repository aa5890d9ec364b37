"""What operators do with a message: take it, answer it, note something, call it done, open it again.

Each step is one compare-and-set; the card in every chat follows in the same transaction, so both tell the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Operator
from infra import audit
from infra.errors import DomainError
from infra.storable import storable
from infra.writing.text import clean_text, is_visible
from messages_left.models import NOTE_MAX, TEXT_MAX, Message, Reply, State
from notifications import services
from notifications.models import Standing
from notifications.transports import mail


class Outcome(StrEnum):
    """What came of taking a message."""

    WON = "won"
    MINE = "mine"  # taken before, by the same operator
    TAKEN = "taken"  # by another
    DONE = "done"
    GONE = "gone"


@dataclass(frozen=True)
class Answer:
    """`by` is the name of who has, or had, it; for TAKEN and DONE."""

    outcome: Outcome
    by: str = ""


def take(message: str, by: Operator, request: HttpRequest | None = None, *, instead_of: str | None = None) -> Answer:
    """Of several at once, exactly one is told WON. `instead_of`: the adminId of who has it and shall have it no
    longer."""
    seen = {"state": State.OPEN} if instead_of is None else {"state": State.TAKEN, "admin_id": instead_of}
    rows = Message.objects.filter(pk=message, **seen)
    with transaction.atomic():
        if _take(rows, by):
            _changed(message, Standing.CLAIMED, by)
            audit.record("message_taken", by.username, request, message=message)
            return Answer(Outcome.WON)
    row = Message.objects.select_related("owner").filter(pk=message).first()
    if row is None:
        return Answer(Outcome.GONE)
    if row.state == State.DONE:
        return Answer(Outcome.DONE, row.owner_name)
    if row.admin_id == by.username:
        return Answer(Outcome.MINE)
    return Answer(Outcome.TAKEN, row.owner_name)


def done(message: str, by: Operator, request: HttpRequest | None = None) -> bool:
    """False when it is done already, or gone."""
    rows = Message.objects.filter(pk=message)
    with transaction.atomic():
        _take(rows.filter(state=State.OPEN), by)
        if not rows.filter(state=State.TAKEN).update(state=State.DONE, done_at=timezone.now()):
            return False
        _changed(message, Standing.ENDED, by)
        audit.record("message_done", by.username, request, message=message)
    return True


def reopen(message: str, by: Operator, request: HttpRequest | None = None) -> bool:
    """Nobody has it then: a message that was done, or one that its owner gives back. Never one that was erased: there
    is nothing left to do about it."""
    rows = Message.objects.filter(pk=message, erased_at=None).exclude(state=State.OPEN)
    with transaction.atomic():
        if not rows.update(state=State.OPEN, owner=None, admin_id="", taken_at=None, done_at=None):
            return False
        services.message_changed(Message(pk=message).notification, Standing.WAITING)
        audit.record("message_reopened", by.username, request, message=message)
    return True


def note(message: str, text: str) -> None:
    """Raises DomainError `schema` for one that is too long."""
    Message.objects.filter(pk=message, erased_at=None).update(note=_cleaned(text, NOTE_MAX))


def may_be_answered(message: Message) -> bool:
    return bool(message.email and mail.configured())


def reply(message: str, text: str, by: Operator, request: HttpRequest | None = None) -> Reply:
    """Has it sent by e-mail; who answers an open message takes it. Raises DomainError `schema`,
    `message_unanswerable`."""
    kept = _cleaned(text, TEXT_MAX)
    if not is_visible(kept):
        raise DomainError("schema", _("There is nothing to see in this reply."), fields={"text": "is empty"})
    with transaction.atomic():
        row = Message.objects.select_for_update().filter(pk=message).first()
        if row is None or not may_be_answered(row):
            raise DomainError("message_unanswerable", _("This message cannot be answered by e-mail."))
        answer = Reply.objects.create(message=row, author=by, admin_id=by.username, text=kept)
        answer.notification = services.send_reply(answer.pk, row.email, row.language)
        answer.save(update_fields=["notification"])
        audit.record("message_answered", by.username, request, message=message)
        if _take(Message.objects.filter(pk=message, state=State.OPEN), by):
            _changed(message, Standing.CLAIMED, by)
    return answer


def _take(rows: QuerySet[Message], by: Operator) -> bool:
    return bool(rows.update(state=State.TAKEN, owner=by, admin_id=by.username, taken_at=timezone.now()))


def _changed(message: str, standing: Standing, by: Operator) -> None:
    services.message_changed(Message(pk=message).notification, standing, by.get_short_name())


def _cleaned(text: str, most: int) -> str:
    kept = clean_text(storable(text)).strip()
    if len(kept) > most:
        raise DomainError("schema", _("At most %(n)s characters.") % {"n": most}, fields={"text": f"over {most}"})
    return kept
