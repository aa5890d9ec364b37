"""The hours of one day as somebody writes them: `09:00–12:30, 13:30–18:00`; empty for closed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from django.utils.translation import gettext as _

DAY = 24 * 60
INTERVALS_MOST = 6
TEXT_MOST = 200
"""Characters of one day."""
# 9, 09:00, 9.30, each with a dash of any kind between: what people type and what phones make of it.
ONE = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*[-‐-―−]\s*(\d{1,2})(?:[:.](\d{2}))?")


@dataclass(frozen=True, order=True)
class Interval:
    """Minutes since midnight by the clock on the wall; `end` is the first one that is closed again, at most 24:00."""

    start: int
    end: int

    def __str__(self) -> str:
        return f"{clock(self.start)}–{clock(self.end)}"


Intervals = tuple[Interval, ...]


def clock(minutes: int) -> str:
    """`09:05`; midnight at the end of a day is `24:00`."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def written(intervals: Intervals) -> str:
    return ", ".join(map(str, intervals))


def read(text: str) -> Intervals:
    """In their order. Raises ValueError with a sentence that says what is wrong and how to write it."""
    if len(text) > TEXT_MOST:
        raise ValueError(_("At most %(n)s characters.") % {"n": TEXT_MOST})
    found = sorted(_one(part.strip()) for part in re.split(r"[,;\n]", text) if part.strip())
    if len(found) > INTERVALS_MOST:
        raise ValueError(_("At most %(n)s times in a day.") % {"n": INTERVALS_MOST})
    for before, after in pairwise(found):
        if after.start < before.end:
            raise ValueError(
                _("%(one)s and %(other)s overlap. Write one of them, or let the second begin when the first has ended.")
                % {"one": before, "other": after}
            )
    return tuple(_joined(found))


def _one(part: str) -> Interval:
    match = ONE.fullmatch(part)
    if match is None:
        raise ValueError(_("“%(text)s” is no time. Write 09:00–18:00, several with commas.") % {"text": part[:40]})
    start, end = _minutes(match[1], match[2]), _minutes(match[3], match[4])
    if start >= DAY or end > DAY:
        raise ValueError(_("“%(text)s”: a day ends at 24:00.") % {"text": part[:40]})
    if end < start:
        raise ValueError(
            _("“%(text)s” ends before it begins. For a night write %(evening)s here and the rest on the next day.")
            % {"text": part[:40], "evening": Interval(start, DAY)}
        )
    if end == start:
        raise ValueError(_("“%(text)s” ends when it begins.") % {"text": part[:40]})
    return Interval(start, end)


def _minutes(hours: str, minutes: str | None) -> int:
    if int(minutes or 0) > 59:
        raise ValueError(_("An hour has 60 minutes: “%(text)s”.") % {"text": f"{hours}:{minutes}"})
    return int(hours) * 60 + int(minutes or 0)


def _joined(found: list[Interval]) -> list[Interval]:
    """Those that meet are one: nobody closes for no time at all."""
    joined: list[Interval] = []
    for one in found:
        if joined and joined[-1].end == one.start:
            joined[-1] = Interval(joined[-1].start, one.end)
        else:
            joined.append(one)
    return joined
