"""Messages among what is kept of people: told to who asks for their data, gone after RETENTION_DAYS or when somebody
asks for it. That there was one, and how long it was open, stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from infra import mail
from messages_left.attachments import sweep
from messages_left.attachments.models import Attachment
from messages_left.models import Message, Reply, State
from notifications import retention as notifications
from notifications import services
from notifications.models import Standing
from queueing import file_links

BATCH = 200


def forget(conversations: Sequence[str]) -> None:
    """In the open transaction."""
    erase(Message.objects.filter(conversation__in=list(conversations)))


def forget_person(identity: str) -> None:
    erase(Message.objects.filter(person=identity))


def forget_mailbox(mailbox: str) -> None:
    erase(_of_mailbox(mailbox))


def forget_old() -> int:
    """What was left more than RETENTION_DAYS ago, a batch at a time; answers how many there were."""
    if not settings.RETENTION_DAYS:
        return 0
    before = timezone.now() - timedelta(days=settings.RETENTION_DAYS)
    old = Message.objects.filter(left_at__lt=before, erased_at=None)
    done = 0
    while ids := list(old.order_by("left_at").values_list("pk", flat=True)[:BATCH]):
        done += erase(Message.objects.filter(pk__in=ids))
    return done


def erase(rows: QuerySet[Message]) -> int:
    """Takes out who it was and what they wrote, also from the cards in chats. Nothing is left to be done about it."""
    nothing = {"name": "", "email": "", "phone": "", "text": "", "note": "", "person": "", "folded": ""}
    with transaction.atomic():
        ids = list(rows.filter(erased_at=None).values_list("pk", flat=True))
        now = timezone.now()
        undone = Message.objects.filter(pk__in=ids).exclude(state=State.DONE)
        for row in undone.select_related("owner"):
            services.message_changed(row.notification, Standing.ENDED, row.owner_name)
        undone.update(state=State.DONE, done_at=now)
        Message.objects.filter(pk__in=ids).update(**nothing, erased_at=now)
        gone = sweep.erase(Attachment.objects.filter(message__in=ids))
        # Their content after that; what the storage holds on to, the worker takes away later.
        transaction.on_commit(lambda: sweep.discard_now(gone))
        replies = Reply.objects.filter(message__in=ids)
        sent = list(replies.values_list("notification", flat=True))
        replies.update(text="")
        notifications.anonymise_named([*(Message(pk=one).notification for one in ids), *sent])
    return len(ids)


def exported(conversations: Sequence[str], identity: str | None) -> dict[str, list[dict[str, Any]]]:
    either = Q(conversation__in=list(conversations))
    if identity:
        either |= Q(person=identity)
    return _exported(Message.objects.filter(either))


def exported_of_mailbox(mailbox: str) -> dict[str, list[dict[str, Any]]]:
    return _exported(_of_mailbox(mailbox))


def _of_mailbox(mailbox: str) -> QuerySet[Message]:
    """Those that bear an address of it, also where no conversation is known."""
    near = Message.objects.filter(email__istartswith=mail.name_in(mailbox)).values_list("pk", "email")
    return Message.objects.filter(pk__in=[pk for pk, email in near if mail.is_of(mailbox, email)])


def _exported(messages: QuerySet[Message]) -> dict[str, list[dict[str, Any]]]:
    rows = messages.prefetch_related("replies", "attachments").order_by("left_at", "id")
    return {"messages_left": [_plain(row) for row in rows]}


def _plain(row: Message) -> dict[str, Any]:
    names = ("id", "conversation", "why", "site", "language", "name", "email", "phone", "text", "state", "note")
    return {
        **{name: getattr(row, name) for name in names},
        "left_at": row.left_at.isoformat(),
        "files": [_plain_file(one) for one in row.attachments.all()],
        "replies": [{"text": reply.text, "at": reply.at.isoformat()} for reply in row.replies.all()],
    }


def _plain_file(one: Attachment) -> dict[str, Any]:
    """Facts, and where an operator who is signed in can open it."""
    facts = {name: getattr(one, name) for name in ("kind", "name", "size", "mime", "seconds", "state")}
    return {**facts, "content": reverse("admin:messages_left_attachment", args=[one.pk, file_links.CONTENT])}
