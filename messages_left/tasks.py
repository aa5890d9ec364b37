"""What the worker does for messages. No retries: the next beat is the retry."""

from __future__ import annotations

import logging

from celery import shared_task
from django.db import DatabaseError

from messages_left import keeping
from messages_left.attachments import quota, sweep

logger = logging.getLogger(__name__)


@shared_task(name="messages_left.forget", ignore_result=True)
def forget_old() -> None:
    """What RETENTION_DAYS no longer allows to keep; then what the files that are left take."""
    try:
        keeping.forget_old()
        quota.recount()
    except DatabaseError as error:
        logger.error("old messages not erased: the database refuses (%s)", error)


@shared_task(name="messages_left.scan", ignore_result=True)
def scan_files() -> None:
    """Files that wait for the virus scanner."""
    try:
        sweep.scan_waiting()
    except DatabaseError as error:
        logger.error("waiting files of messages not scanned: the database refuses (%s)", error)


@shared_task(name="messages_left.clear", ignore_result=True)
def clear_files() -> None:
    """Files that no message was sent with, and content of those that were erased."""
    try:
        sweep.clear()
    except DatabaseError as error:
        logger.error("files of messages not cleared: the database refuses (%s)", error)
