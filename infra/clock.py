"""Time, in the two units the project uses. Live state uses the clock of Redis; this one is for everything
else.
"""

import time

LATEST_MS = 4_102_444_800_000
"""The year 2100: the largest time (ms since 1970) that is believed. Beyond it, what has come is no time."""


def now_ms() -> int:
    """Milliseconds since 1970 (UTC)."""
    return time.time_ns() // 1_000_000


def monotonic() -> float:
    """Seconds from an arbitrary start, never going back: for durations and deadlines inside one process."""
    return time.monotonic()
