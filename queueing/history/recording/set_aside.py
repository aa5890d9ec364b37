"""What happens to an entry of the journal that cannot be recorded: it is kept beside the history, and tried again when
somebody asks for it. A database that is out is no reason: then nothing is acknowledged, and everything waits.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import DataError, IntegrityError, transaction
from django.db import Error as AnyDatabaseError
from django.db.models import F

from infra.errors import StoreUnavailable
from infra.redis.client import RedisError
from infra.storable import storable
from queueing.history.recording import recorder
from queueing.history.recording.recorder import Entry
from queueing.history.set_aside_models import REASON_MAX, SetAsideEntry

logger = logging.getLogger(__name__)

OF_VALUES = ("22", "23", "54")
"""SQLSTATE classes that speak of what was to be written: data exception, constraint, program limit."""
AT_ONCE = 1_000
"""Entries that one `retry` takes up."""


@dataclass(frozen=True)
class Retried:
    recorded: int
    left: int


def is_fault_of_entry(error: Exception) -> bool:
    """Whether another entry could be written in the same moment. A lost connection, a lock, a full disk or a table
    that is not there (a forgotten migration) would refuse every entry."""
    if isinstance(error, DataError | IntegrityError):
        return True
    if isinstance(error, AnyDatabaseError):  # InterfaceError is none of Django's DatabaseErrors
        return str(getattr(error.__cause__, "sqlstate", "") or "")[:2] in OF_VALUES
    return not isinstance(error, RedisError | StoreUnavailable | OSError | MemoryError)


def write(entries: list[Entry]) -> list[Entry]:
    """Records entries in the caller's transaction; answers those that were new. What is refused for itself is set
    aside. Raises what is no entry's fault.

    A batch that fails is halved until what fails is alone: one bad entry among hundreds costs a dozen attempts.
    """
    # A single entry has a second try: it may have met another worker that wrote the same conversation.
    for last in (len(entries) > 1, True):
        try:
            with transaction.atomic():
                return recorder.write(entries)
        except Exception as error:
            if not is_fault_of_entry(error):
                raise
            if last and len(entries) == 1:
                _keep(entries[0], error)
                return []
        if last:
            break
    middle = len(entries) // 2
    return write(entries[:middle]) + write(entries[middle:])


def retry(ids: Iterable[str] | None = None) -> Retried:
    """Applies entries again, the oldest first (all, or these), each in a transaction of its own; what is refused again
    stays. Raises what is no entry's fault: run it again then.
    """
    rows = SetAsideEntry.objects.order_by("id")
    if ids is not None:
        rows = rows.filter(entry_id__in=list(ids))
    recorded = left = 0
    for row in rows[:AT_ONCE]:
        try:
            with transaction.atomic():
                recorder.write([row.entry], again=True)
                row.delete()
        except Exception as error:
            if not is_fault_of_entry(error):
                raise
            SetAsideEntry.objects.filter(pk=row.pk).update(reason=_why(error), attempts=F("attempts") + 1)
            left += 1
        else:
            recorded += 1
    return Retried(recorded, left)


def count() -> int:
    return SetAsideEntry.objects.count()


def _keep(entry: Entry, error: Exception) -> None:
    entry_id, fields = entry
    SetAsideEntry.objects.create(
        entry_id=entry_id,
        conversation=storable(fields.get("conversation", ""))[:64],
        kind=storable(fields.get("type", ""))[:32],
        fields=json.dumps(fields),
        reason=_why(error),
    )
    # The error's text may quote what somebody typed; the log has its kind.
    logger.error("journal entry set aside", extra={"entry": entry_id, "error": type(error).__name__})


def _why(error: Exception) -> str:
    first = storable(str(error)).strip().partition("\n")[0]
    return f"{type(error).__name__}: {first}"[:REASON_MAX]
