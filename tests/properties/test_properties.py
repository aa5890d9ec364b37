"""The six invariants of docs/architecture.md, over 1,000 seeded interleavings on a real Redis and three processes.

`--seed N` (or PROPERTY_SEED) begins elsewhere, `--seed random` where nobody has been. A failure prints its seed, the
command that plays it again, and all steps. More runs: `python -m tests.properties --help`.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator

import pytest

from tests.properties.chaos import Chaos
from tests.properties.families import FAMILIES
from tests.properties.fleet import Fleet
from tests.properties.run import Run

SHARD = 30
SHARDS = [
    # Workers who race for the same rows are what differs between databases.
    pytest.param(name, index, id=f"{name}-{index * SHARD}", marks=[pytest.mark.database] if name == "record" else [])
    for name, family in FAMILIES.items()
    for index in range(-(-family.runs // SHARD))
]


@pytest.fixture(scope="session")
def first_seed(request: pytest.FixtureRequest) -> int:
    word = request.config.getoption("--seed") or os.environ.get("PROPERTY_SEED", "1")
    seed = random.SystemRandom().randrange(10**9) if word == "random" else int(word)
    print(f"first seed {seed}")
    return seed


@pytest.fixture(scope="session")
def fleet() -> Iterator[Fleet]:
    with Fleet(database=True) as started:
        yield started


@pytest.mark.parametrize(("family", "shard"), SHARDS)
def test_invariants_hold(family: str, shard: int, first_seed: int, fleet: Fleet) -> None:
    first = first_seed + shard * SHARD
    runs = min(SHARD, FAMILIES[family].runs - shard * SHARD)
    for seed in range(first, first + runs):
        FAMILIES[family].play(fleet, seed)


def test_a_slow_machine_is_not_judged_as_an_outage(fleet: Fleet) -> None:
    """Ticks that come late by themselves would begin every grace anew, and nobody would ever be given up."""
    chaos = Chaos(Run(fleet, 1))
    chaos.run.do(chaos.join())
    in_time = chaos.elapse

    def late() -> None:
        chaos.run.warp(300)
        in_time()

    chaos.elapse = late  # type: ignore[method-assign]
    chaos.forget_all()


def test_there_are_enough_runs() -> None:
    assert sum(family.runs for family in FAMILIES.values()) >= 1_000
