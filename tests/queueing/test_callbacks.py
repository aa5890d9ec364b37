"""A callback keeps the ticket: leave, be called, come back, be missed; who is absent costs the others nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra.redis.client import client, execute
from infra.redis.scripts import key
from queueing.live import callbacks, store
from queueing.live.callbacks import Bound, Open
from tests.queueing.called import comes, end_of_hold
from tests.queueing.world import (
    Customer,
    Operator,
    end_hold,
    journal,
    next_ms,
    problems,
    redis_now_ms,
    refused,
    status,
    tick,
)

pytestmark = pytest.mark.usefixtures("running")


@pytest.fixture(autouse=True)
def _no_hold() -> None:
    tick()
    end_hold()


def asks(customer: Customer, *bounds: Bound, **contact: Any) -> None:
    execute(callbacks.ask(customer.cid, "email", list(bounds), {"channel": "email", **contact}))


def leaves(name: str, *bounds: Bound) -> Customer:
    """Joins, asks to be called, and closes the page."""
    customer = Customer(name)
    customer.join()
    asks(customer, *bounds)
    customer.disconnect()
    return customer


def waits(name: str) -> Customer:
    customer = Customer(name)
    customer.join()
    return customer


def calls(customer: Customer) -> list[dict[str, Any]]:
    rows = [row for row in journal() if row["type"] == "callback:called" and row["conversation"] == customer.cid]
    return [json.loads(row["data"]) for row in rows]


def record(customer: Customer) -> dict[str, Any]:
    return json.loads(str(client().hget(key("conv"), customer.cid)))  # type: ignore[no-any-return]


def due(customer: Customer) -> float | None:
    return client().zscore(key("callback"), customer.cid)  # type: ignore[return-value]


def test_the_place_is_kept_without_a_page_and_without_a_deadline() -> None:
    ada = leaves("ada")
    assert client().zscore(key("grace"), ada.party) is None
    assert client().zrank(key("line"), ada.cid) == 0
    assert status()["callbacks"] == 1
    assert record(ada)["callback"]["calls"] == 0
    tick()
    assert problems() == []
    # Nobody serves: who is called now would come for nothing.
    assert calls(ada) == []


def test_whoever_asks_while_the_page_is_lost_has_no_deadline_any_more() -> None:
    ada = waits("ada")
    ada.disconnect()
    assert client().zscore(key("grace"), ada.party)
    asks(ada)
    assert client().zscore(key("grace"), ada.party) is None
    assert problems() == []


def test_who_is_near_is_called_once_and_comes_back_before_those_behind() -> None:
    ada = leaves("ada")
    bora = waits("bora")
    deniz = comes()
    assert deniz.serving == bora.cid, "nobody waits for somebody who is away"
    # Passed over: it was the turn of ada, who is called and has a while to come.
    assert [one["call"] for one in calls(ada)] == [1]
    assert (due(ada) or 0) > redis_now_ms()
    tick()
    assert len(calls(ada)) == 1
    ada.reconnect()
    assert due(ada) == 9e15, "a hold is over with the page"
    cem = waits("cem")
    deniz.end()
    client().zadd(key("wrapup"), {"deniz": 1})
    tick()
    assert deniz.serving == ada.cid
    assert record(ada).get("callback") is None
    assert due(ada) is None
    claimed = [json.loads(row["data"]) for row in journal() if row["type"] == "claimed"]
    assert (claimed[0]["skipped"], claimed[1]["callback"]) == ([ada.cid], True)
    assert client().zrank(key("line"), cem.cid) == 0
    assert problems() == []


def test_who_is_far_is_not_called_and_who_comes_near_is() -> None:
    deniz = comes()
    first = waits("ada")
    assert deniz.serving == first.cid
    ahead = [waits(f"ahead{number}") for number in range(3)]
    client().lpush(key("samples"), *[600] * 10)  # ten minutes each: half a call within the lead
    zoe = leaves("zoe")
    tick()
    assert calls(zoe) == []
    for customer in ahead[:2]:
        customer.leave()
    tick()
    assert [one["call"] for one in calls(zoe)] == [1]
    assert due(zoe) == 9e15, "its turn has not come: there is no hold"


def test_with_many_operators_one_is_called_from_farther_away() -> None:
    for number in range(4):
        comes(f"op{number}")
        waits(f"served{number}")
    client().lpush(key("samples"), *[300] * 10)
    for number in range(4):
        waits(f"ahead{number}")
    zoe = leaves("zoe")
    tick()
    assert len(calls(zoe)) == 1


def test_nobody_who_has_the_page_open_is_called() -> None:
    ada = waits("ada")
    asks(ada)
    deniz = Operator("deniz")
    deniz.connect()
    execute(store.available("deniz", deniz.conn, True))
    assert deniz.serving == ada.cid
    assert calls(ada) == []


def test_a_free_operator_and_nobody_else_is_a_turn() -> None:
    ada = leaves("ada")
    deniz = comes()
    tick()
    assert deniz.serving is None
    assert len(calls(ada)) == 1
    assert redis_now_ms() < (due(ada) or 0) <= redis_now_ms() + 180_000
    ada.reconnect()
    assert deniz.serving == ada.cid
    assert problems() == []


def test_who_does_not_come_is_called_once_more_and_then_missed() -> None:
    ada = leaves("ada")
    comes()
    tick()
    end_of_hold(ada)
    assert [(one["call"], one["again"]) for one in calls(ada)] == [(1, False), (2, True)]
    assert (due(ada) or 0) > redis_now_ms()
    end_of_hold(ada)
    assert record(ada)["reason"] == "callback-missed"
    assert due(ada) is None
    assert len(calls(ada)) == 2
    assert client().zcard(key("line")) == 0
    assert problems() == []


def called_again_only_when_recorded(ada: Customer, read_until: Any) -> None:
    """`read_until`: the entry before her call, up to which the worker has read."""
    client().xgroup_create(key("journal"), "recorder", id=read_until)
    comes()
    tick()
    end_of_hold(ada)
    assert len(calls(ada)) == 1, "the worker has not read that ada is called"
    read: Any = client().xreadgroup("recorder", "worker", {key("journal"): ">"})
    end_of_hold(ada)
    assert len(calls(ada)) == 1, "it has not recorded it"
    client().xack(key("journal"), "recorder", *[entry_id for entry_id, _ in read[0][1]])
    end_of_hold(ada)
    assert len(calls(ada)) == 2


def test_no_hold_is_over_while_nobody_could_be_told() -> None:
    called_again_only_when_recorded(leaves("ada"), "0")


def test_no_hold_is_over_unrecorded_where_the_journal_is_ahead_of_the_clock() -> None:
    """After a failover to a server whose clock is behind, and by a little whenever a script takes a moment."""
    ada = leaves("ada")
    ahead = {"type": "none", "conversation": "", "at": 0, "data": "{}"}
    before: Any = client().xadd(key("journal"), ahead, id=f"{redis_now_ms() + 60_000}-0")
    called_again_only_when_recorded(ada, before)


def test_no_hold_is_over_while_nobody_could_come() -> None:
    ada = leaves("ada")
    comes()
    tick()
    client().hset(key("meta"), "reachable_at", redis_now_ms())
    end_of_hold(ada)
    assert len(calls(ada)) == 1


def test_who_takes_it_back_has_a_grace_and_may_ask_again() -> None:
    ada = leaves("ada", Bound("m:ada", 1))
    comes()
    tick()
    assert execute(callbacks.cancel(ada.cid)) == 1
    assert client().zscore(key("grace"), ada.party)
    assert client().zcard(key("caller")) == 0
    assert execute(callbacks.cancel(ada.cid)) == 0
    assert problems() == []
    asks(ada, Bound("m:ada", 1))
    tick()
    assert [one["call"] for one in calls(ada)] == [1, 2], "no number stands for two calls"


def test_asked_again_the_newest_contact_counts_and_no_call_is_lost() -> None:
    ada = leaves("ada", Bound("m:one", 1))
    comes()
    tick()
    asks(ada, Bound("m:other", 1))
    assert client().zrange(key("caller"), 0, -1) == [f"m:other/{ada.cid}"]
    assert record(ada)["callback"]["calls"] == 1
    assert due(ada) != 0
    assert problems() == []


@pytest.mark.parametrize("way", ["leaves", "is_claimed", "is_removed"])
def test_every_way_out_of_the_line_drops_it(way: str) -> None:
    ada = waits("ada")
    asks(ada, Bound("m:ada", 1))
    if way == "leaves":
        ada.leave()
    elif way == "is_claimed":
        comes()
    else:
        execute(store.remove(ada.cid))
    assert (client().zcard(key("callback")), client().zcard(key("caller"))) == (0, 0)
    assert problems() == []
    with refused("not_waiting"):
        asks(ada)


def test_each_contact_has_so_many_and_all_together_too(monkeypatch: pytest.MonkeyPatch) -> None:
    leaves("ada", Bound("m:one", 1))
    bora = waits("bora")
    with refused("callbacks_full"):
        asks(bora, Bound("m:two", 1), Bound("m:one", 1))
    assert client().zcard(key("callback")) == 1
    for number in range(199):
        client().zadd(key("callback"), {f"other{number}": 0})
    with refused("callbacks_full"):
        asks(bora, Bound("m:two", 1))


def test_an_operator_does_not_take_by_name_who_is_away() -> None:
    ada = leaves("ada")
    deniz = Operator("deniz")
    deniz.connect()
    with refused("away"):
        execute(store.claim("deniz", ada.cid))
    ada.reconnect()
    assert execute(store.claim("deniz", ada.cid)) == ada.cid


def test_it_waits_longer_than_others_and_not_for_ever() -> None:
    ada, bora = leaves("ada"), waits("bora")

    def older(customer: Customer, secs: int) -> None:
        told = record(customer)
        told["joined_at"] -= secs * 1000
        told["ticket"] = str(int(told["ticket"]) - secs * 1_000_000)
        client().hset(key("conv"), customer.cid, json.dumps(told))
        client().zadd(key("line"), {customer.cid: int(told["ticket"])})

    older(ada, 1801)
    older(bora, 1801)
    tick()
    assert (record(ada)["status"], record(bora)["reason"]) == ("waiting", "max-wait")
    older(ada, 14_400)
    tick()
    assert record(ada)["reason"] == "max-wait"


def test_the_board_tells_who_is_away_and_who_was_called() -> None:
    ada, bora = leaves("ada"), waits("bora")
    asks(bora)
    rows = {row["name"]: row.get("callback") for row in execute(store.board())["waiting"]}
    assert rows == {"ada": "away", "bora": None}
    comes()
    rows = {row["name"]: row.get("callback") for row in execute(store.board())["waiting"]}
    assert rows == {"ada": "called"}
    assert ada.cid


def test_two_devices_one_place() -> None:
    ada = leaves("ada")
    ada.reconnect(conn="p1|phone")
    ada.reconnect(conn="p1|desk")
    execute(store.detach(ada.party, "p1|phone"))  # an older page says goodbye late
    deniz = comes()
    assert deniz.serving == ada.cid


def test_after_a_wipe_those_who_are_recorded_come_back_once_and_are_called_no_more_often() -> None:
    ada = leaves("ada")
    told = record(ada)
    found = Open("email", told["callback"]["at"], calls=1, number=1)
    gone = {"id": ada.cid, "ticket": told["ticket"], "joined_at": told["joined_at"], "name": "ada", "media": "video"}
    assert execute(callbacks.restore(ada.cid, found, gone)) == 0, "nothing was forgotten"
    next_ms()
    client().flushall()
    tick()
    assert execute(callbacks.restore(ada.cid, found, gone)) == 1
    assert execute(callbacks.restore(ada.cid, found, gone)) == 0
    end_hold()
    assert problems() == []
    assert record(ada)["ticket"] == told["ticket"]
    client().hset(key("meta"), "recover_until", 0)
    comes()
    tick()
    assert (due(ada) or 0) < 9e15, "called before, and its turn is here"
    assert calls(ada) == []
    end_of_hold(ada)
    assert [one["call"] for one in calls(ada)] == [2]


def test_who_took_it_back_is_not_brought_back_while_nothing_was_forgotten() -> None:
    ada = leaves("ada")
    found = Open("email", record(ada)["callback"]["at"], 0, 0)
    execute(callbacks.cancel(ada.cid))  # which is not recorded yet
    assert execute(callbacks.restore(ada.cid, found, {})) == 0
    assert record(ada).get("callback") is None


def test_who_came_back_by_the_token_is_to_be_called_again_as_recorded() -> None:
    ada = waits("ada")
    asked_at = redis_now_ms() - 1000
    client().hset(key("meta"), "generation_at", redis_now_ms())
    assert execute(callbacks.restore(ada.cid, Open("email", asked_at, 0, 0), {})) == 1
    assert due(ada) == 0
    ada.disconnect()
    assert client().zscore(key("grace"), ada.party) is None
    assert problems() == []


def test_an_hour_after_a_wipe_nobody_is_brought_back() -> None:
    now = redis_now_ms()
    client().hset(key("meta"), mapping={"generation_at": now - callbacks.RESTORED_FOR_MS - 1, "restarted_at": 1})
    assert execute(callbacks.restore("gone", Open("email", 1, 0, 0), {"id": "gone", "ticket": "1"})) == 0


def test_the_check_finds_and_mends_what_is_out_of_place() -> None:
    ada = leaves("ada", Bound("m:ada", 1))
    client().zrem(key("callback"), ada.cid)
    client().zadd(key("callback"), {"ghost": 0})
    client().zadd(key("caller"), {"m:ghost/ghost": 0})
    found = problems()
    assert f"callback_not_listed {ada.cid}" in found
    assert "callback_of_nobody ghost" in found
    assert "caller_of_nobody ghost" in found
    execute(store.check(fix=True))
    assert problems() == []
    assert due(ada) == 0


def test_who_is_away_is_called_for_the_department_where_they_wait() -> None:
    """By how far they are there, and only while somebody serves it."""
    deniz, ece = Operator("deniz"), Operator("ece", lines="sales=1")
    for number in range(3):
        Customer(f"none{number}").join()
    ada, bora = Customer("ada"), Customer("bora")
    for one, line in ((ada, "sales"), (bora, "tech")):
        one.join(line=line, line_name=line.title())
        asks(one)
        one.disconnect()
    deniz.connect()
    deniz.available()
    tick()
    assert (due(ada), due(bora)) == (0, 0)
    ece.connect()
    ece.available()
    tick()
    assert due(ada) not in (0, None)
    assert due(bora) == 0
    assert ece.serving is None
    ada.reconnect()
    assert ece.serving == ada.cid
    assert problems() == []


def commands() -> int:
    """How many Redis has carried out so far, those inside of scripts included."""
    found: Any = client().info("commandstats")
    return sum(row["calls"] for row in found.values())


def fill(first: int, count: int, *, away: bool) -> None:
    """So many wait: with a page open, or to be called, straight into the keys."""
    pipe: Any = client().pipeline(transaction=False)
    callback = {"channel": "email", "at": 1, "calls": 0, "who": []}
    for number in range(first, first + count):
        cid, ticket = f"{'away' if away else 'here'}{number}", str(redis_now_ms() * 1000 + number)
        told = {"id": cid, "name": cid, "media": "chat", "status": "waiting", "ticket": ticket, "joined_at": 1}
        pipe.hset(key("conv"), cid, json.dumps(told | ({"callback": callback} if away else {})))
        pipe.zadd(key("line"), {cid: int(ticket)})
        pipe.zadd(key("lines"), {f"/{ticket}/{cid}": 0})
        if away:
            pipe.zadd(key("callback"), {cid: 9e15})
        else:
            pipe.hset(key("conn"), f"c:{cid}", "p1|x")
    pipe.execute()


def claimed() -> int:
    """What a claim costs while somebody is free."""
    deniz = Operator("deniz")
    deniz.connect()
    before = commands()
    deniz.available()
    cost = commands() - before
    assert deniz.serving == "here1000"
    deniz.end()
    return cost


def test_a_claim_costs_the_same_however_long_the_queue_is_and_little_more_with_all_who_may_be_away() -> None:
    costs = []
    for away, here in ((0, 50), (200, 50), (200, 3_000)):
        client().flushall()
        tick()
        end_hold()
        client().hset(key("meta"), "recover_until", 0)
        fill(0, away, away=True)
        fill(1000, here, away=False)
        costs.append(claimed())
    alone, with_away, and_long = costs
    assert and_long == with_away
    # Four more looks at fifty each; those who are told of as passed get a hold.
    assert with_away - alone < 60
