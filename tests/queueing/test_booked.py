"""A chosen time has come: its customer stands at the head once, is called once, and what that did to others is told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra.redis.client import client, execute
from infra.redis.scripts import key
from queueing.callbacks.restoring import bring_back
from queueing.history.recording import journal as history
from queueing.live import callbacks, store
from queueing.live.booked import book
from queueing.live.callbacks import Bound
from tests.queueing.world import (
    Customer,
    Operator,
    a_call,
    journal,
    problems,
    redis_now_ms,
    refused,
    settle,
    status,
    tick,
)

pytestmark = pytest.mark.usefixtures("running")


@pytest.fixture(autouse=True)
def _begun() -> None:
    tick()
    settle()
    # Nobody is blamed for an outage that there was not.
    client().hset(key("meta"), mapping={"hold_until": 0, "lease_hold": 0, "reachable_at": 0})


def comes(name: str, ago_ms: int = 0, **more: Any) -> str:
    """What `book` answers for a time that was so long ago."""
    record = {
        "id": name, "name": name.title(), "topic": "", "media": "chat", "locale": "en", "mobile": False,
        "booked": redis_now_ms() - ago_ms, **more,
    }  # fmt: skip
    return execute(book(record, "email", [Bound(f"m:{name}", 1)], {"channel": "email"}))


def walks_in(name: str, **more: Any) -> Customer:
    customer = Customer(name)
    customer.join(id=name, **more)
    return customer


def queue() -> list[str]:
    found: Any = client().zrange(key("line"), 0, -1)
    return list(found)


def kinds(conversation: str) -> list[str]:
    return [row["type"] for row in journal() if row["conversation"] == conversation]


def test_they_stand_before_all_without_a_time_and_are_called_once() -> None:
    bora, cem = walks_in("bora"), walks_in("cem", line="sales")
    ticket = comes("ada")
    assert queue() == ["ada", bora.cid, cem.cid]
    assert comes("ada") == ticket
    assert kinds("ada") == ["joined", "callback:asked", "callback:called"]
    assert client().zscore(key("callback"), "ada") == 9e15
    assert client().zrange(key("caller"), 0, -1) == ["m:ada/ada"]
    [came] = [json.loads(row["data"]) for row in journal() if row["conversation"] == "ada" and row["type"] == "joined"]
    # Of its own department one was there, and is behind now.
    assert (came["position"], came["waiting"], came["behind"]) == (1, 2, 1)
    counted = status()["stats"]
    assert [counted[name] for name in ("joined", "callbacks:asked", "callbacks:called")] == [3, 1, 1]
    assert problems() == []


def test_who_comes_by_the_link_is_taken_first() -> None:
    walks_in("bora")
    comes("ada")
    Customer("ada", cid="ada").reconnect()
    deniz = Operator("deniz")
    deniz.connect()
    deniz.available()
    assert deniz.serving == "ada"
    assert comes("ada") == ""
    deniz.end()
    assert comes("ada") == ""
    assert kinds("ada").count("joined") == 1


def test_times_keep_their_order_whoever_comes_back_between() -> None:
    walks_in("bora")
    comes("zeki")
    comes("cem")
    assert queue() == ["zeki", "cem", "bora"]
    # Nobody answers the first one, who goes back to the head; and somebody whose call the network ended.
    Customer("zeki", cid="zeki").reconnect()
    deniz = Operator("deniz")
    deniz.connect()
    deniz.available()
    assert deniz.serving == "zeki"
    client().zadd(key("answer"), {"zeki": 1})
    tick()
    assert queue() == ["zeki", "cem", "bora"]
    comes("elif")
    assert queue() == ["zeki", "cem", "elif", "bora"]
    assert problems() == []


def test_behind_whom_a_lost_call_or_no_answer_brought_back() -> None:
    lost, deniz = a_call()
    walks_in("bora")
    execute(store.finish(lost.party, lost.conn, lost.cid, "connection", "customer"))
    again = walks_in("again", returning_from=lost.cid)
    comes("cem")
    assert queue() == [again.cid, "cem", "bora"]
    deniz.available()
    assert deniz.serving == again.cid
    client().zadd(key("answer"), {again.cid: 1})
    tick()
    comes("elif")
    assert queue() == [again.cid, "cem", "elif", "bora"]
    tickets = client().zrange(key("line"), 0, -1, withscores=True)
    assert len({ticket for _who, ticket in tickets}) == 4


def test_alone_with_whom_nobody_answered() -> None:
    first, deniz = a_call()
    client().zadd(key("answer"), {first.cid: 1})
    tick()
    comes("cem")
    walks_in("bora")
    comes("elif")
    assert queue() == [first.cid, "cem", "elif", "bora"]
    assert deniz.serving is None


def test_nobody_is_called_before_the_time_by_the_clock_of_redis() -> None:
    with refused("early"):
        comes("ada", -500)
    assert (queue(), journal()) == ([], [])


def test_no_more_are_away_than_can_be() -> None:
    client().zadd(key("callback"), {f"c{number}": 0 for number in range(200)})
    with refused("callbacks_full"):
        comes("ada")
    assert (queue(), journal()) == ([], [])


def test_after_a_wipe_those_who_wait_are_back_first() -> None:
    client().flushdb()
    with refused("recovering"):
        comes("ada")
    assert queue() == []
    bora = walks_in("bora")
    settle()
    comes("ada")
    assert queue() == ["ada", bora.cid]


def test_the_place_is_kept_without_a_page() -> None:
    comes("ada")
    assert client().zscore(key("grace"), "c:ada") is None
    assert execute(callbacks.cancel("ada")) == 1
    assert client().zscore(key("grace"), "c:ada") is not None
    assert problems() == []


def test_room_is_left_behind_who_comes_back() -> None:
    lost, _deniz = a_call()
    walks_in("bora")
    execute(store.finish(lost.party, lost.conn, lost.cid, "connection", "customer"))
    walks_in("again", returning_from=lost.cid)
    for name in ("cem", "elif", "fatma"):
        comes(name)
    assert queue() == ["again", "cem", "elif", "fatma", "bora"]


def test_room_is_left_behind_whom_nobody_answered() -> None:
    walks_in("bora")
    cem = walks_in("cem")
    Operator("deniz").connect()
    execute(store.claim("deniz", cem.cid))
    client().zadd(key("answer"), {cem.cid: 1})
    tick()
    assert queue() == ["cem", "bora"]
    for name in ("zeki", "elif"):
        comes(name)
    assert queue() == ["cem", "zeki", "elif", "bora"]


@pytest.mark.django_db
def test_who_was_brought_back_still_has_a_time() -> None:
    comes("ada")
    history.record()
    [ticket] = [ticket for _who, ticket in client().zrange(key("line"), 0, -1, withscores=True)]
    client().flushdb()
    settle()
    bring_back()
    comes("cem")
    assert queue() == ["ada", "cem"]
    assert client().zscore(key("line"), "ada") == ticket
    assert problems() == []
