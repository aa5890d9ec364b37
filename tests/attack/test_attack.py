"""The short part of `python -m bench.attack`: what floods may cost in memory, and what words may not break."""

from __future__ import annotations

import subprocess
import sys

import pytest

from bench.attack.__main__ import row
from bench.attack.floods import Felt, Goals
from harness.programs import ROOT


def attack(*only: str) -> subprocess.CompletedProcess[str]:
    words = [word for kind in only for word in ("--only", kind)]
    command = [sys.executable, "-m", "bench.attack", "--quick", *words]
    return subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True, timeout=220)


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_floods_cost_no_memory_and_lose_nobody_a_frame() -> None:
    done = attack("fragments", "fat pings", "brackets", "head lines", "body to sign-in")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("held") == 6


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_no_word_of_a_customer_takes_an_operator_out_or_stops_the_record() -> None:
    done = attack("words")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("held") == 4


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_one_network_and_fifty_addresses_leave_places_for_newcomers() -> None:
    done = attack("queue")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("held") == 3


@pytest.mark.parametrize(
    ("felt", "missed"),
    [
        (Felt("pings", [1.0] * 200, 0.1, 1.0, 0), False),
        (Felt("pings", [1.0] * 180 + [80.0] * 20, 0.1, 1.0, 0), True),
        (Felt("pings", [1.0] * 200, 0.7, 1.0, 0), True),
        (Felt("pings", [1.0] * 200, 0.1, 11.0, 0), True),
        (Felt("pings", [1.0] * 200, 0.1, 1.0, 1), True),
        (Felt("pings", [], 0.1, 1.0, 0), True),
    ],
)
def test_a_missed_goal_is_noticed(felt: Felt, missed: bool) -> None:
    assert row(felt, Goals(), quick=False)[1] is missed
