"""A supervisor steps in: each act is one step, each race has one end, and the journal says who it was."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from infra.errors import DomainError
from infra.redis.client import client, execute
from infra.redis.scripts import key
from queueing.live import floor, store
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
    redis_now_ms,
    refused,
    tick,
)

pytestmark = pytest.mark.usefixtures("running")


@pytest.fixture(autouse=True)
def _no_hold() -> None:
    tick()
    end_hold()


def step_in(act: Any, cid: str = "", operator: str = "", to: str = "", note: str = "", by: str = "sema") -> str:
    return execute(floor.supervise(floor.Step(act, by, cid, operator, to, note, by.title())))


def steps() -> list[dict[str, Any]]:
    """What the journal says of supervisors."""
    return [json.loads(row["data"]) for row in journal() if row["type"] == "supervised"]


def test_a_conversation_is_passed_on_with_a_note_and_a_name() -> None:
    ada, deniz = a_call()
    eda = colleague("eda")
    assert step_in("transfer", ada.cid, "deniz", "eda", "speaks German") == "claimed"
    assert (eda.serving, deniz.serving) == (ada.cid, None)
    assert last(eda.box())["peer"]["transfer"] == {"from": "Sema", "note": "speaks German"}
    ended = next(json.loads(frame) for _seq, _cid, frame in deniz.box() if b"call:ended" in frame)
    assert (ended["reason"], ended["by"]) == ("transferred", "ops")
    assert steps() == [{"act": "transfer", "by": "sema", "name": "Sema", "operator": "deniz", "to": "Eda"}]
    assert [row["type"] for row in journal()][-3:] == ["supervised", "transferred", "claimed"]
    assert problems() == []


def test_it_is_taken_over_by_one_who_was_on_a_break_before_anybody_who_waits() -> None:
    ada, deniz = a_call()
    Customer("bora").join()
    sema = colleague("sema", on=False)
    assert step_in("take", ada.cid, "deniz") == "claimed"
    assert sema.serving == ada.cid
    assert kinds(ada.box())[-2:] == ["queue:returned", "queue:ready"]
    assert last(sema.box())["peer"]["transfer"]["from"] == "Deniz"
    assert [one["to"] for one in steps()] == ["Sema"]
    # Nobody has to answer what was taken by name.
    assert execute(store.answer("sema", sema.conn, ada.cid, answered=False)) == 1
    assert client().zscore(key("answer"), ada.cid) is None
    assert deniz.serving is None
    assert problems() == []


def test_it_is_ended_whether_it_runs_or_waits() -> None:
    ada, deniz = a_call()
    bora = Customer("bora")
    bora.join()
    assert step_in("end", bora.cid) == "ended"
    assert last(bora.box())["type"] == "queue:left"
    assert step_in("end", ada.cid, "deniz") == "ended"
    assert deniz.serving is None
    assert [json.loads(row["data"])["by"] for row in journal() if row["type"] == "ended"] == ["ops", "ops"]
    assert [(one["act"], one["by"]) for one in steps()] == [("end", "sema"), ("end", "sema")]
    assert problems() == []


def test_an_operator_is_sent_on_a_break_free_or_in_a_call() -> None:
    ada, deniz = a_call()
    eda = colleague("eda")
    assert step_in("break", operator="eda") == "break"
    assert not is_available("eda")
    told = last(eda.box()) if eda.box() else {}
    assert step_in("break", operator="deniz") == "break"
    assert deniz.serving == ada.cid
    deniz.end()
    bora = Customer("bora")
    bora.join()
    # Nor once the wrap-up is over: they are on a break.
    end_wrap_up(deniz)
    assert (deniz.serving, eda.serving) == (None, None)
    assert execute(store.operator_state("deniz")).break_reason == "supervisor"
    eda.available()
    assert eda.serving == bora.cid
    assert execute(store.operator_state("eda")).break_reason in (None, "")
    assert told.get("type") in (None, "operator:state")
    assert [one["operator"] for one in steps()] == ["deniz"]
    assert problems() == []


def test_a_break_ends_a_wrap_up_and_leaves_nothing_of_it() -> None:
    _ada, deniz = a_call()
    deniz.end()
    assert client().hexists(key("operator"), "deniz:wraps")
    assert step_in("break", operator="deniz") == "break"
    assert client().zscore(key("wrapup"), "deniz") is None
    assert not client().hexists(key("operator"), "deniz:wraps")
    assert problems() == []


def test_what_cannot_be_done_changes_nothing_and_says_why(settings: Any) -> None:
    ada, _deniz = a_call()
    eda = colleague("eda", on=False)
    bora = Customer("bora")
    bora.join()
    before = [row["type"] for row in journal()]
    for code, arguments in (
        ("moved", ("transfer", ada.cid, "eda")),
        ("moved", ("end", ada.cid)),
        ("moved", ("end", bora.cid, "deniz")),
        ("moved", ("take", bora.cid)),
        ("moved", ("end", "nobody", "deniz")),
        ("off_shift", ("break", "", "eda")),
        ("off_shift", ("break", "", "nobody")),
        ("offline", ("take", ada.cid, "deniz")),
        ("transfer_offline", ("transfer", ada.cid, "deniz", "eda")),
        ("transfer_self", ("transfer", ada.cid, "deniz", "deniz")),
    ):
        with refused(code):
            step_in(*arguments)
    with refused("transfer_self"):
        step_in("take", ada.cid, "deniz", by="deniz")
    execute(store.claim("eda", bora.cid))
    with refused("busy"):
        step_in("take", ada.cid, "deniz", by="eda")
    settings.TRANSFER_HOLD_SECS = 0
    with refused("transfer_off"):
        step_in("transfer", ada.cid, "deniz")
    assert [row["type"] for row in journal()] == [*before, "claimed"]
    assert eda.serving == bora.cid
    assert problems() == []


Race = Callable[[Customer, Operator], object]
RACES: dict[str, Race] = {
    "the customer leaves": lambda ada, _deniz: ada.leave(),
    "the operator ends it": lambda _ada, deniz: deniz.end(),
    "the operator passes it on": lambda _ada, deniz: execute(store.transfer("deniz", deniz.conn, None, 9, "", "")),
    "another supervisor ends it": lambda ada, _deniz: step_in("end", ada.cid, "deniz", by="suna"),
    "another supervisor passes it on": lambda ada, _deniz: step_in("transfer", ada.cid, "deniz", by="suna"),
    "the operator takes a break": lambda _ada, deniz: deniz.available(False),
    "the customer's socket is lost": lambda ada, _deniz: ada.disconnect(),
    "the supervisor's socket is lost": lambda _ada, _deniz: execute(store.detach("o:sema", "p1|sema+")),
}


@pytest.mark.parametrize("act", ["transfer", "end", "take", "break"])
@pytest.mark.parametrize("race", RACES)
def test_of_two_who_act_at_once_one_is_first(act: str, race: str) -> None:
    for first in (True, False):
        ada, deniz = Customer(f"ada{first}"), Operator("deniz")
        ada.join()
        deniz.connect()
        colleague("sema", on=False)
        deniz.available()
        named = "" if act == "break" else ada.cid
        order = [lambda: step_in(act, named, "deniz"), lambda: RACES[race](ada, deniz)]  # noqa: B023
        for move in order if first else reversed(order):
            assert code_of(move) in ("", "moved", "not_in_call", "off_shift", "offline", "wrong_conversation")
        state = json.loads(str(client().hget(key("conv"), ada.cid)))["status"]
        places = [
            client().zscore(key("line"), ada.cid) is not None,
            client().hexists(key("active"), ada.cid),
            client().zscore(key("ended"), ada.cid) is not None,
        ]
        assert places == [state == "waiting", state == "active", state == "ended"]
        assert problems() == []
        execute(store.remove(ada.cid))
        end_wrap_ups()


def code_of(move: Callable[[], object]) -> str:
    """How it was refused; empty when it was done."""
    try:
        move()
    except DomainError as error:
        return error.code
    return ""


def end_wrap_ups() -> None:
    for name in client().zrange(key("wrapup"), 0, -1):  # type: ignore[union-attr]
        client().zadd(key("wrapup"), {name: 1})
    tick()


HOSTILE = st.text(max_size=70) | st.sampled_from(
    ["", "deniz", "eda", "sema", "cid-ada", "cid-bora", "!eda", "a/b", "o:deniz", "*", "\x00", "'\"", "{}"]
)


@given(
    act=st.sampled_from(["transfer", "end", "take", "break"]),
    by=HOSTILE, cid=HOSTILE, operator=HOSTILE, to=HOSTILE, note=HOSTILE,
)  # fmt: skip
@hypothesis_settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_asked_the_state_is_one(act: Any, by: str, cid: str, operator: str, to: str, note: str) -> None:
    ada, bora, deniz = Customer("ada"), Customer("bora"), Operator("deniz")
    ada.join()
    deniz.connect()
    deniz.available()
    colleague("eda", on=False)
    bora.join()
    step = floor.Step(act, by, cid, operator, to, note, by)
    assert code_of(lambda: execute(floor.supervise(step))) != "internal"
    assert problems() == []
    for one in (ada, bora):
        execute(store.remove(one.cid))
    for name in ("deniz", "eda"):
        Operator(name).connect()
    end_wrap_ups()


def test_the_floor_shows_calls_with_their_quality_and_desks_with_their_state() -> None:
    ada, deniz = a_call()
    colleague("eda", on=False)
    filiz = colleague("filiz")
    gone = colleague("gone")
    gone.disconnect()
    figures = {"quality": 4.4, "rtt_ms": 20}
    execute(store.report(ada.party, ada.conn, "call:stats", None, figures))
    execute(store.report(deniz.party, deniz.conn, "call:stats", None, {"quality": "poor"}))
    found = execute(floor.floor())
    [call] = found["calls"]
    assert (call["conversation"], call["operator"], call["name"]) == (ada.cid, "deniz", "Deniz")
    assert (call["customer"], call["grades"]) == ("ada", ["good", "poor"])
    assert abs(redis_now_ms() - call["since"]) < 60_000
    states = {desk["id"]: desk["state"] for desk in found["operators"]}
    assert states == {"deniz": "call", "eda": "break", "filiz": "free", "gone": "away"}
    deniz.end()
    filiz.disconnect()
    assert {desk["id"]: desk["state"] for desk in execute(floor.floor())["operators"]}["deniz"] == "wrap-up"
    one = execute(floor.floor(1))
    assert (len(one["operators"]), one["operators_total"]) == (1, 4)


def test_figures_that_are_old_say_nothing_of_now() -> None:
    ada, _deniz = a_call()
    execute(store.report(ada.party, ada.conn, "call:stats", None, {"quality": 4.4}))
    told = json.loads(str(client().hget(key("call"), ada.party)))
    client().hset(key("call"), ada.party, json.dumps({**told, "at": told["at"] - 60_000}))
    assert execute(floor.floor())["calls"][0]["grades"] == ["unknown", "unknown"]
