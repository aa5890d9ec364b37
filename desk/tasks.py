"""What the worker does for the desk. No retries: the next beat is the retry."""

from __future__ import annotations

import logging

from celery import shared_task
from django.db import DatabaseError

from desk.files import sweep
from infra.errors import StoreUnavailable

logger = logging.getLogger(__name__)


@shared_task(name="desk.files.scan", ignore_result=True)
def scan_files() -> None:
    """Files that wait for the virus scanner."""
    try:
        sweep.scan_waiting()
    except StoreUnavailable:
        logger.warning("waiting files not scanned: redis is not reachable")
    except DatabaseError as error:
        logger.error("waiting files not scanned: the database refuses (%s)", error)


@shared_task(name="desk.files.clear", ignore_result=True)
def clear_files() -> None:
    """Content that is not to be kept."""
    try:
        sweep.clear()
    except DatabaseError as error:
        logger.error("files not cleared: the database refuses (%s)", error)
