"""What the worker does for the queue, once a second each. Safe to run twice, at once, or not at all for a while."""

from __future__ import annotations

import logging

from celery import shared_task
from django.db import DatabaseError
from django.db import Error as AnyDatabaseError

from infra.errors import StoreUnavailable
from infra.redis.client import RedisError, execute
from queueing.blocklist import rules
from queueing.callbacks import restoring
from queueing.history.privacy import retention
from queueing.history.recording import journal
from queueing.live import findings, store

logger = logging.getLogger(__name__)


@shared_task(name="queueing.tick", ignore_result=True)
def tick() -> None:
    """The rules of time also hold while no web process runs. No retry: the next beat is the retry."""
    try:
        execute(store.tick("", known=False))
    except StoreUnavailable:
        logger.warning("tick skipped: redis is not reachable")


@shared_task(name="queueing.record", ignore_result=True)
def record() -> None:
    """Journal into database. No retry: nothing is acknowledged that was not committed, the next beat reads it again."""
    try:
        journal.record()
    except (StoreUnavailable, RedisError) as error:
        logger.warning("recording skipped: redis is not reachable (%s)", error)
    except AnyDatabaseError as error:
        logger.error("recording skipped: the database refuses (%s)", error)


@shared_task(name="queueing.callbacks", ignore_result=True)
def bring_back() -> None:
    """Whom a wiped Redis has forgotten and nobody else can bring back. No retry: the next beat is the retry."""
    try:
        restoring.bring_back()
    except StoreUnavailable:
        logger.warning("callbacks not looked at: redis is not reachable")
    except DatabaseError as error:
        logger.error("callbacks not looked at: the database refuses (%s)", error)


@shared_task(name="queueing.blocklist.rules", ignore_result=True)
def sync_blocklist() -> None:
    """The block list's copy in Redis, made whole after a wipe. No retry: the next beat is the retry."""
    try:
        rules.sync()
    except StoreUnavailable:
        logger.warning("block list not copied: redis is not reachable")
    except DatabaseError as error:
        logger.error("block list not copied: the database refuses (%s)", error)


@shared_task(name="queueing.check", ignore_result=True)
def check() -> None:
    """What `queue check` finds, for the scrape. No retry: the next beat looks again."""
    try:
        if not findings.look():
            logger.info("queue not checked: more than %d conversations", findings.MOST)
    except StoreUnavailable:
        logger.warning("queue not checked: redis is not reachable")


@shared_task(name="queueing.anonymise", ignore_result=True)
def anonymise() -> None:
    """Erases what RETENTION_DAYS no longer allows to keep. No retry: the next hour goes on where this one stopped."""
    try:
        retention.anonymise_old()
    except DatabaseError as error:
        logger.error("old history not anonymised: the database refuses (%s)", error)
