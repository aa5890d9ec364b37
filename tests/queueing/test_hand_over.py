"""A process ends in good order: its parties are kept for the next one, and nobody is told that they are away."""

import pytest

from infra.redis.client import client, execute
from infra.redis.scripts import key
from queueing.live import store
from tests.queueing.world import Customer, Operator, a_call, end_hold, lease, problems, status, tick

pytestmark = pytest.mark.usefixtures("running")


def hand_over(process: str) -> int:
    return execute(store.hand_over(process))


def end_of_lease(process: str) -> None:
    """As if the moment in which another process may take the parties over had passed."""
    client().zadd(key("lease"), {process: 1})


def a_call_on(process: str) -> tuple[Customer, Operator]:
    ada, deniz = a_call()
    ada.reconnect(conn=f"{process}|ada")
    deniz.connect(conn=f"{process}|deniz")
    return ada, deniz


def test_parties_stay_as_they_are_until_another_process_takes_them() -> None:
    lease("p2")
    ada, deniz = a_call_on("p2")
    assert hand_over("p2") == 2
    assert client().zcard(key("grace")) == 0
    ada.reconnect(conn="p1|ada")
    deniz.connect(conn="p1|deniz")
    assert client().zcard(key("grace")) == 0
    end_of_lease("p2")
    end_hold()
    tick()
    assert client().zcard(key("grace")) == 0
    assert deniz.serving == ada.cid
    assert problems() == []


def test_who_does_not_come_in_time_gets_the_grace_of_a_lost_socket() -> None:
    lease("p2")
    ada, deniz = a_call_on("p2")
    hand_over("p2")
    end_of_lease("p2")
    end_hold()
    tick()
    assert client().zscore(key("grace"), ada.party) is not None
    assert client().hget(key("conn"), ada.party) is None
    assert deniz.serving == ada.cid


def test_an_orderly_end_is_not_counted_as_the_loss_of_a_process() -> None:
    for process in ("p2", "p3"):
        execute(store.tick(process, False))
        Customer(f"of-{process}", process).join()
    assert hand_over("p2") == 1
    for process in ("p2", "p3"):
        end_of_lease(process)
    end_hold()
    tick()
    assert status()["stats"].get("processes_lost", 0) == 1


def test_a_process_without_parties_gives_its_lease_back_at_once() -> None:
    execute(store.tick("p2", False))
    assert hand_over("p2") == 0
    assert client().zscore(key("lease"), "p2") is None


def test_a_process_that_goes_on_all_the_same_is_told_that_it_was_given_up() -> None:
    execute(store.tick("p2", False))
    hand_over("p2")
    assert execute(store.tick("p2", True)).lapsed
