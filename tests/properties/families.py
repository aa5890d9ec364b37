"""The kinds of runs, and how many of each the tests make."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.properties import interleave
from tests.properties.fleet import Fleet
from tests.properties.run import Run


@dataclass(frozen=True)
class Family:
    play: Callable[[Fleet, int], Run]
    runs: int
    database: bool = False


FAMILIES = {
    "queue": Family(interleave.queue, 450),
    "answer": Family(interleave.answer, 60),
    "lines": Family(interleave.lines, 30),
    "mail": Family(interleave.mail, 330),
    "wipe": Family(interleave.wipe, 50, database=True),
    "crash": Family(interleave.crash, 30, database=True),
    "record": Family(interleave.record, 20, database=True),
    "callbacks": Family(interleave.callbacks, 20, database=True),
    "appointments": Family(interleave.appointments, 30, database=True),
}


def run_seeds(name: str, first: int, runs: int) -> int:
    """Plays `runs` seeds from `first` on; answers the number of steps. Raises Violation with the seed's history."""
    family = FAMILIES[name]
    with Fleet(database=family.database) as fleet:
        return sum(len(family.play(fleet, seed).history) for seed in range(first, first + runs))
