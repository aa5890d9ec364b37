"""How often somebody may leave a message, or ask to upload files for one: counted in Redis over all processes, and in
each process while it is out.
"""

from __future__ import annotations

import time
from threading import Lock

from django.conf import settings
from django.utils.translation import gettext as _

from infra.addresses import counted_as
from infra.buckets import Buckets
from infra.errors import DomainError, StoreUnavailable
from infra.redis import rates
from infra.redis.client import execute

EVERYBODY = "everybody"
MESSAGE, DRAFT = "message", "message:draft"

_meanwhile = Buckets()
_lock = Lock()


def admit(address: str, action: str = MESSAGE) -> None:
    """Charges one message of a client, or one DRAFT, before anything is read. Raises DomainError `messages_off`,
    `rate_limited`."""
    if not settings.MESSAGES:
        raise DomainError("messages_off", _("Messages cannot be left here."))
    counted = [
        rates.Counted(f"{action}:client", counted_as(address), str(settings.MESSAGE_CLIENT_LIMIT)),
        rates.Counted(action, EVERYBODY, str(settings.MESSAGE_LIMIT)),
    ]
    try:
        wait_ms = execute(rates.count_all(counted))
    except StoreUnavailable:
        wait_ms = _count_here(counted)
    if wait_ms:
        raise rates.refusal(wait_ms, _("Several messages were left a moment ago. Please wait before you send another."))


def _count_here(counted: list[rates.Counted]) -> int:
    """The same limits for this process alone, while Redis is out."""
    with _lock:
        for one in counted:
            wait = _meanwhile.take(f"{one.action}:{one.who}", one.rate, time.monotonic())
            if wait is not None:
                return max(1, round(wait * 1000))
    return 0
