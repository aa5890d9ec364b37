"""The link to an appointment: its id, and a signature that nobody else can make. The signature stands in the query,
which no log of ours keeps."""

from __future__ import annotations

from django.core.signing import BadSignature, Signer
from django.urls import reverse

from appointments.models import Appointment

SALT = "adminara.appointment"


def signature(appointment: str) -> str:
    return Signer(salt=SALT).signature(appointment)


def is_good(appointment: str, signed: str) -> bool:
    try:
        Signer(salt=SALT).unsign(f"{appointment}:{signed}")
    except BadSignature:
        return False
    return True


def path(row: Appointment, name: str = "appointment") -> str:
    return f"{reverse(name, args=[row.pk])}?key={signature(row.pk)}"


def address(row: Appointment) -> str:
    return f"{row.origin}{path(row)}"
