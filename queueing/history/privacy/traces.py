"""What files keep of data that is no longer there: Redis' append-only file, the database's log and its free pages."""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps
from django.db import connection
from django.db.models import Model

from infra.redis.client import ResponseError, guarded
from queueing.history.models import Conversation
from queueing.history.privacy import extensions

REDIS_BUSY = (
    "Redis was rewriting its append-only file just then, so the file may hold what was erased: run "
    "`manage.py person compact` in a minute."
)
SQLITE_BUSY = (
    "Somebody was reading, so the database's write-ahead log is not empty yet: run `manage.py person compact` again."
)
POSTGRESQL = (
    "PostgreSQL keeps old versions of rows until VACUUM has been there, and its write-ahead log until it is recycled: "
    "`manage.py person compact` vacuums; archived logs are yours to let go."
)
BACKUPS = "Backups, and logs of a server without a bot, hold what they held: they go when you let them go."


def wipe(*, thorough: bool = False) -> list[str]:
    """Clears it as far as that costs nothing to others, and `thorough`ly with what may make writers wait for seconds
    (VACUUM). Answers sentences on what is still held. Raises StoreUnavailable, DatabaseError.
    """
    return [*_redis(), *_database(thorough), BACKUPS]


def _redis() -> list[str]:
    with guarded() as server:
        # The slowest commands are kept with their arguments.
        server.slowlog_reset()
        try:
            # A file made anew from what is there now; without one Redis makes it and keeps it for nothing.
            server.bgrewriteaof()  # type: ignore[no-untyped-call]
        except ResponseError:
            return [REDIS_BUSY]
    return []


def _database(thorough: bool) -> list[str]:
    with connection.cursor() as cursor:
        if connection.vendor != "sqlite":
            if thorough:
                tables = dict.fromkeys(model._meta.db_table for model in _models())
                cursor.execute("VACUUM " + ", ".join(map(connection.ops.quote_name, tables)))
            return [POSTGRESQL]
        if thorough:
            cursor.execute("VACUUM")
        # Everything into the file, where freed pages are zeroed (`secure_delete`), and the log is cut to nothing.
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        busy = cursor.fetchone()[0]
    return [SQLITE_BUSY] if busy else []


def _models() -> Iterator[type[Model]]:
    """All that say something of customers, those of packages above too."""
    for name in ("queueing", "notifications"):
        yield from apps.get_app_config(name).get_models()
    for relation in Conversation._meta.related_objects:
        yield relation.related_model
    yield from extensions.tables()
