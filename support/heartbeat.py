"""When the worker last ran a task that beat sent: `worker:heartbeat`, milliseconds since 1970."""

from infra.clock import now_ms
from infra.redis import guarded, key

KEEP_SECS = 86_400


def beat() -> None:
    with guarded() as connection:
        connection.set(key("worker:heartbeat"), now_ms(), ex=KEEP_SECS)


def age_secs() -> float | None:
    """Seconds since the last heartbeat, None when there never was one. Raises StoreUnavailable."""
    with guarded() as connection:
        value = connection.get(key("worker:heartbeat"))
    return None if value is None else max(0.0, (now_ms() - int(str(value))) / 1000)
