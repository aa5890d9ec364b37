"""The browser in which a customer wants to be reminded beside the e-mail, and then called: chosen on the page of the
appointment.

As with callbacks (queueing/callbacks/devices.py) it is kept sealed, and goes with what it was kept for.
"""

from __future__ import annotations

from django.utils import translation
from django.utils.translation import gettext as _

from appointments import links, words
from appointments.models import Appointment, State
from notifications.browsers import Context, Push, Words
from queueing.callbacks import devices
from queueing.callbacks.devices import Device


def keep(appointment: str, device: Device | None) -> bool:
    """The one that is told from now on; None: none. False where the time is over. Raises DomainError `schema` where
    nothing could be sent to."""
    if device is not None:
        devices.check(device)
    sealed = "" if device is None else devices.seal(device)
    return bool(Appointment.objects.filter(pk=appointment, state=State.BOOKED).update(push=sealed))


class Reminded:
    """`browsers.Keeper` of reminders. The letter goes in any case."""

    def find(self, context: Context, language: str) -> Push | None:
        row = _row(context)
        device = devices.unseal(row.push) if row is not None and row.push else None
        if row is None or device is None or row.state != State.BOOKED or row.sequence != context.get("sequence"):
            return None
        with translation.override(language):
            return Push(device, _words(row))

    def drop(self, context: Context) -> None:
        """Another one that was chosen meanwhile stays."""
        row = _row(context)
        if row is not None and row.push and row.browser == context.get("browser"):
            Appointment.objects.filter(pk=row.pk, push=row.push).update(push="")

    def given_up(self, context: Context, language: str) -> None:
        """Nothing is to be done."""


def _row(context: Context) -> Appointment | None:
    return Appointment.objects.filter(pk=str(context.get("appointment", "")), erased_at=None).first()


def _words(row: Appointment) -> Words:
    """In the language in force. Screens show it while they are locked: when, and not about what."""
    return Words(_("Soon: your time for live support"), words.when(row), links.path(row))
