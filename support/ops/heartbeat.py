"""When the worker last ran a task that beat sent: `worker:heartbeat`, its age told by what is left of its life.

Only Redis' clock counts: the worker's may be wrong, and is then not taken for a silent worker.
"""

from infra.clock import now_ms
from infra.redis.client import guarded, key

KEEP_MS = 86_400_000


def beat() -> None:
    with guarded() as connection:
        connection.set(key("worker:heartbeat"), now_ms(), px=KEEP_MS)


def age_secs() -> float | None:
    """Seconds since the last heartbeat, None when there was none in a day. Raises StoreUnavailable."""
    with guarded() as connection:
        left = int(connection.pttl(key("worker:heartbeat")))  # type: ignore[arg-type]
    return None if left < 0 else max(0.0, (KEEP_MS - left) / 1000)
