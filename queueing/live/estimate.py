"""How long it takes until a place in the queue is reached: a simulation, told as a range.

Every operator on shift is free after what is left of a running call and the wrap-up; waiting customers are given to
the one who is free first, in order. It is run once with short calls and once with long ones of the recent past, so
the range is as wide as calls really differ. Without enough samples, or without anybody on shift, it is unknown.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import quantiles

MIN_SAMPLES = 5
"""Fewer finished calls than this say nothing."""
FLOOR_SECS = 15
"""A call that outlasts all samples is still not expected to end at once; nothing counts down to zero."""
STEP_SECS = 5
SIMULATED_MAX = 2000
"""Places simulated one by one; farther ones follow from the average rate."""


@dataclass(frozen=True)
class Load:
    """What an estimate is made of; all times in seconds."""

    running: Sequence[int]
    wrapping: Sequence[int]
    available: int
    samples: Sequence[int]
    wrap_up: int


@dataclass(frozen=True)
class Estimate:
    low_s: int
    high_s: int

    def as_dict(self) -> dict[str, int]:
        return {"low_s": self.low_s, "high_s": self.high_s}


def estimates(load: Load, places: int) -> list[Estimate] | None:
    """Ranges for the first `places` places (index 0: next), or None when it is unknown."""
    operators = len(load.running) + len(load.wrapping) + load.available
    if len(load.samples) < MIN_SAMPLES or operators == 0:
        return None
    quick, _middle, slow = quantiles(load.samples, n=4, method="inclusive")
    lows = _simulate(load, quick, places)
    highs = _simulate(load, slow, places)
    return [
        Estimate(_round(low), max(_round(low) + STEP_SECS, _round(high))) for low, high in zip(lows, highs, strict=True)
    ]


def _simulate(load: Load, duration: float, places: int) -> list[float]:
    """Seconds until each place is reached when every call lasts `duration`."""
    free_at = [max(FLOOR_SECS, duration - elapsed) + load.wrap_up for elapsed in load.running]
    free_at += [float(left) for left in load.wrapping]
    free_at += [0.0] * load.available
    heapq.heapify(free_at)
    turn = duration + load.wrap_up
    reached = []
    for _place in range(min(places, SIMULATED_MAX)):
        start = heapq.heappop(free_at)
        reached.append(start)
        heapq.heappush(free_at, start + turn)
    rate = turn / len(free_at)
    reached += [reached[-1] + rate * beyond for beyond in range(1, places - len(reached) + 1)]
    return reached


def _round(seconds: float) -> int:
    return max(STEP_SECS, STEP_SECS * round(seconds / STEP_SECS))
