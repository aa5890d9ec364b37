"""Who lost a call to the network goes on at the head of the queue: once for each call, soon, and not for ever."""

from typing import Any

import pytest

from infra.redis.client import client, execute
from infra.redis.scripts import key
from queueing import tokens
from queueing.live import store
from tests.queueing.world import Customer, Operator, a_call, end_hold, expire_grace, journal, problems, status, tick

pytestmark = pytest.mark.usefixtures("running")


def lost_call() -> tuple[Customer, Operator]:
    """Ada talked with Deniz, whose console went and did not come back."""
    ada, deniz = a_call()
    deniz.disconnect()
    expire_grace(deniz.party)
    tick()
    return ada, deniz


def come_back(lost: Customer, name: str = "ada-again") -> tuple[Customer, int]:
    again = Customer(name)
    return again, again.join(returning_from=lost.cid).position


def test_a_lost_call_comes_back_to_the_head_of_the_line() -> None:
    ada, _deniz = lost_call()
    bora, cem = Customer("bora"), Customer("cem")
    bora.join()
    cem.join()
    again, position = come_back(ada)
    assert position == 1
    assert client().zrange(key("line"), 0, -1) == [again.cid, bora.cid, cem.cid]
    assert journal()[-1]["type"] == "joined"
    assert f'"returning_from":"{ada.cid}"' in journal()[-1]["data"]
    assert status()["stats"]["returned"] == 1
    assert problems() == []


def test_the_next_free_operator_takes_who_came_back_first() -> None:
    ada, _deniz = lost_call()
    Customer("bora").join()
    again, _position = come_back(ada)
    elif_ = Operator("elif")
    elif_.connect()
    elif_.available()
    assert elif_.serving == again.cid


def test_one_lost_call_gives_the_head_of_the_line_once() -> None:
    ada, _deniz = lost_call()
    come_back(ada)[0].leave()
    Customer("bora").join()
    assert come_back(ada, "ada-third")[1] == 2


def test_a_call_that_somebody_ended_gives_no_privilege() -> None:
    ada, _deniz = a_call()
    execute(store.finish(ada.party, ada.conn, ada.cid, "customer", "customer"))
    Customer("bora").join()
    assert come_back(ada)[1] == 2


def test_a_customer_who_gives_a_dead_call_up_may_come_back() -> None:
    ada, _deniz = a_call()
    execute(store.finish(ada.party, ada.conn, ada.cid, "connection", "customer"))
    Customer("bora").join()
    assert come_back(ada)[1] == 1


def test_who_left_the_line_goes_to_its_end() -> None:
    ada = Customer("ada")
    ada.join()
    execute(store.finish(ada.party, ada.conn, ada.cid, "connection", "customer"))
    Customer("bora").join()
    assert come_back(ada)[1] == 2


def test_the_head_of_the_line_is_not_for_ever() -> None:
    lost, deniz = a_call()
    for number in range(4):
        execute(store.finish(lost.party, lost.conn, lost.cid, "connection", "customer"))
        other = Customer(f"other-{number}")
        other.join()
        lost, position = come_back(lost, f"ada-{number}")
        assert position == (1 if number < 3 else 2)
        other.leave()
        deniz.available()


def test_a_full_line_still_takes_who_lost_a_call(settings: Any) -> None:
    settings.QUEUE_MAX_LENGTH = 1
    ada, _deniz = lost_call()
    Customer("bora").join()
    assert come_back(ada)[1] == 1


def test_an_old_ticket_is_no_long_wait(settings: Any) -> None:
    settings.QUEUE_MAX_WAIT_SECS = 60
    ada, _deniz = lost_call()
    bora = Customer("bora")
    bora.join()
    client().zincrby(key("line"), -59_999_000, bora.cid)
    again, _position = come_back(ada)
    client().zincrby(key("line"), -2_000_000, again.cid)
    end_hold()
    tick()
    assert again.cid in client().zrange(key("line"), 0, -1)


def test_a_token_of_another_installation_says_nothing() -> None:
    assert tokens.conversation_of("made:up") is None
