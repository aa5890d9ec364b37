"""How near a promise can come: what somebody would say who knew how long talks, wrap-ups and patience are in the mean.

The estimator knows only the last hundred of each, and nothing of those who give up. What is left of the error with all
of that known is chance: which of the possible futures comes. `bench.estimate` prints it beside the estimator's own.
"""

from __future__ import annotations

import heapq
import math
import random
from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate

from queueing.live.promises import ERROR_OF_S

RUNS = 200
TRIES = 400
"""Draws until one is longer than what has passed already; after so many it ends now."""


class Draw:
    """A log-normal length, seconds; `most`: where it is cut off."""

    def __init__(self, mu: float, sigma: float, most: float = math.inf) -> None:
        self._mu, self._sigma, self._most = mu, sigma, most

    def __call__(self, chance: random.Random) -> float:
        return min(self._most, chance.lognormvariate(self._mu, self._sigma))


class Foresight:
    """`talk` and `wrap_up` draw a length, seconds, from the true distributions; `patience`: mean, seconds."""

    def __init__(self, talk: Draw, wrap_up: Draw, patience: float, seed: int) -> None:
        self._talk, self._wrap_up, self._patience = talk, wrap_up, patience
        self._random = random.Random(seed)

    def says(self, talking: Sequence[float], wrapping: Sequence[float], free: int, ahead: int) -> float:
        """The wait, seconds, whose error is least over the futures that may come. `talking`, `wrapping`: since when,
        seconds; `ahead`: how many wait before."""
        return least_error([self._future(talking, wrapping, free, ahead) for _ in range(RUNS)])

    def _future(self, talking: Sequence[float], wrapping: Sequence[float], free: int, ahead: int) -> float:
        desks = [0.0] * free
        desks += [self._rest(self._talk, since) + self._wrap_up(self._random) for since in talking]
        desks += [self._rest(self._wrap_up, since) for since in wrapping]
        heapq.heapify(desks)
        for _ in range(ahead):
            if desks[0] < self._random.expovariate(1 / self._patience):
                heapq.heapreplace(desks, desks[0] + self._talk(self._random) + self._wrap_up(self._random))
        return desks[0] if desks else math.inf

    def _rest(self, draw: Draw, since: float) -> float:
        """What is left of one that has lasted so long."""
        return next((left for _ in range(TRIES) if (left := draw(self._random) - since) > 0), 0.0)


def error(said: float, waited: float) -> float:
    """As `queueing.live.promises.Judged.error`."""
    return abs(said - waited) / max(ERROR_OF_S, waited)


def least_error(waits: Sequence[float]) -> float:
    """The value whose mean `error` over these is least: their median, each weighing what an error of it counts."""
    ordered = sorted(wait for wait in waits if math.isfinite(wait))
    if not ordered:
        return math.inf
    weights = list(accumulate(1 / max(ERROR_OF_S, wait) for wait in ordered))
    return ordered[bisect_left(weights, weights[-1] / 2)]
