"""What a customer is written about an appointment, with the calendar file: chosen, moved, given back, soon."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from appointments import booking, ics, links, words
from appointments.models import Appointment, State
from notifications.content.letters import Letter


def letter(context: Mapping[str, Any], language: str) -> Letter | None:
    """None for one that was overtaken by a later change, or erased."""
    row = Appointment.objects.filter(pk=str(context.get("appointment", "")), erased_at=None).first()
    what = str(context.get("what", ""))
    if row is None or row.sequence != context.get("sequence"):
        return None
    over = what in (booking.CANCELLED, booking.WITHDRAWN)
    if row.state != (State.CANCELLED if over else State.BOOKED):
        return None
    with translation.override(language):
        host, when = words.host_of(row), words.when(row)
        told = {"host": host, "when": when}
        subject, intro = _said(what)
        if over:
            again = _("You can choose another time here:")
            body = f"{intro % told}\n\n{again}\n{row.origin}/\n"
        else:
            link = _(
                "With this link you take your place when it is time, or move the time or give it back until then. "
                "Do not pass it on:"
            )
            then = _("At that time you stand at the head of the queue, and we write to you again.")
            body = f"{intro % told}\n{then}\n\n{link}\n{links.address(row)}\n"
        return Letter(subject % told, body, calendar=file(row))


def _said(what: str) -> tuple[str, str]:
    if what == booking.MOVED:
        return _("Your new time at %(host)s"), _("Your time at %(host)s was moved. It is now: %(when)s.")
    if what == booking.CANCELLED:
        return _("Your time at %(host)s was given back"), _("You have given back your time at %(host)s: %(when)s.")
    if what == booking.WITHDRAWN:
        return (
            _("Your time at %(host)s had to be cancelled"),
            _("We are sorry: we had to cancel your time at %(host)s: %(when)s."),
        )
    if what == booking.REMINDER:
        return _("Soon: your time at %(host)s"), _("A reminder of your time at %(host)s: %(when)s.")
    return _("Your time at %(host)s"), _("You have chosen a time at %(host)s: %(when)s.")


def file(row: Appointment) -> str:
    """The calendar file, in the language in force."""
    host = words.host_of(row)
    about = _("Open this link when it is time: %(link)s") % {"link": links.address(row)}
    sender = str(settings.MAIL_REPLY_TO or settings.MAIL_FROM or f"support@{host}")
    return ics.calendar(
        ics.Event(
            uid=f"{row.pk}@{host}",
            sequence=row.sequence,
            starts=row.starts_at,
            ends=row.ends_at,
            written=timezone.now(),
            summary=_("Support: %(host)s") % {"host": host},
            description=about,
            url=links.address(row),
            organizer=sender.rpartition("<")[2].rstrip(">"),
            cancelled=row.state == State.CANCELLED,
            alarm_minutes=round(settings.APPOINTMENT_REMIND_SECS / 60),
        )
    )
