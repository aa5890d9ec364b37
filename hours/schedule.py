"""When support is open: plain values, and what they say of a moment. Nothing here asks a clock or a database.

Moments are milliseconds since 1970 (UTC), so that whoever asks decides whose clock counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType

from hours import zones
from hours.intervals import Intervals

LOOK_DAYS = 400
"""How far ahead the next opening is looked for: who is closed for a year has none."""
IN_SIGHT_MS = 8 * 24 * 60 * zones.MINUTE_MS
"""Who is open for longer has no closing time to speak of."""
PAUSE_MS = 3 * 60 * zones.MINUTE_MS
"""Who opens again so soon was not closed but at lunch: customers who come shortly before are taken, and wait."""
WEEK = 7
BROWSED = 14
"""Times that a page of the site is told at once: some days of them."""

Window = tuple[int, int]
"""(from, until): open from the one moment to right before the other."""
CLOSED_ALL_WEEK: tuple[Intervals, ...] = ((),) * WEEK


@dataclass(frozen=True)
class Standing:
    """How it stands at one moment. `closes_at`: None while closed, or where no end is in sight. `opens_at`: when
    customers are taken (again), None while they are, or where that is not in sight. `takes`: customers are taken:
    open, and not so short before the end that the hours take none."""

    is_open: bool
    takes: bool
    closes_at: int | None
    opens_at: int | None


@dataclass(frozen=True)
class Schedule:
    """`week`: of Monday to Sunday. `holidays`: days that are closed, with their names; `exceptions`: days that are
    otherwise, also where they are holidays. `last_minutes`: so long before closing nobody new is taken, but for a
    pause of PAUSE_MS at most. `serves`: who waits when it closes is still served; otherwise they read that they may not
    be."""

    zone: str = "UTC"
    week: tuple[Intervals, ...] = CLOSED_ALL_WEEK
    holidays: Mapping[date, str] = field(default_factory=lambda: MappingProxyType({}))
    exceptions: Mapping[date, Intervals] = field(default_factory=lambda: MappingProxyType({}))
    last_minutes: int = 0
    serves: bool = True

    def of_day(self, day: date) -> Intervals:
        own = self.exceptions.get(day)
        if own is not None:
            return own
        return () if day in self.holidays else self.week[day.weekday()]

    def at(self, moment: int) -> Standing:
        """Looks as far as it has to: a moment within opening hours costs two or three days."""
        for opens, last, closes in self._taking_from(moment):
            if moment >= closes:
                continue
            if moment < opens:
                break
            takes = moment < last
            ends = closes if closes - opens < IN_SIGHT_MS else None
            return Standing(True, takes, ends, None if takes else self.next_opening(moment))
        return Standing(False, False, None, self.next_opening(moment))

    def closing(self, moment: int) -> tuple[int, bool] | None:
        """(when it closes, whether who waits then is served): for whoever waits now. None while no end is in sight."""
        closes = self.at(moment).closes_at
        return None if closes is None else (closes, self.serves)

    def taking(self, since: int, until: int) -> list[Window]:
        """When customers are taken: the times that touch these moments, whole."""
        found: list[Window] = []
        for opens, last, _closes in self._taking_from(since):
            if opens > until:
                break
            if opens < last and last > since:
                found.append((opens, last))
        return found

    def ahead(self, moment: int) -> list[Window]:
        """When customers are taken, now and next: for who shows it and does not ask again for days."""
        found: list[Window] = []
        for opens, last, _closes in self._taking_from(moment):
            if moment < last and opens < last:
                found.append((opens, last))
            if len(found) == BROWSED:
                break
        return found

    def next_opening(self, moment: int) -> int | None:
        """The first moment after this one at which customers begin to be taken; None: not within LOOK_DAYS."""
        return next((opens for opens, last, _closes in self._taking_from(moment) if moment < opens < last), None)

    def _taking_from(self, moment: int) -> Iterator[tuple[int, int, int]]:
        """`_from`, each with the moment from which nobody new is taken: (opens, that, closes)."""
        held: Window | None = None
        for window in self._from(moment):
            if held is not None:
                yield held[0], self._last(*held, window[0]), held[1]
            held = window
        if held is not None:
            yield held[0], self._last(*held, None), held[1]

    def _last(self, opens: int, closes: int, again: int | None) -> int:
        """`again`: when it opens next."""
        if again is not None and again - closes <= PAUSE_MS:
            return closes
        return max(opens, closes - self.last_minutes * zones.MINUTE_MS)

    def _from(self, moment: int) -> Iterator[Window]:
        """All times from the one that may hold this moment on; those that meet, as over midnight, are one. One that is
        longer than IN_SIGHT_MS is told as far as that, and nothing behind it."""
        where = zones.zone(self.zone)
        # An interval of yesterday may reach into today by another clock.
        first = zones.day_of(moment, where) - timedelta(days=1)
        held: Window | None = None
        for number in range(LOOK_DAYS):
            day = first + timedelta(days=number)
            for interval in self.of_day(day):
                opens, closes = zones.span(day, interval, where)
                if opens >= closes:
                    continue
                if held is None or opens > held[1]:
                    if held is not None:
                        yield held
                    held = (opens, closes)
                    continue
                held = (held[0], max(held[1], closes))
                if held[1] - held[0] >= IN_SIGHT_MS:
                    yield held
                    return
        if held is not None:
            yield held
