"""What operators do with an appointment: take it, give it back, cancel it. Each step is one compare-and-set."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest

from accounts.models import Operator
from appointments import booking
from appointments.models import OPEN, Appointment
from infra import audit


def take(appointment: str, by: Operator, request: HttpRequest | None = None) -> str:
    """Empty, or the name of who has it: of several at once exactly one gets it."""
    with transaction.atomic():
        free = Appointment.objects.filter(pk=appointment, owner=None, state__in=OPEN)
        if free.update(owner=by, admin_id=by.username):
            audit.record("appointment_taken", by.username, request, appointment=appointment)
            return ""
    row = Appointment.objects.select_related("owner").filter(pk=appointment).exclude(owner=by).first()
    return row.owner_name if row else ""


def give_back(appointment: str, by: Operator, request: HttpRequest | None = None) -> bool:
    """Nobody has it then, if it was this operator's."""
    with transaction.atomic():
        if not Appointment.objects.filter(pk=appointment, owner=by).update(owner=None, admin_id=""):
            return False
        audit.record("appointment_given_back", by.username, request, appointment=appointment)
    return True


def cancel(appointment: str, by: Operator, request: HttpRequest | None = None) -> bool:
    """Whether it was still to come; its customer is written to."""
    with transaction.atomic():
        if not booking.cancel(appointment, booking.WITHDRAWN):
            return False
        audit.record("appointment_cancelled", by.username, request, appointment=appointment)
    return True
