"""What `queue check` finds, looked for now and then by the worker and kept for the scrape.

Key: `findings` (hash, field `<code>`: how many; `at`: when it was looked, ms). The check reads every conversation in
one step, and nobody is served meanwhile: where there are more than MOST, only `manage.py queue check` looks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infra.clock import now_ms
from infra.redis.client import execute, guarded, key
from queueing.live import store

MOST = 2_000
"""Conversations, the ended ones that are still kept among them: some 50 ms."""

CODES = (
    "active_but_unassigned", "active_with_another", "answer_of_no_call", "available_in_call", "call_not_announced",
    "callback_not_listed", "callback_of_nobody", "caller_of_nobody", "claimed_in_part", "claimed_twice",
    "counter_mismatch", "ended_but_kept", "ended_but_listed", "free_but_not_offered", "hold_of_nobody",
    "made_up_reasons", "not_in_its_line", "operator_serves_nobody", "orphan_in_call", "orphan_in_line",
    "place_not_counted", "place_of_nobody", "stuck_without_socket", "unreadable", "waiting_and_active",
    "waiting_but_not_in_line", "wrap_up_in_call",
)  # fmt: skip
"""Everything that lua/check.lua reports."""


@dataclass(frozen=True)
class Findings:
    """`counts`: of each code, 0 included; `age_s`: since they were looked for, None when they never were."""

    counts: Mapping[str, int]
    age_s: float | None


def look() -> bool:
    """Checks and keeps what was found; False where there are too many to look at. Raises StoreUnavailable."""
    status = execute(store.status())
    if status["waiting"] + status["active"] + status["ended"] > MOST:
        return False
    found = Counter(problem.split(" ", 1)[0] for problem in execute(store.check(fix=False)))
    with guarded() as connection:
        pipe = connection.pipeline(transaction=True)
        pipe.delete(key("findings"))
        pipe.hset(key("findings"), mapping={**found, "at": now_ms()})
        pipe.execute()
    return True


def read() -> Findings:
    """Raises StoreUnavailable."""
    with guarded() as connection:
        kept: Any = connection.hgetall(key("findings"))
    at = kept.get("at")
    age = None if at is None else max(0.0, (now_ms() - int(at)) / 1000)
    return Findings({code: int(kept.get(code, 0)) for code in CODES}, age)
