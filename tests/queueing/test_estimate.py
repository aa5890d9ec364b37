"""Estimates: honest ranges from what operators are doing, or none."""

from __future__ import annotations

import re
from pathlib import Path
from statistics import median

from hypothesis import given
from hypothesis import strategies as st

from queueing.live import estimate as live
from queueing.live.estimate import FLOOR_SECS, SAMPLES_KEPT, Forecast, Load, Wrap, outlook
from queueing.live.promises import EVERY_MS, FACTORS, MIN_JUDGED, UNTRIED, Estimate, Judged, Margins, margins

SAMPLES = [60, 120, 180, 240, 300]
seconds = st.integers(0, 7200)
wraps = st.builds(Wrap, seconds, seconds)


def load(running: list[int], available: int = 0, wrapping: list[Wrap] | None = None, wrap_up: int = 0) -> Load:
    return Load(running, wrapping or [], available, SAMPLES, wrap_up)


def at(given: Load, rank: int) -> Forecast:
    found = outlook(given, rank + 1)
    assert found is not None
    return found.at(rank)


def test_unknown_without_samples_or_operators() -> None:
    assert outlook(Load([10], [], 0, [60] * 4, 0), 1) is None
    assert outlook(Load([], [], 0, SAMPLES, 0), 1) is None


def test_one_call_running_the_next_waits_for_its_rest() -> None:
    """A call of a minute so far is one of those that take two to five."""
    forecast = at(load([60]), 0)
    assert (forecast.low, forecast.high) == (60, 240)
    assert forecast.low < forecast.middle < forecast.high


def test_two_operators_halve_the_wait() -> None:
    one, two = at(load([0]), 19), at(load([0, 0]), 19)
    assert 0.4 < two.middle / one.middle < 0.6


def test_wrap_up_is_part_of_the_wait() -> None:
    plain, wrapped = load([60]), load([60], wrap_up=30)
    assert at(wrapped, 0).low == at(plain, 0).low + 30
    assert at(wrapped, 1).middle == at(plain, 1).middle + 60


def test_wrap_ups_are_as_long_as_they_were() -> None:
    """Not as long as they may be: an outcome is given in ten seconds of the minute that there is for it."""
    assert at(Load([], [Wrap(left=55, taken=5)], 0, SAMPLES, 60, wrap_ups=[10] * 9), 0).high == 5
    assert at(Load([], [Wrap(left=3, taken=57)], 0, SAMPLES, 60, wrap_ups=[10] * 9), 0).high <= 3
    running, taken = Load([60], [], 0, SAMPLES, 60), Load([60], [], 0, SAMPLES, 60, wrap_ups=[10] * 9)
    assert at(taken, 0).low == at(running, 0).low - 50


def test_a_call_longer_than_all_samples_never_counts_down_to_zero() -> None:
    assert at(load([10_000]), 0).low >= FLOOR_SECS


def test_the_same_load_has_the_same_outlook() -> None:
    assert outlook(load([5, 80], 1), 30) == outlook(load([5, 80], 1), 30)


@given(
    running=st.lists(seconds, max_size=8),
    wrapping=st.lists(wraps, max_size=4),
    available=st.integers(0, 3),
    samples=st.lists(seconds, min_size=5, max_size=50),
    wrap_ups=st.lists(seconds, max_size=9),
    factors=st.tuples(*[st.floats(FACTORS[0], FACTORS[1])] * 3),
)
def test_later_places_never_wait_less(
    running: list[int],
    wrapping: list[Wrap],
    available: int,
    samples: list[int],
    wrap_ups: list[int],
    factors: tuple[float, float, float],
) -> None:
    found = outlook(Load(running, wrapping, available, samples, 30, wrap_ups), 80)
    if not running and not wrapping and not available:
        assert found is None
        return
    assert found is not None
    told = [Margins(*factors).told(found.at(rank)) for rank in range(80)]
    assert all(0 < place.low_s < place.high_s for place in told)
    lows, highs = [place.low_s for place in told], [place.high_s for place in told]
    assert lows == sorted(lows)
    assert highs == sorted(highs)


def test_far_places_cost_no_more_than_near_ones_and_grow() -> None:
    found = outlook(load([60, 60]), 100_000)
    assert found is not None
    assert len(found.near) == live.NEAR
    places = [found.at(rank) for rank in (59, 60, 1_000, 99_999)]
    assert [place.low for place in places] == sorted({place.low for place in places})


def judged(count: int, waited: float) -> list[Judged]:
    return [Judged(Forecast(100, 200, 300), Estimate(100, 300), waited) for _ in range(count)]


def test_ranges_are_wider_until_there_is_something_to_go_by() -> None:
    assert margins(judged(MIN_JUDGED - 1, 200)) == UNTRIED
    assert margins(judged(MIN_JUDGED, 200)) != UNTRIED


def test_waits_that_were_longer_move_the_range() -> None:
    found = margins(judged(MIN_JUDGED, 600))
    told = found.told(Forecast(100, 200, 300))
    assert told.low_s <= 600 <= told.high_s
    assert found.middle == 3


@given(st.lists(st.floats(0, 100_000), min_size=MIN_JUDGED, max_size=120))
def test_what_was_measured_holds_for_what_was_measured(waits: list[float]) -> None:
    """Unless waits have nothing to do with what was expected at all; then factors stay within bounds."""
    found = margins([judged(1, wait)[0] for wait in waits])
    assert all(FACTORS[0] <= factor <= FACTORS[1] for factor in (found.low, found.middle, found.high))
    if min(waits) >= 100 and max(waits) <= 1_000:
        told = found.told(Forecast(100, 200, 300))
        held = [wait for wait in waits if told.low_s <= wait <= told.high_s]
        assert len(held) >= 0.8 * len(waits)
        assert told.low_s <= median(waits) <= told.high_s


def test_promises_are_read_as_they_are_kept() -> None:
    found = Judged.parse(b"1700000000000 60 120 240 40 300 310")
    assert found == Judged(Forecast(60, 120, 240), Estimate(40, 300), 310)
    assert not found.held


def test_scripts_keep_as_many_as_is_said_here() -> None:
    state = (Path(live.__file__).parent / "lua/lib/state.lua").read_text()
    assert re.search(r"^local KEEP_SAMPLES = (\d+)$", state, re.MULTILINE).group(1) == str(SAMPLES_KEPT)  # type: ignore[union-attr]
    assert EVERY_MS > 0
