"""Several web processes at the same moment, on a database of files or a server: of a time every seat has one owner."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from tests.properties.fleet import Fleet, Process

pytestmark = pytest.mark.database
PROCESSES = 6
ROUNDS = 4


@pytest.fixture(scope="module")
def running() -> Iterator[Fleet]:
    with Fleet(database=True) as fleet:
        fleet.reset(PROCESSES)
        yield fleet


@pytest.fixture
def fleet(running: Fleet) -> Fleet:
    running.reset(PROCESSES)
    told(running.processes[0], "forget")
    read_sites(running)
    return running


def read_sites(fleet: Fleet) -> None:
    for process in fleet.processes:
        told(process, "read_sites")


def told(process: Process, name: str, *args: Any) -> Any:
    kind, value = process.call(name, *args)
    assert kind == "ok", value
    return value


def at_once(fleet: Fleet, *requests: tuple[Any, ...]) -> list[tuple[str, Any]]:
    """One request to each process: all are sent before the first is answered."""
    asked = list(zip(fleet.processes, requests, strict=False))
    for process, request in asked:
        process.send(*request)
    return [process.receive() for process, _request in asked]


def test_of_several_processes_one_gets_the_time(fleet: Fleet) -> None:
    times = told(fleet.processes[0], "free_times")
    for start in times[:ROUNDS]:
        answers = at_once(fleet, *(("book", start + number, start) for number in range(PROCESSES)))
        assert Counter(value if kind == "error" else kind for kind, value in answers) == {
            "ok": 1,
            "slot_taken": PROCESSES - 1,
        }
    owners = told(fleet.processes[0], "owners")
    assert {start: len(owners[start]) for start in owners} == dict.fromkeys(times[:ROUNDS], 1)


def test_who_moves_to_a_time_and_who_books_it_do_not_both_get_it(fleet: Fleet) -> None:
    times = told(fleet.processes[0], "free_times")
    movers = [told(fleet.processes[0], "book", number, times[20 + number]) for number in range(PROCESSES // 2)]
    for start in times[:ROUNDS]:
        before = told(fleet.processes[0], "owners")
        moves = [("move_to", pk, start) for pk in movers]
        answers = at_once(fleet, *moves, *(("book", start + number, start) for number in range(PROCESSES // 2)))
        assert Counter(value if kind == "error" else kind for kind, value in answers) == {
            "ok": 1,
            "slot_taken": PROCESSES - 1,
        }
        owners = told(fleet.processes[0], "owners")
        assert len(owners[start]) == 1
        # Who did not get the new time still has the old one; who did has given it back.
        had = {pk: at for at, pks in before.items() for pk in pks}
        has = {pk: at for at, pks in owners.items() for pk in pks}
        assert {pk: has[pk] for pk in movers if pk not in owners[start]} == {
            pk: had[pk] for pk in movers if pk not in owners[start]
        }
        assert sum(map(len, owners.values())) == len(has)


def test_two_who_swap_their_times_lose_none(fleet: Fleet) -> None:
    """Each wants what the other still has: neither may end without a time."""
    times = told(fleet.processes[0], "free_times")
    first, second = (told(fleet.processes[0], "book", number, times[number]) for number in range(2))
    answers = at_once(fleet, ("move_to", first, times[1]), ("move_to", second, times[0]))
    assert [value for kind, value in answers if kind == "error"] == ["slot_taken"] * 2
    assert told(fleet.processes[0], "owners") == {times[0]: [first], times[1]: [second]}


def test_several_sites_do_not_promise_the_same_operator_at_once(fleet: Fleet) -> None:
    """Each site has a seat of its own at that time; the department behind all of them has fewer people."""
    serve = 2
    shops = told(fleet.processes[0], "open_shops", PROCESSES, serve)
    read_sites(fleet)
    times = told(fleet.processes[0], "free_times")
    expected = {"ok": serve, "slot_taken": PROCESSES - serve}
    for number, start in enumerate(times[: 2 * ROUNDS]):
        people = range(number * PROCESSES, (number + 1) * PROCESSES)
        answers = at_once(fleet, *(("book", one, start, shop) for one, shop in zip(people, shops, strict=True)))
        assert Counter(value if kind == "error" else kind for kind, value in answers) == expected
    movers = [
        told(fleet.processes[0], "book", 1000 + number, times[20 + number // serve], shop)
        for number, shop in enumerate(shops)
    ]
    answers = at_once(fleet, *(("move_to", pk, times[30]) for pk in movers))
    assert Counter(value if kind == "error" else kind for kind, value in answers) == expected
    owners = told(fleet.processes[0], "owners")
    assert max(map(len, owners.values())) == serve
    assert sum(map(len, owners.values())) == 2 * ROUNDS * serve + PROCESSES
