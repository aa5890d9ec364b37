"""`python -m bench.estimate`: whether what customers are told of their wait comes true.

Simulates days of a support desk: customers come as a Poisson process that has two busy hours a day, talk log-normally
long, give up when their patience is over; operators wrap up, are in time for lunch and take breaks when they like. Each
one who joins is told what the real estimator says (`queueing.live.estimate`, `queueing.live.promises`), from what the
live state would know then. Of those who had to wait and were served: how many ranges held, and how far their middle was
from what came (of waits below a minute: in relation to a minute). With `--chance` also how far it would be for somebody
who knew all but which of the possible futures comes (`bench.foresight`). Exits with 1 when less than 80 % held in a
pool, or when over all waits the median error is above 25 %.
"""

from __future__ import annotations

import argparse
import heapq
import json
import math
import random
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median

from bench.foresight import Draw, Foresight, error
from queueing.live.estimate import SAMPLES_KEPT, Forecast, Load, Wrap, outlook
from queueing.live.promises import EVERY_MS, KEPT, Estimate, Judged, margins

HELD, ERROR = 0.8, 0.25
"""The goals."""
DAY_SECS = 9 * 3600
TALK_SECS, TALK_SIGMA = 360, 0.8
"""Mean of the talks, and the spread of their logarithms: a quarter takes less than 2½ minutes, a tenth more than 12."""
WRAP_UP_SECS, WRAPPED_SECS = 60, 25
TALK = Draw(math.log(TALK_SECS) - TALK_SIGMA**2 / 2, TALK_SIGMA)
WRAP_UP = Draw(math.log(WRAPPED_SECS) - 0.125, 0.5, WRAP_UP_SECS)
PATIENCE_SECS = 1800
LUNCH_SECS, BREAK_SECS = 2400, (240, 900)


@dataclass(frozen=True)
class Pool:
    """Operators who share a line. `load`: customers who come, of those whom they could serve without breaks."""

    operators: int
    load: float


POOLS = (Pool(2, 0.85), Pool(4, 0.9), Pool(8, 0.95), Pool(20, 1.0), Pool(50, 1.05))


@dataclass
class Result:
    pool: Pool
    waits: int
    held: float
    later: float
    error: float
    wait_s: float
    width: float
    """Median of a range's high end over its low one."""
    errors: list[float] = field(default_factory=list, repr=False)
    chance: float | None = None
    """The error that chance alone makes."""


@dataclass
class Customer:
    joined: float
    told: Estimate | None
    forecast: Forecast | None
    foreseen: float | None = None


@dataclass
class Desk:
    """The state of one pool as the scripts keep it, and the estimator's view of it."""

    operators: int
    now: float = 0.0
    free: list[int] = field(default_factory=list)
    line: list[Customer] = field(default_factory=list)
    talking: dict[int, float] = field(default_factory=dict)
    wrapping: dict[int, float] = field(default_factory=dict)
    samples: list[int] = field(default_factory=list)
    wrap_ups: list[int] = field(default_factory=list)
    promises: list[Judged] = field(default_factory=list)
    promised_at: float = -math.inf
    judged: list[Judged] = field(default_factory=list)
    foresight: Foresight | None = None
    by_chance: list[float] = field(default_factory=list)

    def join(self) -> Customer:
        """With what the page would say."""
        load = Load(
            running=[int(self.now - since) for since in self.talking.values()],
            wrapping=[
                Wrap(max(0, int(since + WRAP_UP_SECS - self.now)), int(self.now - since))
                for since in self.wrapping.values()
            ],
            available=len(self.free),
            samples=self.samples,
            wrap_up=WRAP_UP_SECS,
            wrap_ups=self.wrap_ups,
        )
        ahead = outlook(load, len(self.line) + 1)
        forecast = ahead.at(len(self.line)) if ahead else None
        customer = Customer(self.now, margins(self.promises).told(forecast) if forecast else None, forecast)
        if self.foresight and (self.talking or self.wrapping):
            since = [[self.now - began for began in one.values()] for one in (self.talking, self.wrapping)]
            customer.foreseen = self.foresight.says(*since, len(self.free), len(self.line))
        self.line.append(customer)
        return customer

    def claimed(self, customer: Customer) -> None:
        """Judged as `claim` in claiming.lua does."""
        waited = self.now - customer.joined
        if customer.told is None or customer.forecast is None or waited < 1:
            return
        # Whole seconds are kept.
        rounded = Forecast(*(float(round(value)) for value in asdict(customer.forecast).values()))
        judged = Judged(rounded, customer.told, float(round(waited)))
        self.judged.append(judged)
        if customer.foreseen is not None:
            self.by_chance.append(error(customer.foreseen, waited))
        if self.now >= self.promised_at + EVERY_MS / 1000:
            self.promises.insert(0, judged)
            del self.promises[KEPT:]
            self.promised_at = self.now


class Days:
    """One pool over some days; each begins with an empty line and what the days before have taught."""

    def __init__(self, pool: Pool, seed: int, *, foresees: bool = False) -> None:
        self.pool, self.random = pool, random.Random(seed)
        self.desk = Desk(pool.operators)
        if foresees:
            self.desk.foresight = Foresight(TALK, WRAP_UP, PATIENCE_SECS, seed)
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._order = 0
        self._due: dict[int, float] = {}
        self._away: set[int] = set()

    def run(self, days: int) -> list[Judged]:
        for _ in range(days):
            self._one_day()
        return self.desk.judged

    def _one_day(self) -> None:
        desk, chance = self.desk, self.random
        desk.now, desk.promised_at = 0.0, -math.inf
        desk.free, desk.line, desk.talking, desk.wrapping = list(range(self.pool.operators)), [], {}, {}
        self._events, self._due, self._away = [], {}, set()
        for operator in range(self.pool.operators):
            self._at(chance.uniform(2.5, 4.5) * 3600, lambda who=operator: self._wants_break(who, LUNCH_SECS))  # type: ignore[misc]
            for _ in range(3):
                secs = chance.uniform(*BREAK_SECS)
                self._at(chance.uniform(0, DAY_SECS), lambda who=operator, s=secs: self._wants_break(who, s))  # type: ignore[misc]
        rate = self.pool.load * self.pool.operators / (TALK_SECS + WRAPPED_SECS)
        moment = 0.0
        while (moment := moment + chance.expovariate(rate * BUSIEST)) < DAY_SECS:
            if chance.random() < busy(moment) / BUSIEST:
                self._at(moment, self._comes)
        while self._events:
            desk.now, _, happens = heapq.heappop(self._events)
            happens()

    def _at(self, moment: float, happens: Callable[[], None]) -> None:
        self._order += 1
        heapq.heappush(self._events, (moment, self._order, happens))

    def _comes(self) -> None:
        customer = self.desk.join()
        self._at(self.desk.now + self.random.expovariate(1 / PATIENCE_SECS), lambda: self._gives_up(customer))
        self._match()

    def _gives_up(self, customer: Customer) -> None:
        if any(one is customer for one in self.desk.line):
            self.desk.line = [one for one in self.desk.line if one is not customer]

    def _match(self) -> None:
        desk = self.desk
        while desk.free and desk.line:
            operator, customer = desk.free.pop(0), desk.line.pop(0)
            desk.claimed(customer)
            desk.talking[operator] = desk.now
            self._at(desk.now + TALK(self.random), lambda who=operator: self._ends(who))  # type: ignore[misc]

    def _ends(self, operator: int) -> None:
        desk = self.desk
        desk.samples.insert(0, int(desk.now - desk.talking.pop(operator)))
        del desk.samples[SAMPLES_KEPT:]
        if self._goes(operator):
            return
        desk.wrapping[operator] = desk.now
        self._at(desk.now + WRAP_UP(self.random), lambda: self._wrapped(operator))

    def _wrapped(self, operator: int) -> None:
        desk = self.desk
        desk.wrap_ups.insert(0, int(desk.now - desk.wrapping.pop(operator)))
        del desk.wrap_ups[SAMPLES_KEPT:]
        if not self._goes(operator):
            desk.free.append(operator)
            self._match()

    def _wants_break(self, operator: int, secs: float) -> None:
        if operator in self._away:
            return
        self._due[operator] = secs
        if operator in self.desk.free:
            self.desk.free.remove(operator)
            self._goes(operator)

    def _goes(self, operator: int) -> bool:
        """On the break that is due, if one is: nobody leaves a call."""
        secs = self._due.pop(operator, None)
        if secs is None:
            return False
        self._away.add(operator)
        self._at(self.desk.now + secs, lambda: self._comes_back(operator))
        return True

    def _comes_back(self, operator: int) -> None:
        self._away.discard(operator)
        self.desk.free.append(operator)
        self._match()


def busy(moment: float) -> float:
    """How many come at that second of the day, in relation to the mean: most before and after lunch."""
    return (
        0.6 + 0.8 * math.exp(-(((moment - 9_000) / 4_500) ** 2)) + 0.6 * math.exp(-(((moment - 23_400) / 4_500) ** 2))
    )


BUSIEST = 1.41


def simulate(pool: Pool, days: int, seed: int, *, foresees: bool = False) -> Result:
    all_days = Days(pool, seed, foresees=foresees)
    found = all_days.run(days)
    errors = [one.error for one in found]
    return Result(
        pool=pool,
        waits=len(found),
        held=sum(one.held for one in found) / len(found),
        later=sum(one.waited > one.told.high_s for one in found) / len(found),
        error=median(errors),
        wait_s=median(one.waited for one in found),
        width=median(one.told.high_s / one.told.low_s for one in found),
        errors=errors,
        chance=median(all_days.desk.by_chance) if foresees else None,
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.estimate", description=__doc__)
    parser.add_argument("--days", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--chance", action="store_true", help="the error that chance alone makes; takes some minutes")
    parser.add_argument("--out", default="", help="file for the figures as JSON")
    options = parser.parse_args()
    print(
        f"{'operators':>9} {'load':>5} {'waits':>7} {'median wait':>12} {'held':>6} {'later':>6} {'error':>6}"
        f" {'high/low':>9}" + (f" {'chance':>7}" if options.chance else "")
    )
    results = []
    for pool in POOLS:
        one = simulate(pool, options.days, options.seed, foresees=options.chance)
        results.append(one)
        print(
            f"{pool.operators:>9} {pool.load:>5.2f} {one.waits:>7} {one.wait_s:>10.0f} s {one.held:>6.0%}"
            f" {one.later:>6.0%} {one.error:>6.0%} {one.width:>9.1f}"
            + (f" {one.chance:>7.0%}" if one.chance is not None else ""),
            flush=True,
        )
    error = median(each for one in results for each in one.errors)
    held = sum(one.held * one.waits for one in results) / sum(one.waits for one in results)
    print(f"of all waits {held:.0%} held; median error {error:.0%}")
    if options.out:
        rows = [{name: value for name, value in asdict(one).items() if name != "errors"} for one in results]
        Path(options.out).write_text(json.dumps({"pools": rows, "held": held, "error": error}, indent=1))
    return 0 if held >= HELD and all(one.held >= HELD - 0.02 for one in results) and error <= ERROR else 1


if __name__ == "__main__":
    sys.exit(main())
