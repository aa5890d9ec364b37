"""Writing notes, changing one's own, and finding those that matter to a conversation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Operator
from desk.notes.models import TEXT_MAX, About, Note
from infra.errors import DomainError
from infra.storable import storable
from infra.writing.text import clean_text, is_visible
from queueing.history.models import Conversation, person_in

SHOWN_MOST = 50
"""Of a conversation, and of the person's earlier ones."""
NOTES_MOST = 100
"""Of one conversation."""


def person_of(conversation: Conversation) -> str:
    """Who the site has signed that the customer is; empty where it has signed nothing."""
    return person_in(conversation.attributes)


def of_conversation(conversation: Conversation) -> list[Note]:
    """The newest first."""
    return list(_of(conversation)[:SHOWN_MOST])


def earlier(conversation: Conversation) -> list[Note]:
    """Of the same person, from other conversations: those about the person first, the newest first of each."""
    person = person_of(conversation)
    if not person:
        return []
    rows = Note.objects.filter(person=person).exclude(conversation=conversation).select_related("author")
    return list(rows.order_by("-about", "-at", "-pk")[:SHOWN_MOST])


def cleaned(text: str) -> str:
    """Raises DomainError `schema` for a text that says nothing, or too much."""
    kept = clean_text(storable(text)).strip()
    if not is_visible(kept):
        raise _refused(_("There is nothing to see in this note."))
    if len(kept) > TEXT_MAX:
        raise _refused(_("A note has at most %(n)s characters: shorten it.") % {"n": TEXT_MAX})
    return kept


def write(conversation: Conversation, text: str, about: About, *, by: Operator, key: str) -> Note:
    """The note; the one that is there where the key is known. Raises DomainError `schema`, or `erased` when nothing
    more may be kept of this customer."""
    known = _of(conversation).filter(key=key).first()
    if known is not None:
        return known
    if conversation.anonymised_at is not None:
        raise _erased()
    kept = cleaned(text)
    person = person_of(conversation)
    if about == About.PERSON and not person:
        raise _refused(_("The site has not signed who this is: write it about the conversation."))
    if _of(conversation).count() >= NOTES_MOST:
        raise _refused(_("A conversation has at most %(n)s notes: add to one of them.") % {"n": NOTES_MOST})
    who = {"author": by, "admin_id": by.get_username()}
    try:
        with transaction.atomic():
            # Locked where the database can, so that nothing is written down just after they were erased.
            now = Conversation.objects.select_for_update().only("anonymised_at").get(pk=conversation.pk)
            if now.anonymised_at is not None:
                raise _erased()
            return Note.objects.create(conversation=conversation, person=person, about=about, text=kept, key=key, **who)
    except IntegrityError:
        # The same key, at the same moment.
        return _of(conversation).get(key=key)


def edit(pk: int, text: str, *, by: Operator) -> Note | None:
    """One's own; None where there is none."""
    with transaction.atomic():
        rows = Note.objects.select_for_update(of=("self",)).select_related("author")
        note = rows.filter(pk=pk, author=by).first()
        if note is None:
            return None
        kept = cleaned(text)
        if kept != note.text:
            note.text, note.edited_at = kept, timezone.now()
            note.save(update_fields=["text", "folded", "edited_at"])
    return note


def _of(conversation: Conversation) -> QuerySet[Note]:
    return Note.objects.filter(conversation=conversation).select_related("author")


def as_dict(note: Note, reader: Operator) -> dict[str, Any]:
    """For the console. Times are ISO 8601."""
    return {
        "id": note.pk,
        "conversation": note.conversation_id,
        "about": note.about,
        "text": note.text,
        "author": author_of(note),
        "own": note.author_id == reader.pk,
        "at": note.at.isoformat(),
        "edited_at": note.edited_at.isoformat() if note.edited_at else None,
    }


def author_of(note: Note) -> str:
    return str(note.author) if note.author else note.admin_id


# -- with a person's data ---------------------------------------------------------------------------------------------


def forget(conversations: Sequence[str]) -> None:
    Note.objects.filter(conversation__in=list(conversations)).delete()


def forget_person(identity: str) -> None:
    Note.objects.filter(person=identity).delete()


def exported(conversations: Sequence[str], identity: str | None) -> dict[str, list[dict[str, Any]]]:
    """What operators have written about a person belongs to the person's data, and is marked as theirs."""
    rows = Note.objects.filter(conversation__in=list(conversations))
    if identity:
        rows = (rows | Note.objects.filter(person=identity)).distinct()
    return {"notes_of_operators": [_plain(row) for row in rows.select_related("author").order_by("at", "pk")]}


def as_json(conversation: Conversation) -> dict[str, Any]:
    rows = _of(conversation).order_by("at", "pk")
    return {"notes_of_operators": [_plain(row) for row in rows]}


def _plain(note: Note) -> dict[str, Any]:
    return {
        "conversation": note.conversation_id,
        "about": note.about,
        "text": note.text,
        "author": author_of(note),
        "at": note.at.isoformat(),
        "edited_at": note.edited_at.isoformat() if note.edited_at else None,
    }


def _erased() -> DomainError:
    return DomainError("erased", _("This customer's data was erased. Nothing more is written down about them."))


def _refused(message: str) -> DomainError:
    return DomainError("schema", message, fields={"text": message})
