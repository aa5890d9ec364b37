"""What a poller remembers in Redis: that it is the only one, and how far it has come.

Keys: `telegram:poller` (string, the holder's word; PX = its lease), `telegram:polled` (hash: `offset` the next update
to ask for, `at` ms since 1970 when nothing was left at Telegram).
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.clock import now_ms
from infra.redis.client import execute, guarded, key
from infra.redis.scripts import Command, load

SCRIPT = Path(__file__).parent / "lua" / "lease.lua"
LEASE_SECS = 60.0  # longer than a poll and the handling of what it brought, see poller.py


@dataclass(frozen=True)
class Progress:
    """`offset` None: nothing is known, Telegram begins with what was never confirmed. `emptied_at`: seconds since 1970
    when all presses so far had been fetched, 0 for unknown."""

    offset: int | None
    emptied_at: float


def hold(holder: str) -> bool:
    """Takes or renews the lease. False when another process has it. Raises StoreUnavailable."""
    return execute(Command(load(SCRIPT), (holder, int(LEASE_SECS * 1000)), _held))


def release(holder: str) -> None:
    """Gives the lease back, so that the next poller begins at once. Raises StoreUnavailable."""
    execute(Command(load(SCRIPT), (holder, 0), _held))


def progress() -> Progress:
    """How far pollers have come. Raises StoreUnavailable."""
    with guarded() as connection:
        found: Any = connection.hgetall(_key())
    offset = found.get("offset")
    return Progress(int(offset) if offset else None, int(found.get("at") or 0) / 1000)


def advance(offset: int) -> None:
    """Everything before `offset` is done. Raises StoreUnavailable."""
    with guarded() as connection:
        connection.hset(_key(), "offset", str(offset))


def emptied() -> None:
    """Telegram has nothing more at this moment. Raises StoreUnavailable."""
    with guarded() as connection:
        connection.hset(_key(), "at", str(now_ms()))


def _key() -> str:
    return key("telegram:polled")


def _held(reply: Any) -> bool:
    return bool(int(reply))
