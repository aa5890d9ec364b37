"""Sockets come and go: who is offered customers, what a grace protects, and what a reconnect restores."""

from typing import Any

import pytest

from infra.redis.client import client, execute
from infra.redis.scripts import key
from queueing.live import store
from tests.queueing.world import (
    Customer,
    Operator,
    a_call,
    end_hold,
    end_wrap_up,
    expire_grace,
    is_available,
    journal,
    lease,
    problems,
    refused,
    status,
    tick,
)

pytestmark = pytest.mark.usefixtures("running")


def on_shift(name: str = "deniz", process: str = "p1") -> Operator:
    operator = Operator(name, process)
    operator.connect()
    operator.available()
    return operator


def reason_of(cid: str) -> str:
    state = execute(store.attach(store.party_of(cid), "p1|reader", None, None)).state
    assert state is not None
    return str(state["reason"])


def test_losing_the_last_socket_takes_an_operator_out_in_the_same_step() -> None:
    deniz = on_shift()
    assert is_available("deniz")
    deniz.disconnect()
    assert not is_available("deniz")
    Customer("ada").join()
    assert deniz.serving is None
    assert status()["waiting"] == 1


def test_a_detach_that_comes_after_a_newer_socket_says_nothing() -> None:
    deniz = on_shift()
    old = deniz.conn
    deniz.connect()
    assert execute(store.detach(deniz.party, old)) == 0
    assert is_available("deniz")


def test_claim_passes_over_an_operator_whose_process_is_dead() -> None:
    """Nobody has noticed yet: the socket is still written down, only the lease has run out."""
    end_hold()
    deniz = on_shift(process="p2")
    lease("p2", ms=-1)
    emre = on_shift("emre")
    ada = Customer("ada")
    ada.join()
    assert (deniz.serving, emre.serving) == (None, ada.cid)


def test_claim_by_name_is_refused_without_a_socket() -> None:
    ada, deniz = Customer("ada"), on_shift()
    deniz.disconnect()
    ada.join()
    with refused("offline"):
        execute(store.claim("deniz", ada.cid))


def test_longest_idle_operator_first() -> None:
    deniz, emre = on_shift("deniz"), on_shift("emre")
    Customer("ada").join()
    assert (deniz.serving, emre.serving) == ("cid-ada", None)
    deniz.end()
    deniz.available()  # idle since now, so Emre has been idle longer
    Customer("bora").join()
    assert (deniz.serving, emre.serving) == (None, "cid-bora")


def test_saying_available_again_does_not_lose_the_turn() -> None:
    deniz, emre = on_shift("deniz"), on_shift("emre")
    deniz.available()
    Customer("ada").join()
    assert (deniz.serving, emre.serving) == ("cid-ada", None)


def test_grace_keeps_the_call_of_a_lost_customer_and_its_end_has_a_reason() -> None:
    ada, deniz = a_call()
    ada.disconnect()
    end_hold()
    tick()
    assert deniz.serving == ada.cid
    expire_grace(ada.party)
    tick()
    assert deniz.serving is None
    assert reason_of(ada.cid) == "customer-lost"
    assert problems() == []


def test_grace_keeps_the_call_of_a_lost_operator_and_its_end_has_a_reason() -> None:
    ada, deniz = a_call()
    deniz.disconnect()
    end_hold()
    tick()
    assert deniz.serving == ada.cid
    expire_grace(deniz.party)
    tick()
    assert deniz.serving is None
    assert reason_of(ada.cid) == "operator-lost"
    assert problems() == []


def test_grace_keeps_the_place_of_a_waiting_customer_and_then_abandons_it() -> None:
    ada = Customer("ada")
    ada.join()
    ada.disconnect()
    end_hold()
    tick()
    assert status()["waiting"] == 1
    expire_grace(ada.party)
    tick()
    assert status()["waiting"] == 0
    assert reason_of(ada.cid) == "abandoned"
    assert journal()[-1]["type"] == "ended"


def test_phones_have_a_longer_grace(settings: Any) -> None:
    settings.QUEUE_GRACE_SECS, settings.QUEUE_GRACE_MOBILE_SECS = 10, 500
    ada, bora = Customer("ada"), Customer("bora")
    ada.join()
    bora.join(mobile=True)
    ada.disconnect()
    bora.disconnect()
    deadlines = dict(client().zrange(key("grace"), 0, -1, withscores=True))  # type: ignore[arg-type]
    assert 489_000 < deadlines[bora.party] - deadlines[ada.party] < 491_000


def test_a_customer_who_comes_back_within_the_grace_is_in_the_call() -> None:
    ada, deniz = a_call()
    ada.disconnect()
    assert ada.reconnect().status == "active"
    assert client().zscore(key("grace"), ada.party) is None
    end_hold()
    tick()
    assert deniz.serving == ada.cid


def test_a_reconnect_within_the_grace_restores_availability() -> None:
    deniz = on_shift()
    deniz.disconnect()
    deniz.connect()
    assert is_available("deniz")
    Customer("ada").join()
    assert deniz.serving == "cid-ada"


def test_a_reconnect_after_the_grace_does_not() -> None:
    deniz = on_shift()
    deniz.disconnect()
    expire_grace(deniz.party)
    tick()
    deniz.connect()
    assert not is_available("deniz")


def test_a_console_opened_anew_is_not_on_shift() -> None:
    deniz = Operator("deniz")
    deniz.connect()
    assert not is_available("deniz")


def test_a_wrap_up_that_ends_while_offline_does_not_restore_availability() -> None:
    _ada, deniz = a_call()
    deniz.end()
    deniz.disconnect()
    end_wrap_up(deniz)
    deniz.connect()
    assert not is_available("deniz")
    Customer("bora").join()
    assert deniz.serving is None


def test_an_operator_back_before_the_wrap_up_ends_is_available_after_it() -> None:
    _ada, deniz = a_call()
    deniz.end()
    deniz.disconnect()
    deniz.connect()
    assert not is_available("deniz")
    end_wrap_up(deniz)
    assert is_available("deniz")


def test_sockets_of_a_dead_process_are_given_up_and_their_grace_begins() -> None:
    ada, deniz = a_call()
    bora = Customer("bora", process="p2")
    bora.join()
    end_hold()
    lease("p2", ms=-1)
    tick()
    assert client().hget(key("conn"), bora.party) is None
    assert client().zscore(key("grace"), bora.party) is not None
    assert client().zscore(key("lease"), "p2") is None
    assert deniz.serving == ada.cid


def test_a_process_that_was_given_up_is_told_so() -> None:
    execute(store.tick("p2", known=False))
    bora = Customer("bora", process="p2")
    bora.join()
    assert not execute(store.tick("p2", known=True)).lapsed
    end_hold()
    lease("p2", ms=-1)
    tick()
    assert execute(store.tick("p2", known=True)).lapsed


def test_a_process_that_stood_still_and_was_not_given_up_offers_its_operators_again() -> None:
    execute(store.tick("p2", known=False))
    deniz = on_shift(process="p2")
    end_hold()
    lease("p2", ms=-1)
    Customer("ada").join()
    assert deniz.serving is None
    assert not execute(store.tick("p2", known=True)).lapsed
    assert deniz.serving == "cid-ada"
