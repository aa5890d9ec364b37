"""From the clock on the wall of a time zone to moments, where clocks are put forward and back too.

Moments are milliseconds since 1970 (UTC).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from hours.intervals import Interval

MINUTE_MS = 60_000
# Aliases and files of the operating system, of which nobody would say that they live there.
NO_PLACES = ("Etc/", "SystemV/", "posix/", "right/", "US/")


@lru_cache(maxsize=1)
def names() -> tuple[str, ...]:
    """Zones that can be chosen: UTC and the places."""
    places = (name for name in available_timezones() if "/" in name and not name.startswith(NO_PLACES))
    return ("UTC", *sorted(places))


@lru_cache(maxsize=64)
def zone(name: str) -> ZoneInfo:
    """UTC where the name is none (any more): it was written by hand, or the operating system's list lacks it."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")


def day_of(moment: int, where: ZoneInfo) -> date:
    return datetime.fromtimestamp(moment / 1000, where).date()


def span(day: date, interval: Interval, where: ZoneInfo) -> tuple[int, int]:
    """(from, until) of an interval on that day: from the first moment at which the clock has come to its start, to the
    last one at which it comes to its end. An hour that comes twice is open twice, without a pause; what falls into an
    hour that is left out begins, or ends, when the clock jumps over it. Of a day that is left out both are the same.
    """
    return _moment(day, interval.start, where, 0), _moment(day, interval.end, where, 1)


def _moment(day: date, minutes: int, where: ZoneInfo, fold: int) -> int:
    wall = datetime.combine(day, datetime.min.time()) + timedelta(minutes=minutes)
    found = wall.replace(tzinfo=where, fold=fold)
    moment = round(found.timestamp()) * 1000
    if datetime.fromtimestamp(moment / 1000, where).replace(tzinfo=None) == wall:
        return moment
    return _jump(wall, where)


def _jump(wall: datetime, where: ZoneInfo) -> int:
    """When the clock jumps over this time: the first moment at which it shows a later one."""
    shown = wall.replace(tzinfo=UTC).timestamp()
    offsets = [wall.replace(tzinfo=where, fold=fold).utcoffset() or timedelta(0) for fold in (0, 1)]
    early, late = sorted(round(shown - offset.total_seconds()) for offset in offsets)
    while late - early > 1:
        middle = (early + late) // 2
        passed = datetime.fromtimestamp(middle, where).replace(tzinfo=None) >= wall
        early, late = (early, middle) if passed else (middle, late)
    return late * 1000
