"""What time demands of appointments, by the worker, once a second: reminders, the call, and what came of it.

Each step is a compare-and-set or may be done twice, so a worker that dies between two of them is no loss. When a time
has come is judged by Redis' clock (queueing/live/lua/book.lua); a worker's own says only when to ask.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from appointments import booking
from appointments.idle import is_idle
from appointments.models import Appointment, State
from infra.errors import DomainError, StoreUnavailable
from notifications import services
from queueing import booked
from queueing.history.callback_models import Callback
from queueing.history.models import Conversation, Status
from queueing.history.recording import callbacks

logger = logging.getLogger(__name__)

BATCH = 50
LATE = timedelta(hours=1)
"""Nobody was there to call for so long: nobody comes any more, and somebody owns it as a message."""
UNRECORDED = timedelta(seconds=30)
"""A call that the history does not know of by then was lost with Redis: it is begun again."""
FOLLOWED = 500
"""More than can be away at once (queueing/live/lua/lib/callbacks.lua)."""
CAME_OF = {
    Callback.State.CAME: State.MET,
    Callback.State.MISSED: State.MISSED,
    Callback.State.CANCELLED: State.CANCELLED,
}


def see_to(now: datetime | None = None) -> None:
    """Raises StoreUnavailable, DatabaseError."""
    now = now or timezone.now()
    if is_idle(now):
        return
    remind(now)
    follow(now)
    begin(now)


def remind(now: datetime) -> None:
    """The customer by e-mail, the operators in their chats: once for each time that was chosen."""
    lead = timedelta(seconds=settings.APPOINTMENT_REMIND_SECS)
    if not lead:
        return
    for row in _soon(now, lead).select_related("owner").order_by("starts_at")[:BATCH]:
        with transaction.atomic():
            same = Appointment.objects.filter(pk=row.pk, state=State.BOOKED, reminded_at=None, sequence=row.sequence)
            if not same.update(reminded_at=now):
                continue
            # Who has chosen it a moment ago has just been written to.
            if now - row.booked_at > lead or row.sequence:
                booking.write(row, booking.REMINDER)
                if row.push:
                    services.remind_by_push(row.pk, booking.REMINDER, row.sequence, row.browser, row.language)
            services.remind_of_appointment(
                row.pk,
                row.sequence,
                name=row.name,
                topic=row.topic,
                starts=row.starts_at,
                line=row.line,
                to=row.admin_id,
            )


def _soon(now: datetime, lead: timedelta) -> QuerySet[Appointment]:
    return Appointment.objects.filter(
        state=State.BOOKED, reminded_at=None, erased_at=None, starts_at__gt=now, starts_at__lte=now + lead
    )


def begin(now: datetime) -> None:
    """Whose time has come stands in the queue, the earliest first."""
    for row in _to_call(now).order_by("starts_at", "booked_at")[:BATCH]:
        if now - row.starts_at > LATE:
            _missed(row, now)
        else:
            _call(row, now)


def _to_call(now: datetime) -> QuerySet[Appointment]:
    told = Callback.objects.filter(conversation=OuterRef("conversation"))
    gone_on = Conversation.objects.filter(pk=OuterRef("conversation")).exclude(status=Status.WAITING)
    lost = Q(state=State.CALLED, called_at__lte=now - UNRECORDED) & ~Exists(told) & ~Exists(gone_on)
    return Appointment.objects.filter(Q(state=State.BOOKED, starts_at__lte=now) | lost)


def _call(row: Appointment, now: datetime) -> None:
    """Who cannot be called now holds up nobody else, and is tried again. Raises StoreUnavailable."""
    mine = Appointment.objects.filter(pk=row.pk, state=row.state, starts_at=row.starts_at)
    # Before the queue is told: who gives the time back in this moment is not called.
    if not mine.update(state=State.CALLED, called_at=now):
        return
    try:
        booked.begin(booked_of(row))
    except (DomainError, StoreUnavailable) as error:
        same = Appointment.objects.filter(pk=row.pk, state=State.CALLED, called_at=now)
        same.update(state=row.state, called_at=row.called_at)
        logger.info("appointment not called yet", extra={"appointment": row.pk, "code": error.code})
        if isinstance(error, StoreUnavailable):
            raise


def booked_of(row: Appointment) -> booked.Booked:
    """Who begins to wait."""
    return booked.Booked(
        conversation=row.conversation,
        starts_at=round(row.starts_at.timestamp() * 1000),
        name=row.name,
        topic=row.topic,
        media=row.media,
        locale=row.language,
        site=row.site,
        line=row.line,
        email=row.email,
        origin=row.origin,
        push=row.push,
    )


def _missed(row: Appointment, now: datetime) -> None:
    with transaction.atomic():
        rows = Appointment.objects.filter(pk=row.pk, state=row.state)
        if rows.update(state=State.MISSED, over_at=now, push=""):
            callbacks.missed(
                callbacks.Missed(row.conversation, row.name, row.topic, row.site, "", row.language, row.email)
            )
            logger.warning("appointment missed: nobody was there to call in time", extra={"appointment": row.pk})


def follow(now: datetime) -> None:
    """What came of those who were called, as the history tells it."""
    rows = {row.conversation: row for row in _called()[:FOLLOWED]}
    found = Conversation.objects.filter(pk__in=list(rows)).select_related("callback")
    for conversation in found:
        callback = getattr(conversation, "callback", None)
        state = _came_of(conversation, callback)
        if state is not None:
            over = (callback.over_at if callback else None) or now
            mine = Appointment.objects.filter(pk=rows[conversation.pk].pk, state=State.CALLED)
            mine.update(state=state, over_at=over, push="")


def _called() -> QuerySet[Appointment]:
    return Appointment.objects.filter(state=State.CALLED)


def _came_of(conversation: Conversation, callback: Callback | None) -> State | None:
    """None while it is still to be seen."""
    # Redis was wiped before the history was told that they were called: they came by themselves, or did not.
    told = Callback.State.CANCELLED if callback is None else Callback.State(callback.state)
    if told == Callback.State.OPEN:
        return None
    # Who came and waits on the page instead is still to be served.
    if told == Callback.State.CANCELLED and conversation.status == Status.WAITING:
        return None
    if conversation.status == Status.ACTIVE or conversation.claimed_at is not None:
        return State.MET
    return CAME_OF[told]
