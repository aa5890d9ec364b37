"""Whether time demands anything of appointments, in one statement: it is asked once a second, and mostly it does not.

In SQL, as for the outbox (notifications/sending/idle.py): putting the questions of `due.py` together from models costs
many times as much as their answers.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection

from appointments.models import Appointment, State

_TIMES = Appointment._meta.db_table
# What `follow`, `begin` and `remind` of due.py look for. Who was called is followed, or begun again; whose time is past
# is not reminded any more, but to be called by the second line already.
_ANYTHING = f"""
    SELECT EXISTS (SELECT 1 FROM {_TIMES} WHERE state = %s)
        OR EXISTS (SELECT 1 FROM {_TIMES} WHERE state = %s AND starts_at <= %s)
        OR EXISTS (SELECT 1 FROM {_TIMES} WHERE state = %s AND starts_at <= %s
                   AND reminded_at IS NULL AND erased_at IS NULL)
"""  # noqa: S608 - the name of a table and placeholders alone


def is_idle(now: datetime) -> bool:
    """Raises what the database raises."""
    lead = timedelta(seconds=settings.APPOINTMENT_REMIND_SECS)
    at, soon = (connection.ops.adapt_datetimefield_value(time) for time in (now, now + lead))
    with connection.cursor() as cursor:
        cursor.execute(_ANYTHING, [State.CALLED, State.BOOKED, at, State.BOOKED, soon])
        (anything,) = cursor.fetchone()
    return not anything
