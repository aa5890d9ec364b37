"""Appointments among what is kept of people: told to who asks for their data, gone after RETENTION_DAYS or when
somebody asks for it. That there was one, and what came of it, stays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from appointments.models import Appointment, State
from infra import mail
from notifications import retention as notifications
from notifications.models import OutboxMessage
from queueing.history.models import Conversation

BATCH = 200


def forget(conversations: Sequence[str]) -> None:
    """In the open transaction."""
    erase(Appointment.objects.filter(conversation__in=list(conversations)))


def forget_old() -> int:
    """Those whose time was more than RETENTION_DAYS ago, a batch at a time; answers how many there were."""
    if not settings.RETENTION_DAYS:
        return 0
    before = timezone.now() - timedelta(days=settings.RETENTION_DAYS)
    old = Appointment.objects.filter(starts_at__lt=before, erased_at=None)
    done = 0
    while ids := list(old.order_by("starts_at").values_list("pk", flat=True)[:BATCH]):
        done += erase(Appointment.objects.filter(pk__in=ids))
    return done


def erase(rows: QuerySet[Appointment]) -> int:
    """Takes out who it was, also of what was sent about it. One that is to come is cancelled by that, and one that was
    called and of which nothing is recorded: it would be called again."""
    nothing = {"name": "", "email": "", "mailbox": "", "topic": "", "zone": "", "origin": "", "push": "", "folded": ""}
    now = timezone.now()
    with transaction.atomic():
        ids = list(rows.filter(erased_at=None).values_list("pk", flat=True))
        recorded = Exists(Conversation.objects.filter(pk=OuterRef("conversation")))
        to_come = Q(state=State.BOOKED) | Q(~recorded, state=State.CALLED)
        Appointment.objects.filter(to_come, pk__in=ids).update(state=State.CANCELLED, over_at=now)
        Appointment.objects.filter(pk__in=ids).update(**nothing, erased_at=now)
        sent = [name for one in ids for name in _notifications(one)]
        notifications.anonymise_named(sent)
    return len(ids)


def _notifications(appointment: str) -> list[str]:
    rows = OutboxMessage.objects.filter(notification__startswith=f"appointment:{appointment}:")
    return list(rows.values_list("notification", flat=True))


def found(addresses: Sequence[str]) -> list[str]:
    """Their conversations, also those that are to come. By what stands in the row: the digest that limits count by is
    another one since SECRET_KEY was changed."""
    ids = [pk for one in addresses for pk in _of_mailbox(mail.mailbox_of(one))]
    rows = Appointment.objects.filter(pk__in=ids)
    return list(rows.order_by("starts_at").values_list("conversation", flat=True))


def _of_mailbox(mailbox: str) -> list[str]:
    near = Appointment.objects.filter(email__istartswith=mail.name_in(mailbox)).values_list("pk", "email")
    return [pk for pk, email in near if mail.is_of(mailbox, email)]


def exported(conversations: Sequence[str], _identity: str | None) -> dict[str, list[dict[str, Any]]]:
    rows = Appointment.objects.filter(conversation__in=list(conversations)).order_by("starts_at")
    return {"appointments": [_plain(row) for row in rows]}


def _plain(row: Appointment) -> dict[str, Any]:
    names = ("id", "conversation", "site", "line", "name", "email", "topic", "media", "language", "zone", "state")
    moments = ("starts_at", "booked_at", "reminded_at", "called_at", "over_at")
    return {
        **{name: getattr(row, name) for name in names},
        "minutes": row.minutes,
        "browser": bool(row.push),
        **{name: at.isoformat() if (at := getattr(row, name)) else None for name in moments},
    }
