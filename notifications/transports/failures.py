"""Counts background tasks that ended with an error, whichever process they ran in.

Key: `jobs:failed` (hash, task name → count). In Redis and not in the database, because the database being gone is a
reason for tasks to fail.
"""

import logging
from typing import Any

from celery.signals import task_failure

from infra.errors import StoreUnavailable
from infra.redis.client import guarded, key

log = logging.getLogger(__name__)


def watch() -> None:
    """Starts counting in this process."""
    task_failure.connect(_on_failure, dispatch_uid="notifications.transports.failures")


def counts() -> dict[str, int]:
    """Failures by task name since Redis was last empty. Raises StoreUnavailable."""
    with guarded() as connection:
        found: Any = connection.hgetall(_key())
    return {str(name): int(count) for name, count in found.items()}


def _on_failure(sender: Any = None, **_: Any) -> None:
    name = str(getattr(sender, "name", None) or "unknown")
    try:
        with guarded() as connection:
            connection.hincrby(_key(), name, 1)
    except StoreUnavailable:
        log.warning("failed task not counted", extra={"task": name})


def _key() -> str:
    return key("jobs:failed")
