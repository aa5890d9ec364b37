"""Estimates: honest ranges from what operators are doing, or none."""

from hypothesis import given
from hypothesis import strategies as st

from queueing.live.estimate import FLOOR_SECS, Estimate, Load, estimates

SAMPLES = [60, 120, 180, 240, 300]
seconds = st.integers(0, 7200)


def load(running: list[int], available: int = 0, wrapping: list[int] | None = None, wrap_up: int = 0) -> Load:
    return Load(running, wrapping or [], available, SAMPLES, wrap_up)


def test_unknown_without_samples_or_operators() -> None:
    assert estimates(Load([10], [], 0, [60] * 4, 0), 1) is None
    assert estimates(Load([], [], 0, SAMPLES, 0), 1) is None


def test_one_call_running_the_next_waits_for_its_rest() -> None:
    assert estimates(load([60]), 1) == [Estimate(60, 180)]


def test_two_operators_halve_the_wait_of_the_third() -> None:
    one, two = estimates(load([0]), 4), estimates(load([0, 0]), 4)
    assert one is not None
    assert two is not None
    assert two[3].high_s == one[1].high_s


def test_wrap_up_is_part_of_the_wait() -> None:
    plain, wrapped = estimates(load([60]), 2), estimates(load([60], wrap_up=30), 2)
    assert plain is not None
    assert wrapped is not None
    assert wrapped[0].low_s == plain[0].low_s + 30
    assert wrapped[1].low_s == plain[1].low_s + 60


def test_a_call_longer_than_all_samples_never_counts_down_to_zero() -> None:
    found = estimates(load([10_000]), 1)
    assert found is not None
    assert found[0].low_s >= FLOOR_SECS


@given(
    running=st.lists(seconds, max_size=8),
    available=st.integers(0, 3),
    samples=st.lists(seconds, min_size=5, max_size=50),
)
def test_later_places_never_wait_less(running: list[int], available: int, samples: list[int]) -> None:
    found = estimates(Load(running, [], available, samples, 30), 20)
    if not running and not available:
        assert found is None
        return
    assert found is not None
    assert all(place.low_s < place.high_s for place in found)
    lows = [place.low_s for place in found]
    highs = [place.high_s for place in found]
    assert lows == sorted(lows)
    assert highs == sorted(highs)


def test_far_places_are_answered_in_bounded_time_and_grow() -> None:
    found = estimates(load([60, 60]), 5000)
    assert found is not None
    assert len(found) == 5000
    assert found[4999].low_s > found[1999].low_s
