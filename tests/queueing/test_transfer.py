"""An operator passes its conversation on: at once, when a colleague's call is over, to anybody, and back."""

import json
from typing import Any

import pytest

from infra.redis.client import client, execute
from infra.redis.scripts import key
from queueing.live import store
from tests.queueing.world import (
    Customer,
    Operator,
    a_call,
    colleague,
    end_hold,
    end_wrap_up,
    is_available,
    journal,
    kinds,
    last,
    problems,
    refused,
    tick,
)

pytestmark = pytest.mark.usefixtures("running")


@pytest.fixture(autouse=True)
def _no_hold() -> None:
    tick()
    end_hold()


def transfer(operator: Operator, to: str = "", note: str = "", frame_id: int = 900) -> str:
    return execute(store.transfer(operator.name, operator.conn, None, frame_id, to, note))


def record(customer: Customer) -> dict[str, Any]:
    return json.loads(str(client().hget(key("conv"), customer.cid)))  # type: ignore[no-any-return]


def end_of_hold() -> None:
    """Nobody has taken those who are held in time, and the next tick sees it."""
    for member in client().zrange(key("hold"), 0, -1):  # type: ignore[union-attr]
        client().zadd(key("hold"), {member: 1})
    tick()


def holds() -> list[str]:
    return client().zrange(key("hold"), 0, -1)  # type: ignore[return-value]


def test_to_a_free_colleague_at_once() -> None:
    ada, deniz = a_call()
    eda = colleague("eda")
    assert transfer(deniz, "eda", "wants a refund") == "claimed"
    assert (eda.serving, deniz.serving) == (ada.cid, None)
    assert execute(store.operator_state("deniz")).wrap_up_until_ms is not None
    ended = last(deniz.box())
    assert (ended["type"], ended["reason"], ended["by"]) == ("call:ended", "transferred", "operator")
    returned, ready = (json.loads(frame) for _seq, _cid, frame in ada.box()[-2:])
    assert (returned["type"], returned["to"]) == ("queue:returned", {"name": "Eda"})
    assert (ready["type"], ready["peer"]) == ("queue:ready", {"name": "Eda"})
    assert "refund" not in json.dumps([returned, ready])
    assert last(eda.box())["peer"]["transfer"] == {"from": "Deniz", "note": "wants a refund"}
    [entry] = [json.loads(row["data"]) for row in journal() if row["type"] == "transferred"]
    assert (entry["operator"], entry["to"], entry["note"]) == ("deniz", "Eda", "wants a refund")
    assert problems() == []


def test_a_busy_colleague_gets_it_next_and_nobody_else_does() -> None:
    ada, deniz = a_call()
    bora, cem = Customer("bora"), Customer("cem")
    eda = colleague("eda", on=False)
    bora.join()
    execute(store.claim("eda", bora.cid))
    assert transfer(deniz, "eda") == "reserved"
    cem.join()
    fatma = colleague("fatma")
    assert fatma.serving == cem.cid
    [entry] = [json.loads(row["data"]) for row in journal() if row["type"] == "claimed"][-1:]
    assert entry["kept"] == [ada.cid]
    end_wrap_up(deniz)
    assert deniz.serving is None
    assert execute(store.board())["waiting"][0]["held_for"] == "Eda"
    eda.end()
    assert eda.serving is None  # in its wrap-up
    end_wrap_up(eda)
    assert eda.serving == ada.cid
    assert holds() == []
    assert problems() == []


def test_one_at_a_time_waits_for_a_colleague() -> None:
    ada, deniz = a_call()
    bora = Customer("bora")
    eda, fatma = colleague("eda", on=False), colleague("fatma", on=False)
    bora.join()
    execute(store.claim("eda", bora.cid))
    cem = Customer("cem")
    cem.join()
    execute(store.claim("fatma", cem.cid))
    assert transfer(deniz, "eda") == "reserved"
    with refused("transfer_taken"):
        transfer(fatma, "eda")
    assert fatma.serving == cem.cid
    assert eda.serving == bora.cid
    assert record(ada)["status"] == "waiting"


@pytest.mark.parametrize("free", [True, False])
def test_whom_nobody_takes_goes_back_to_the_sender_or_to_anybody(free: bool) -> None:
    ada, deniz = a_call()
    colleague("eda", on=False)
    bora = Customer("bora")
    bora.join()
    execute(store.claim("eda", bora.cid))
    transfer(deniz, "eda")
    if free:
        end_wrap_up(deniz)
    else:
        deniz.available(on=False)
    fatma = colleague("fatma")
    assert fatma.serving is None
    end_of_hold()
    assert (deniz.serving, fatma.serving) == ((ada.cid, None) if free else (None, ada.cid))
    assert [row["type"] for row in journal()][-2:] == ["hold-over", "claimed"]
    assert problems() == []


def test_to_anybody_but_oneself(settings: Any) -> None:
    settings.WRAP_UP_SECS = 0
    ada, deniz = a_call()
    assert transfer(deniz) == "waiting"
    assert (deniz.serving, is_available("deniz")) == (None, True)
    bora = Customer("bora")
    bora.join()
    assert deniz.serving == bora.cid  # who came later, since the first one is not for this operator
    eda = colleague("eda")
    assert eda.serving == ada.cid
    assert problems() == []


def test_another_idle_operator_takes_it_though_the_sender_has_been_idle_longer(settings: Any) -> None:
    settings.WRAP_UP_SECS = 0
    ada, deniz = a_call()
    assert transfer(deniz) == "waiting"
    eda = colleague("eda")
    assert eda.serving == ada.cid
    assert deniz.serving is None


def test_where_nobody_else_comes_the_sender_gets_it_back(settings: Any) -> None:
    settings.WRAP_UP_SECS = 0
    ada, deniz = a_call()
    transfer(deniz)
    end_of_hold()
    assert deniz.serving == ada.cid


@pytest.mark.parametrize("leaves", ["breaks", "is lost", "does not answer"])
def test_a_colleague_who_goes_keeps_nobody(leaves: str, settings: Any) -> None:
    ada, deniz = a_call()
    eda = colleague("eda", on=False)
    bora = Customer("bora")
    bora.join()
    execute(store.claim("eda", bora.cid))
    transfer(deniz, "eda")
    if leaves == "breaks":
        eda.available(on=False)
    elif leaves == "is lost":
        eda.disconnect()
        client().zadd(key("grace"), {eda.party: 1})
        client().hset(key("meta"), "reachable_at", 0)
    else:
        client().zadd(key("answer"), {bora.cid: 1})
    tick()
    tick()
    assert holds() == []
    fatma, gul = colleague("fatma"), colleague("gul")
    # Whoever was not answered is before all who wait.
    assert fatma.serving == (bora.cid if leaves == "does not answer" else ada.cid)
    assert ada.cid in (fatma.serving, gul.serving)
    assert problems() == []


def test_a_customer_who_leaves_meanwhile_is_kept_for_nobody() -> None:
    ada, deniz = a_call()
    eda = colleague("eda", on=False)
    bora = Customer("bora")
    bora.join()
    execute(store.claim("eda", bora.cid))
    transfer(deniz, "eda")
    ada.leave()
    assert holds() == []
    assert record(ada)["reason"] == "left"
    eda.end()
    end_wrap_up(eda)
    assert eda.serving is None
    assert problems() == []


def test_a_customer_who_is_away_is_kept_and_comes_back_to_the_colleague(settings: Any) -> None:
    settings.WRAP_UP_SECS = 0
    ada, deniz = a_call()
    eda = colleague("eda", on=False)
    bora = Customer("bora")
    bora.join()
    execute(store.claim("eda", bora.cid))
    ada.disconnect()
    client().zincrby(key("grace"), -6000, ada.party)
    transfer(deniz, "eda")
    eda.end()
    assert eda.serving is None
    ada.reconnect()
    assert eda.serving == ada.cid


def test_taken_by_name_from_under_a_hold() -> None:
    ada, deniz = a_call()
    colleague("eda", on=False)
    bora = Customer("bora")
    bora.join()
    execute(store.claim("eda", bora.cid))
    transfer(deniz, "eda")
    fatma = colleague("fatma", on=False)
    execute(store.claim("fatma", ada.cid))
    assert fatma.serving == ada.cid
    assert holds() == []
    assert problems() == []


def test_refusals_change_nothing(settings: Any) -> None:
    ada, deniz = a_call()
    colleague("eda", on=False)
    for to, code in (("eda", "transfer_offline"), ("nobody", "transfer_offline"), ("deniz", "transfer_self")):
        with refused(code):
            transfer(deniz, to)
    with refused("wrong_conversation"):
        execute(store.transfer("deniz", deniz.conn, "another", 1, ""))
    settings.TRANSFER_HOLD_SECS = 0
    with refused("transfer_off"):
        transfer(deniz)
    assert deniz.serving == ada.cid
    old = deniz.conn
    deniz.connect()
    with refused("replaced"):
        execute(store.transfer("deniz", old, None, 1, ""))
    deniz.end()
    with refused("not_in_call"):
        transfer(deniz)


def test_the_same_press_sent_again_is_the_same_transfer() -> None:
    ada, deniz = a_call()
    eda = colleague("eda")
    transfer(deniz, "eda", frame_id=7)
    assert execute(store.transfer("deniz", deniz.conn, ada.cid, 7, "eda")) == "known"
    eda_has = eda.serving
    assert eda_has == ada.cid
    assert kinds(eda.box()).count("queue:ready") == 1


def test_the_chat_and_the_numbers_go_along(settings: Any) -> None:
    settings.WRAP_UP_SECS = 0
    ada, deniz = a_call()
    ada.say("hello")
    deniz.say("one moment", frame_id=1)
    eda = colleague("eda")
    transfer(deniz, "eda", frame_id=2)
    # On the customer's page a line is known by its number, so those of the next operator are above.
    assert eda.connect().last_id == 1
    assert eda.say("I take over", frame_id=2) == 1
    drawn = eda.connect()
    assert drawn.last_id == 2
    assert drawn.state is not None
    assert [line["text"] for line in drawn.state["transcript"]] == ["hello", "one moment", "I take over"]
    assert drawn.state["customer"]["transfer"] == {"from": "Deniz", "note": ""}
    # And back: what the first operator sent before is still known as sent.
    transfer(eda, "deniz", frame_id=3)
    assert deniz.serving == ada.cid
    assert deniz.say("one moment", frame_id=1) == 0
    assert deniz.connect().last_id == 2
    assert ada.reconnect().last_id == 1
    assert problems() == []


def test_an_outcome_is_asked_of_the_last_operator_alone(settings: Any) -> None:
    settings.OUTCOME_WAIT_SECS = 600
    _ada, deniz = a_call()
    eda = colleague("eda")
    transfer(deniz, "eda")
    assert client().hget(key("operator"), "deniz:asked") is None
    eda.end()
    assert client().hget(key("operator"), "eda:asked") is not None


def test_colleagues_on_the_board() -> None:
    a_call()
    colleague("eda")
    colleague("fatma", on=False)
    assert execute(store.board())["operators"] == [
        {"id": "deniz", "name": "Deniz", "state": "call"},
        {"id": "eda", "name": "Eda", "state": "free"},
    ]


@pytest.mark.parametrize("name", ["!deniz", "deniz/1", "o:deniz"])
def test_no_name_of_a_colleague_is_taken_for_a_mark(name: str) -> None:
    """Held for anybody but deniz is something else than held for whoever is called so."""
    ada, deniz = a_call()
    busy = colleague(name, on=False)
    bora = Customer("bora")
    bora.join()
    execute(store.claim(name, bora.cid))
    deniz.say("one", frame_id=901)
    assert transfer(deniz, name, frame_id=902) == "reserved"
    assert colleague("fatma").serving is None
    assert record(ada)["held"] == name
    busy.end()
    end_wrap_up(busy)
    assert busy.serving == ada.cid
    end_wrap_up(deniz)
    busy.say("two", frame_id=801)
    assert transfer(busy, "deniz", frame_id=802) == "claimed"
    # Each one's frames are known again by its own numbers.
    assert deniz.connect().last_id == 902
    deniz.end()
    assert problems() == []
