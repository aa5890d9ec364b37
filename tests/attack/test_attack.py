"""The short part of `python -m bench.attack`: what floods may cost in memory, and what words may not break."""

from __future__ import annotations

import pytest

from bench.attack.__main__ import main, row
from bench.attack.floods import Felt, Goals


def attack(*only: str) -> int:
    return main(["--quick", *(word for kind in only for word in ("--only", kind))])


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_floods_cost_no_memory_and_lose_nobody_a_frame(capsys: pytest.CaptureFixture[str]) -> None:
    status = attack("fragments", "fat pings", "brackets", "head lines", "body to sign-in")
    printed = capsys.readouterr()
    assert status == 0, printed.out + printed.err
    assert printed.out.count("held") == 6


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_no_word_of_a_customer_takes_an_operator_out_or_stops_the_record(capsys: pytest.CaptureFixture[str]) -> None:
    status = attack("words")
    printed = capsys.readouterr()
    assert status == 0, printed.out + printed.err
    assert printed.out.count("held") == 4


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_one_network_and_fifty_addresses_leave_places_for_newcomers(capsys: pytest.CaptureFixture[str]) -> None:
    status = attack("queue")
    printed = capsys.readouterr()
    assert status == 0, printed.out + printed.err
    assert printed.out.count("held") == 3


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
