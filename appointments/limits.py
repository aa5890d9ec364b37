"""How often somebody may look at the times, and choose, move or give back one: charged before anything is read."""

from __future__ import annotations

import time
from threading import Lock

from django.conf import settings
from django.utils.translation import gettext as _

from infra.addresses import counted_as
from infra.buckets import Buckets
from infra.redis import rates
from infra.redis.client import execute
from notifications.transports import mail

EVERYBODY = "everybody"
LOOKS = "60/minute"
"""From one address, of each process: a page of times takes some 50 ms to write, and a person looks at few."""

_looks = Buckets()
_lock = Lock()


def offered() -> bool:
    """Whether times can be chosen here: without e-mail nobody could be told of theirs."""
    return bool(settings.ENABLE_APPOINTMENTS and mail.configured())


def admit_look(address: str) -> None:
    """Raises DomainError `rate_limited`."""
    with _lock:
        wait = _looks.take(counted_as(address), LOOKS, time.monotonic())
    if wait is not None:
        raise rates.refusal(round(wait * 1000), _("Too many requests at once. Please wait a moment."))


def admit(address: str) -> None:
    """Raises DomainError `rate_limited`; StoreUnavailable."""
    counted = [
        rates.Counted("appointment:client", counted_as(address), str(settings.APPOINTMENT_CLIENT_LIMIT)),
        rates.Counted("appointment", EVERYBODY, str(settings.APPOINTMENT_LIMIT)),
    ]
    if wait_ms := execute(rates.count_all(counted)):
        raise rates.refusal(wait_ms, _("Too many requests at once. Please wait a moment."))
