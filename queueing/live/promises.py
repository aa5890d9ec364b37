"""What customers are told of their wait: the forecast, widened by how wrong the recent ones were.

When a customer is connected, `claim` of claiming.lua keeps the forecast of the join, what was told, and the wait
that came. Each forecast's low end would have had to be lower by some factor, and its high end higher, to be right; the
factors by which nearly all of them are right are those of the next promises. So whatever the simulation knows nothing
of (breaks, people who give up, a busy hour) makes ranges wider, or moves them, until they hold again.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import median

from queueing.live.estimate import Forecast

KEPT = 120
"""Promises that the next ones are measured by, and how far apart they are at least: what one busy minute was like says
little of the next hour."""
EVERY_MS = 30_000
MIN_JUDGED = 20
"""Fewer say nothing: until then ranges are wider by UNTRIED."""
HELD_LOW, HELD_HIGH = 0.96, 0.88
"""Share of the recent waits that each end may not miss: both together miss less than a fifth. Waits are short far more
often than long, so the high end may miss more: of a range whose end few waits reach, the middle is too late."""
SHORTEST_S = 5.0
STEPS_S = ((120, 5), (math.inf, 30))
"""Up to a wait of so many seconds ranges are rounded to so many: outwards, so that they hold no less."""
FACTORS = (0.25, 4.0)
"""Nothing moves an end of a range further than that."""
ERROR_OF_S = 60.0
"""Errors of shorter waits are told in relation to this: pages speak of minutes."""
OUTCOMES = ("earlier", "within", "later")


@dataclass(frozen=True)
class Estimate:
    """What a customer is told; seconds."""

    low_s: int
    high_s: int

    def as_dict(self) -> dict[str, int]:
        return {"low_s": self.low_s, "high_s": self.high_s}


@dataclass(frozen=True)
class Judged:
    """A promise and what came: the forecast, what was told, and the wait, all in seconds."""

    forecast: Forecast
    told: Estimate
    waited: float

    @classmethod
    def parse(cls, line: bytes | str) -> Judged:
        """`<at, ms> <low> <middle> <high> <told low> <told high> <waited> <line>`, as `claim` writes it."""
        _at, low, middle, high, told_low, told_high, waited = (float(word) for word in line.split()[:7])
        return cls(Forecast(low, middle, high), Estimate(int(told_low), int(told_high)), waited)

    @property
    def held(self) -> bool:
        return self.told.low_s <= self.waited <= self.told.high_s

    @property
    def error(self) -> float:
        """How far the middle of the range was from what came, in relation to it: 0.25 is a quarter."""
        return abs((self.told.low_s + self.told.high_s) / 2 - self.waited) / max(ERROR_OF_S, self.waited)


@dataclass(frozen=True)
class Margins:
    """Factors of a forecast's low, middle and high."""

    low: float = 1.0
    middle: float = 1.0
    high: float = 1.0

    def told(self, forecast: Forecast) -> Estimate:
        middle = forecast.middle * self.middle
        low = _rounded(min(forecast.low * self.low, middle), math.floor)
        high = _rounded(max(forecast.high * self.high, middle), math.ceil)
        low = max(int(SHORTEST_S), low)
        return Estimate(low, max(low + STEPS_S[0][1], high))


UNTRIED = Margins(0.7, 1.0, 1.4)


def margins(judged: Sequence[Judged]) -> Margins:
    """Of the promises that were judged lately."""
    if len(judged) < MIN_JUDGED:
        return UNTRIED
    late = [_at_least(one.waited) / _at_least(one.forecast.high) for one in judged]
    early = [_at_least(one.waited) / _at_least(one.forecast.low) for one in judged]
    middle = [_at_least(one.waited) / _at_least(one.forecast.middle) for one in judged]
    low = -_held([-factor for factor in early], HELD_LOW)
    return Margins(_bounded(low), _bounded(median(middle)), _bounded(_held(late, HELD_HIGH)))


@lru_cache(maxsize=128)
def margins_of(kept: tuple[str, ...], line: str = "") -> Margins:
    """The same of texts as Redis keeps them; the list changes seldom. `line`: a department goes by its own waits as
    soon as there are enough of them, by those of all before."""
    own = [text for text in kept if text.split()[7:] == ([line] if line else [])]
    return margins([Judged.parse(text) for text in (own if len(own) >= MIN_JUDGED else kept)])


def held_share(judged: Sequence[Judged]) -> float:
    """How many of them held; NaN of none."""
    return sum(one.held for one in judged) / len(judged) if judged else math.nan


def _held(factors: list[float], share: float) -> float:
    """The least that so many of them do not exceed; one more is asked for, as the next one may be the worst."""
    return sorted(factors)[min(len(factors), math.ceil(share * (len(factors) + 1))) - 1]


def _bounded(factor: float) -> float:
    return min(FACTORS[1], max(FACTORS[0], factor))


def _at_least(seconds: float) -> float:
    return max(SHORTEST_S, seconds)


def _rounded(seconds: float, whole: Callable[[float], int]) -> int:
    step = next(step for up_to, step in STEPS_S if seconds < up_to)
    return step * whole(seconds / step)
