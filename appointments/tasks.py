"""What the worker does for appointments. No retries: the next beat is the retry."""

from __future__ import annotations

import logging

from celery import shared_task
from django.db import DatabaseError

from appointments import due, keeping
from infra.errors import StoreUnavailable

logger = logging.getLogger(__name__)


@shared_task(name="appointments.due", ignore_result=True)
def see_to_due() -> None:
    """Reminders, and whose time has come."""
    try:
        due.see_to()
    except StoreUnavailable:
        logger.warning("appointments not looked at: redis is not reachable")
    except DatabaseError as error:
        logger.error("appointments not looked at: the database refuses (%s)", error)


@shared_task(name="appointments.forget", ignore_result=True)
def forget_old() -> None:
    """What RETENTION_DAYS no longer allows to keep."""
    try:
        keeping.forget_old()
    except DatabaseError as error:
        logger.error("old appointments not erased: the database refuses (%s)", error)
