"""How long it takes until a place in the queue is reached: a simulation of what may come, told as low, middle and high.

Every operator on shift is free after what is left of a running call and the wrap-up; waiting customers are given to
the one who is free first, in order. It is run some dozen times, each call and each wrap-up as long as one of the recent
past. A call that runs already is as long as one of those that took longer than it has. Without enough samples, or
without anybody on shift, it is unknown. What customers are told is this, widened by how wrong it was: `promises`.
"""

from __future__ import annotations

import heapq
import math
import random
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import fmean

MIN_SAMPLES = 5
"""Fewer finished calls than this say nothing."""
SAMPLES_KEPT = 100
"""Calls and wrap-ups of the recent past; as in lua/lib/state.lua."""
FLOOR_SECS = 15
"""A call that outlasts all samples is still not expected to end at once; nothing counts down to zero."""
NEAR = 60
"""Places simulated one by one; farther ones follow from the average rate."""
RUNS = (12, 40)
"""Runs of the simulation: many operators need fewer, since what one of them does matters less."""
STEPS = 3000
"""Operators and places of all runs together: what an estimate may cost."""
TAIL = 0.1
"""Share of the runs below `low`, and above `high`."""


@dataclass(frozen=True)
class Wrap:
    """A wrap-up that runs: seconds until it ends by itself, and since it began."""

    left: int
    taken: int


@dataclass(frozen=True)
class Load:
    """What an estimate is made of; all times in seconds. `running`: since when; `samples` and `wrap_ups`: how long
    those of the recent past were; `wrap_up`: how long one is where none was yet."""

    running: Sequence[int]
    wrapping: Sequence[Wrap]
    available: int
    samples: Sequence[int]
    wrap_up: int
    wrap_ups: Sequence[int] = ()


@dataclass(frozen=True)
class Forecast:
    """Of one place, in seconds."""

    low: float
    middle: float
    high: float


@dataclass(frozen=True)
class Outlook:
    """Forecasts of all places. `turn_s`: from one far place to the next."""

    near: Sequence[Forecast]
    turn_s: float

    def at(self, rank: int) -> Forecast:
        """0: next. Of many turns the short and the long ones cancel out: the spread grows with their root."""
        if rank < len(self.near):
            return self.near[rank]
        last, beyond = self.near[-1], rank + 1 - len(self.near)
        middle = last.middle + self.turn_s * beyond
        spread = math.sqrt((rank + 1) / len(self.near))
        low = max(last.low, middle - (last.middle - last.low) * spread)
        return Forecast(low, middle, middle + (last.high - last.middle) * spread)


def outlook(load: Load, places: int) -> Outlook | None:
    """For at least the first `places` places, or None when it is unknown. The same load has the same outlook."""
    operators = len(load.running) + len(load.wrapping) + load.available
    if len(load.samples) < MIN_SAMPLES or operators == 0:
        return None
    near = NEAR if places > NEAR else max(1, places)
    runs = min(RUNS[1], max(RUNS[0], STEPS // (operators + near)))
    chance = _Chance(load)
    columns = zip(*(chance.run(near) for _ in range(runs)), strict=True)
    tail = int(runs * TAIL)
    forecasts = [Forecast(row[tail], row[runs // 2], row[-1 - tail]) for row in map(sorted, columns)]
    return Outlook(forecasts, (fmean(load.samples) + fmean(chance.wrap_ups)) / operators)


@dataclass
class _Chance:
    """What each operator may still need, prepared once for all runs."""

    load: Load
    random: random.Random = field(default_factory=lambda: random.Random(7))  # noqa: S311 - chance, not a secret

    def __post_init__(self) -> None:
        load, calls = self.load, sorted(self.load.samples)
        self.calls = calls
        self.wrap_ups = list(load.wrap_ups) or [load.wrap_up]
        self.rests = [
            [length - since for length in calls[bisect_right(calls, since) :]] or [max(FLOOR_SECS, since // 2)]
            for since in load.running
        ]
        self.wraps = [
            [min(wrap.left, length - wrap.taken) for length in self.wrap_ups if length > wrap.taken]
            or [min(wrap.left, 1)]
            for wrap in load.wrapping
        ]

    def run(self, places: int) -> list[float]:
        """Seconds until each of the first `places` places is reached, once."""
        choice = self.random.choice
        free_at = [0.0] * self.load.available
        free_at += [choice(rest) + choice(self.wrap_ups) for rest in self.rests]
        free_at += [choice(left) for left in self.wraps]
        heapq.heapify(free_at)
        reached = []
        turns = zip(
            self.random.choices(self.calls, k=places), self.random.choices(self.wrap_ups, k=places), strict=True
        )
        for call, wrap_up in turns:
            start = free_at[0]
            reached.append(float(start))
            heapq.heapreplace(free_at, start + call + wrap_up)
        return reached
