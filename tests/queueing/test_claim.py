"""Taking one customer by name: the same claim again, the pause after a wipe, and what a late one is told."""

from __future__ import annotations

import pytest

from bot.accept import Answer, Outcome, accept
from infra.redis.client import client, execute, key
from queueing.live import store
from tests.queueing.world import Customer, Operator, journal, problems, refused

pytestmark = pytest.mark.usefixtures("running")


def test_the_same_claim_again_is_the_same_claim() -> None:
    ada, deniz = Customer("ada"), Operator("deniz")
    ada.join()
    deniz.connect()

    assert [execute(store.claim("deniz", ada.cid)) for _ in range(3)] == [ada.cid] * 3

    assert [entry["type"] for entry in journal()].count("claimed") == 1
    assert problems() == []


def test_a_repeated_claim_does_not_bring_back_what_is_over() -> None:
    ada, deniz = Customer("ada"), Operator("deniz")
    ada.join()
    deniz.connect()
    execute(store.claim("deniz", ada.cid))
    deniz.end()

    with refused("taken"):
        execute(store.claim("deniz", ada.cid))


def test_after_a_wipe_nobody_is_claimed_by_name_either() -> None:
    ada, deniz = Customer("ada"), Operator("deniz")
    ada.join()
    deniz.connect()
    client().hset(key("meta"), "recover_until", 9_999_999_999_999)

    with refused("recovering"):
        execute(store.claim("deniz", ada.cid))
    client().hset(key("meta"), "recover_until", 0)
    assert execute(store.claim("deniz", ada.cid)) == ada.cid


def test_the_answers_of_accept() -> None:
    ada, bora, cem = Customer("ada"), Customer("bora"), Customer("cem")
    for customer in (ada, bora, cem):
        customer.join()
    deniz, emre = Operator("deniz"), Operator("emre")
    deniz.connect()

    assert accept(ada.cid, "emre") == Answer(Outcome.OFFLINE)
    assert accept(ada.cid, "deniz") == Answer(Outcome.WON)
    assert accept(ada.cid, "deniz") == Answer(Outcome.WON)
    assert accept(bora.cid, "deniz") == Answer(Outcome.BUSY)
    emre.connect()
    assert accept(ada.cid, "emre") == Answer(Outcome.TAKEN, "Deniz")
    deniz.end()
    assert accept(ada.cid, "emre") == Answer(Outcome.ENDED, "Deniz")
    bora.leave()
    assert accept(bora.cid, "emre") == Answer(Outcome.LEFT)
    execute(store.finish(cem.party, cem.conn, cem.cid, "max-wait", "system"))
    assert accept(cem.cid, "emre") == Answer(Outcome.EXPIRED)
    assert accept("nobody", "emre") == Answer(Outcome.GONE)


def test_without_redis_an_accept_can_be_tried_again(redis_process) -> None:
    redis_process.kill()

    assert accept("anything", "deniz") == Answer(Outcome.AGAIN)
