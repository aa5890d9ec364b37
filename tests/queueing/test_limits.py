"""Who is taken in, for how long, and what is left of those who are gone."""

from typing import Any

import pytest

from infra.redis.client import client, execute
from infra.redis.scripts import key
from queueing.live import store
from tests.queueing.world import (
    Customer,
    Operator,
    a_call,
    contents,
    end_hold,
    is_available,
    journal,
    kinds,
    refused,
    status,
    tick,
)

pytestmark = pytest.mark.usefixtures("running")


def test_a_full_line_refuses_and_takes_in_again_when_somebody_leaves(settings: Any) -> None:
    settings.QUEUE_MAX_LENGTH = 2
    ada, bora = Customer("ada"), Customer("bora")
    ada.join()
    bora.join()
    with refused("full"):
        Customer("cem").join()
    assert status()["stats"]["refused:full"] == 1
    ada.leave()
    Customer("cem").join()


def test_a_full_line_does_not_refuse_one_who_is_in_it_already(settings: Any) -> None:
    settings.QUEUE_MAX_LENGTH = 1
    ada = Customer("ada")
    ada.join(join_key="k" * 20)
    assert Customer("ada-again").join(join_key="k" * 20).existing


def test_who_waited_longest_allowed_is_told_so(settings: Any) -> None:
    settings.QUEUE_MAX_WAIT_SECS = 60
    ada, bora = Customer("ada"), Customer("bora")
    ada.join()
    bora.join()
    client().zincrby(key("line"), -61_000_000, ada.cid)
    end_hold()
    tick()
    assert client().zrange(key("line"), 0, -1) == [bora.cid]
    assert kinds(ada.box()) == ["queue:left"]
    assert '"max-wait"' in ada.box()[0][2].decode()


def test_without_a_line_nobody_waits(settings: Any) -> None:
    settings.ENABLE_QUEUE = False
    with refused("disabled"):
        Customer("ada").join()
    assert status()["waiting"] == 0
    assert status()["stats"]["refused:disabled"] == 1


def test_without_a_line_a_free_operator_is_still_reached(settings: Any) -> None:
    settings.ENABLE_QUEUE = False
    deniz = Operator("deniz")
    deniz.connect()
    deniz.available()
    ada = Customer("ada")
    ada.join()
    assert deniz.serving == ada.cid
    with refused("disabled"):
        Customer("bora").join()


def test_without_a_line_a_free_operator_is_not_for_two(settings: Any) -> None:
    """Somebody waits from before (or while claims pause): the next one would have to wait behind."""
    Customer("ada").join()
    settings.ENABLE_QUEUE = False
    with refused("disabled"):
        Customer("bora").join()


def test_a_join_key_whose_conversation_is_over_begins_a_new_one() -> None:
    ada = Customer("ada")
    ada.join(join_key="k" * 20)
    ada.leave()
    again = Customer("ada-again")
    joined = again.join(join_key="k" * 20)
    assert (joined.existing, joined.conversation) == (False, "cid-ada-again")
    assert status()["waiting"] == 1


def test_a_join_key_finds_the_running_call() -> None:
    deniz = Operator("deniz")
    deniz.connect()
    deniz.available()
    ada = Customer("ada")
    first = ada.join(join_key="k" * 20)
    again = Customer("ada-again").join(join_key="k" * 20)
    assert (again.existing, again.conversation, again.ticket) == (True, first.conversation, first.ticket)
    assert again.attached.status == "active"
    assert kinds(again.attached.frames) == ["queue:ready"]
    assert [entry["type"] for entry in journal()].count("joined") == 1


@pytest.mark.parametrize("claimed", ["1", "4102444800000000"], ids=["long ago", "in the far future"])
def test_the_ticket_is_the_time_of_redis_whatever_the_client_says(claimed: str) -> None:
    ada, mallory = Customer("ada"), Customer("mallory")
    ticket = int(mallory.join(ticket=claimed, joined_at=1, status="active", epoch="1").ticket)
    seconds, _micros = client().time()  # type: ignore[misc]
    assert abs(ticket / 1_000_000 - seconds) < 5
    ada.join()
    assert client().zrange(key("line"), 0, -1) == [mallory.cid, ada.cid]


def test_a_hundred_joins_in_a_row_have_rising_tickets() -> None:
    customers = [Customer(f"c{number}") for number in range(100)]
    tickets = [int(customer.join().ticket) for customer in customers]
    assert tickets == sorted(set(tickets))


def past_keeping() -> None:
    for cid in client().zrange(key("ended"), 0, -1):  # type: ignore[union-attr]
        client().zadd(key("ended"), {cid: 1})


def test_the_purge_of_an_ended_conversation_leaves_nothing_behind() -> None:
    deniz = Operator("deniz")
    deniz.connect()
    before = contents()
    ada = Customer("ada")
    ada.join(join_key="k" * 20, topic="iade")
    deniz.available()
    execute(store.report(ada.party, ada.conn, "device:check", ada.cid, {"camera": True}))
    for party in (ada, deniz):
        execute(store.report(party.party, party.conn, "call:state", ada.cid, {"state": "connected"}))
        execute(store.report(party.party, party.conn, "call:state", ada.cid, {"state": "reconnecting"}))
        execute(store.report(party.party, party.conn, "call:stats", ada.cid, {"region": "eu", "rtt_ms": 20}))
        for number in range(520):
            party.say(f"satır {number}")
        frame = b'{"type":"rtc:description"}'
        execute(store.relay(store.Relay(party.party, party.conn, None, 9_999, "rtc:description", frame, 3)))
    deniz.end()
    deniz.available(on=False)
    execute(store.ack(deniz.party, deniz.conn, deniz.box()[-1][0]))
    ada.disconnect()
    past_keeping()
    tick()
    assert [name for name, found in contents().items() if ada.cid in repr(found) and not hourly(name)] == []
    kept = {key(name) for name in ("stats", "samples", "journal", "meta", "box", "tried", "talked", "operator")}
    now = contents()
    assert {name: now[name] for name in now if name not in kept} == {
        name: before[name] for name in before if name not in kept
    }


def hourly(name: str) -> bool:
    """The journal is the worker's to trim; the calls of the last hour are counted from these."""
    return name in (key("journal"), key("tried"), key("talked"))


def test_one_who_left_the_line_is_purged_too() -> None:
    before = contents()
    ada = Customer("ada")
    ada.join(join_key="k" * 20)
    ada.leave()
    ada.disconnect()
    past_keeping()
    tick()
    now = contents()
    assert set(now) - set(before) == {key("stats"), key("journal")}


def test_an_open_page_keeps_its_ended_conversation() -> None:
    ada, deniz = a_call()
    deniz.end()
    past_keeping()
    tick()
    assert ada.reconnect().status == "ended"
    ada.disconnect()
    past_keeping()
    tick()
    with refused("unknown"):
        ada.reconnect()


def test_a_purge_leaves_the_join_key_of_a_newer_conversation() -> None:
    ada = Customer("ada")
    ada.join(join_key="k" * 20)
    ada.leave()
    ada.disconnect()
    again = Customer("ada-again")
    again.join(join_key="k" * 20)
    past_keeping()
    tick()
    assert client().hget(key("joinkey"), "k" * 20) == again.cid


def test_a_claim_by_name_is_won_by_one_and_journalled_as_a_jump() -> None:
    Customer("ada").join()
    bora = Customer("bora")
    bora.join()
    for name in ("deniz", "emre"):
        Operator(name).connect()
    assert execute(store.claim("deniz", bora.cid)) == bora.cid
    assert '"jumped":1' in journal()[-1]["data"]
    with refused("taken"):
        execute(store.claim("emre", bora.cid))
    with refused("busy"):
        execute(store.claim("deniz", "cid-ada"))
    assert not is_available("deniz")
