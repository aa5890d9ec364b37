"""Which times there are: plain values of a schedule and a moment. Nothing here asks a clock or a database.

Times are counted from the start of each opening in moments (ms, UTC), so an hour that the clock leaves out has none,
and one that it shows twice has them twice.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from hours import zones
from hours.schedule import Schedule, Window

DAY_MS = 24 * 60 * zones.MINUTE_MS
MOST = 2_000
"""Of one site: a page shows no more."""


@dataclass(frozen=True)
class Plan:
    """As the settings have it: how long one is, how many may have the same, how many days ahead, how soon."""

    minutes: int
    seats: int
    days: int
    notice_ms: int

    @property
    def length_ms(self) -> int:
        return self.minutes * zones.MINUTE_MS


def starts(schedule: Schedule | None, zone: str, now: int, plan: Plan) -> list[int]:
    """When a time may begin, in their order. Without a schedule always: from midnight in `zone` on."""
    first, last = now + plan.notice_ms, now + plan.days * DAY_MS
    windows = _openings(schedule, now, last) if schedule else [(_midnight(now, zone), last + plan.length_ms)]
    found: list[int] = []
    for opens, closes in windows:
        behind = max(0, first - opens)
        start = opens + -(-behind // plan.length_ms) * plan.length_ms
        while start + plan.length_ms <= closes and start <= last and len(found) < MOST:
            found.append(start)
            start += plan.length_ms
    return found


def _openings(schedule: Schedule, since: int, until: int) -> list[Window]:
    """When customers are taken. One opening is told for some days only, and nothing behind it: then it is asked for
    what follows, which begins before the end of what is known and is one with it."""
    found = schedule.taking(since, until)
    while found:
        known = found[-1][1]
        more = [window for window in schedule.taking(known, until) if window[1] > known]
        if not more:
            break
        if more[0][0] <= known:
            found[-1] = (found[-1][0], more.pop(0)[1])
        found += more
    return found


def left(times: list[int], plan: Plan, taken: Iterable[tuple[int, int]]) -> dict[int, int]:
    """How many more may have each of the times (in their order); those that nobody may are left out. `taken`: (from,
    until) of each that somebody has, also those of another length."""
    used = [0] * len(times)
    for begins, ends in taken:
        for number in range(bisect_right(times, begins - plan.length_ms), bisect_left(times, ends)):
            used[number] += 1
    return {start: plan.seats - n for start, n in zip(times, used, strict=True) if n < plan.seats}


def _midnight(now: int, zone: str) -> int:
    where = zones.zone(zone)
    day = datetime.fromtimestamp(now / 1000, where).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    # Of the day before: in some places midnight is left out when clocks are put forward.
    return round((day - timedelta(days=1)).timestamp()) * 1000
