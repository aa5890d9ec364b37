"""What is counted in Redis: never more than a rate allows, whoever races; what one rate refuses uses up no other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.redis.client import execute
from infra.redis.rates import Counted, count, count_all

pytestmark = pytest.mark.usefixtures("redis_server")


def test_a_burst_passes_and_what_is_more_waits() -> None:
    assert [execute(count("a", "ada", "3/hour")) for _ in range(3)] == [0, 0, 0]
    assert 19 * 60_000 < execute(count("a", "ada", "3/hour")) <= 20 * 60_000
    assert execute(count("a", "bob", "3/hour")) == 0


def test_what_one_rate_refuses_is_counted_against_none() -> None:
    shared, own = Counted("net", "198.51.100.7", "3/hour"), Counted("one", "ada", "1/hour")
    assert execute(count_all([shared, own])) == 0
    assert all(execute(count_all([shared, own])) > 0 for _ in range(50))
    others = [execute(count_all([shared, Counted("one", f"n{number}", "1/hour")])) for number in range(3)]
    assert others[:2] == [0, 0]
    assert others[2] > 0


def test_who_waits_as_long_as_said_is_let_through_by_all() -> None:
    short, long = Counted("a", "ada", "1/second"), Counted("b", "ada", "1/hour")
    execute(count_all([short, long]))
    assert 3_599_000 < execute(count_all([short, long])) <= 3_600_000
    assert execute(count_all([long, short])) > 3_599_000


def test_of_many_at_once_as_many_pass_as_may() -> None:
    at_once = Barrier(24)

    def ask(number: int) -> int:
        at_once.wait()
        return execute(count_all([Counted("net", "x", "5/hour"), Counted("one", f"c{number % 12}", "1/hour")]))

    with ThreadPoolExecutor(24) as pool:
        answers = list(pool.map(ask, range(24)))
    assert answers.count(0) == 5


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.text(max_size=300), st.integers(1, 5)), min_size=1, max_size=8, unique_by=lambda one: one[0])
)
def test_whoever_it_is_each_rate_is_kept(asked: list[tuple[str, int]]) -> None:
    """Names of any kind; all together they pass as often as the smallest rate allows."""
    case = str(asked)
    counted = [Counted("p", case + who, f"{amount}/hour") for who, amount in asked]
    most = min(amount for _who, amount in asked)
    passed = [execute(count_all(counted)) for _ in range(most + 2)]
    assert [wait == 0 for wait in passed] == [True] * most + [False] * 2
