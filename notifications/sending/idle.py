"""Whether a sweep has anything to do, in one statement: it is asked once a second, and mostly it has not.

In SQL, since putting the same questions together from models costs thirty times as much as their answers.
"""

from datetime import datetime

from django.db import connection

from notifications.models import WAITING_STATES, Card, OutboxMessage, State

_CARDS, _OUTBOX = Card._meta.db_table, OutboxMessage._meta.db_table
_WAITING = ", ".join(["%s"] * len(WAITING_STATES))
# What `cards.look_after` and `outbox.claim_due` look for, each under an index of its own.
_ANYTHING = f"""
    SELECT EXISTS (SELECT 1 FROM {_CARDS} WHERE stale)
        OR EXISTS (SELECT 1 FROM {_CARDS} WHERE redraw)
        OR EXISTS (SELECT 1 FROM {_CARDS} WHERE escalate_at <= %s)
        OR EXISTS (SELECT 1 FROM {_OUTBOX} WHERE state IN ({_WAITING}) AND next_at <= %s)
        OR EXISTS (SELECT 1 FROM {_OUTBOX} WHERE state = %s AND claimed_until <= %s)
"""  # noqa: S608 - names of tables and placeholders alone


def is_idle(now: datetime) -> bool:
    """Raises what the database raises."""
    at = connection.ops.adapt_datetimefield_value(now)
    with connection.cursor() as cursor:
        cursor.execute(_ANYTHING, [at, *WAITING_STATES, at, State.SENDING, at])
        (anything,) = cursor.fetchone()
    return not anything
