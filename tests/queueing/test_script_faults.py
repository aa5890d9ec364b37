"""A script that fails in the middle leaves nothing half done, and one bad record keeps nobody else from service."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client import REGISTRY

from infra.errors import DomainError, ScriptFailed, StoreUnavailable
from infra.redis.client import client, domain_error, execute
from infra.redis.scripts import Command, LuaScript, key
from queueing.live import maintenance, store
from tests.queueing.world import (
    PROCESS,
    Customer,
    Operator,
    a_call,
    contents,
    journal,
    kinds,
    lease,
    problems,
    redis_now_ms,
    settle,
    status,
    tick,
)  # fmt: skip

SPENT = "spent"
"""Outside the namespace: how many JSON calls a broken script has made."""


@pytest.fixture(autouse=True)
def _running(redis_server: str) -> None:
    lease()
    settle()


def broken(script: LuaScript, nth: int) -> LuaScript:
    """The same script, whose nth JSON call (from 1) raises; 0 only counts."""
    source = f"""
local calls, whole = 0, cjson
local function counted(name)
  return function(value)
    calls = calls + 1
    redis.call('SET', '{SPENT}', calls)
    if calls == {nth} then error('JSON call {nth} fails') end
    return whole[name](value)
  end
end
local cjson = {{encode = counted('encode'), decode = counted('decode'), null = whole.null}}
{script.source}"""
    return replace(script, source=source, sha=hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest())


def json_calls(command: Command[Any], nth: int) -> int:
    """Runs a command whose nth JSON call raises; how many it made. The failure itself is let through."""
    client().delete(SPENT)
    try:
        execute(command._replace(script=broken(command.script, nth)))
    finally:
        made = int(client().get(SPENT) or 0)  # type: ignore[arg-type]
        client().delete(SPENT)
    return made


def a_busy_floor() -> tuple[Customer, Customer, Operator, Operator]:
    """Ada talks with Deniz and both said things; Bora waits, away for longer than a blink; Ece is in wrap-up."""
    ada, deniz = a_call()
    ada.say("merhaba")
    ece, cem, bora = Operator("ece"), Customer("cem"), Customer("bora")
    cem.join()
    ece.connect()
    ece.available()
    ece.end()
    bora.join(attributes='{"plan":"pro"}', topic="iade", join_key="bora-key", mobile=False)
    return ada, bora, deniz, ece


def a_joined(**fields: Any) -> Command[Any]:
    record = {"id": "cid-new", "name": "new", "media": "chat", "locale": "tr", "topic": "", "mobile": False}
    return store.join("p1|new", record | fields)


def overdue(party: str) -> None:
    client().zadd(key("grace"), {party: 1})
    client().hset(key("meta"), mapping={"hold_until": 0, "lease_hold": 0, "reachable_at": 0, "last_tick": 0})


Prepare = Callable[[], Command[Any]]


def _steps() -> Iterator[tuple[str, Prepare]]:
    """Every script that writes, each in a state in which it has much to do."""

    def joins() -> Command[Any]:
        _ada, _bora, _deniz, ece = a_busy_floor()
        ece.available()  # Bora is taken; the next one is too once somebody is free
        fatma = Operator("fatma")
        fatma.connect()
        fatma.available()
        return a_joined(attributes='{"n":1}', join_key="new-key", promised={"low_s": 1, "high_s": 2}, trace="t")

    def joins_again() -> Command[Any]:
        a_busy_floor()
        return store.join("p1|bora2", {"id": "other", "name": "bora", "media": "video", "join_key": "bora-key"})

    def returns() -> Command[Any]:
        ada, _bora, deniz, _ece = a_busy_floor()
        execute(store.finish(deniz.party, deniz.conn, "", "connection", "operator"))
        return a_joined(returning_from=ada.cid)

    def serves() -> Command[Any]:
        *_, ece = a_busy_floor()
        return store.available("ece", ece.conn, True)

    def claims() -> Command[Any]:
        _ada, bora, _deniz, _ece = a_busy_floor()
        return store.claim("ece", bora.cid)

    def ends() -> Command[Any]:
        _ada, _bora, deniz, _ece = a_busy_floor()
        return store.finish(deniz.party, deniz.conn, "", "hangup", "operator", 9)

    def leaves() -> Command[Any]:
        _ada, bora, _deniz, _ece = a_busy_floor()
        return store.finish(bora.party, bora.conn, bora.cid, "left", "customer", 9)

    def is_lost() -> Command[Any]:
        ada, *_ = a_busy_floor()
        return store.detach(ada.party, ada.conn)

    def comes_back() -> Command[Any]:
        ada, *_ = a_busy_floor()
        ada.disconnect()
        return store.attach(ada.party, "p1|ada2", None, None)

    def time_passes() -> Command[Any]:
        ada, bora, _deniz, _ece = a_busy_floor()
        overdue(ada.party)
        overdue(bora.party)
        client().zadd(key("wrapup"), {"ece": 1})
        return store.tick("p1", known=False)

    def operator_lost() -> Command[Any]:
        _ada, _bora, deniz, _ece = a_busy_floor()
        overdue(deniz.party)
        return store.tick("", known=False)

    def restored() -> Command[Any]:
        record = {"id": "cid-old", "ticket": "5", "joined_at": 1, "name": "old", "media": "video", "locale": "tr",
                  "topic": "", "mobile": False, "trace": "t", "join_key": "old-key", "operator": "deniz",
                  "claimed_at": 2}  # fmt: skip
        Operator("deniz").connect()
        return store.restore("p1|old", record, "Deniz")

    def reports(kind: str, payload: dict[str, Any]) -> Prepare:
        def prepare() -> Command[Any]:
            ada, *_ = a_busy_floor()
            return store.report(ada.party, ada.conn, kind, None, payload)

        return prepare

    def mends() -> Command[Any]:
        ada, bora, _deniz, _ece = a_busy_floor()
        client().hdel(key("serving"), "deniz")
        client().zrem(key("line"), bora.cid)
        assert ada.cid
        return store.check(fix=True)

    yield "join", joins
    yield "join again", joins_again
    yield "join returning", returns
    yield "available", serves
    yield "claim", claims
    yield "finish a call", ends
    yield "leave the queue", leaves
    yield "detach", is_lost
    yield "attach", comes_back
    yield "tick", time_passes
    yield "tick, operator lost", operator_lost
    yield "restore", restored
    stats = {"rtt_ms": 20.0, "quality": 4.2, "region": "eu", "rung": 2, "reason": "loss"}
    yield "note stats", reports("call:stats", stats)
    yield "note state", reports("call:state", {"state": "connected", "step": "restart", "attempt": 1})
    yield "note device", reports("device:check", {"microphone": True, "turn": [{"region": "eu", "ok": True}]})
    yield "check", mends
    yield "maintenance", lambda: maintenance.command("on", "soon", 5)


@pytest.mark.parametrize(("name", "prepare"), list(_steps()), ids=lambda value: value if isinstance(value, str) else "")
def test_whatever_fails_a_script_changes_all_or_nothing(name: str, prepare: Prepare) -> None:
    total = json_calls(prepare(), 0)
    for nth in range(1, total + 1):
        client().flushall()
        lease()
        settle()
        command = prepare()
        before = contents()
        failed = False
        try:
            json_calls(command, nth)
        except DomainError:
            failed = True
        if failed:
            assert _but_counters(contents()) == _but_counters(before), f"{name}: JSON call {nth} of {total}"
        elif name != "check":
            assert problems() == [], f"{name}: JSON call {nth} of {total}"


# A fault is counted, and a tick says that its process lives and the time of its look before it does anything else.
def _but_counters(state: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in state.items() if name not in (key("stats"), key("lease"), key("meta"))}


def test_the_harness_notices_a_script_that_writes_before_it_builds() -> None:
    """The check above can fail: a write put in front of a build is found."""
    early = store.script("join")
    spoiled = replace(early, source=early.source.replace("stored = cjson.encode(record)\n",
        "redis.call('HSET', K['conv'], cid, 'early')\nstored = cjson.encode(record)\n"))  # fmt: skip
    assert spoiled.source != early.source
    changed = []
    for nth in range(1, 9):
        client().flushall()
        settle()
        before = contents()
        try:
            json_calls(a_joined()._replace(script=spoiled), nth)
        except DomainError:
            changed.append(_but_counters(contents()) != _but_counters(before))
    assert any(changed)


def test_one_record_that_cannot_be_read_keeps_nobody_else_from_service() -> None:
    poor, next_one, deniz = Customer("poor"), Customer("next"), Operator("deniz")
    poor.join()
    next_one.join()
    client().hset(key("conv"), poor.cid, "{broken")
    deniz.connect()
    deniz.available()
    assert deniz.serving == next_one.cid
    tick()
    assert problems() == [f"unreadable {poor.cid}"]
    execute(store.check(fix=True))
    assert [row for row in problems() if not row.startswith("counter_mismatch")] == []
    assert status()["waiting"] == 0


# -- a script that failed is told apart from a store that is out ---------------------------------------------------


def test_a_failed_script_is_counted_by_name_and_is_no_outage(caplog: pytest.LogCaptureFixture) -> None:
    def count() -> float:
        return REGISTRY.get_sample_value("redis_script_errors_total", {"script": "detach"}) or 0.0

    before = count()
    with pytest.raises(ScriptFailed) as caught:
        execute(store.detach("c:x", "p|x")._replace(argv=("no json", "c:x", "p|x")))
    assert caught.value.code == "internal"
    assert count() == before + 1
    assert "script failed" in caplog.text


@pytest.mark.parametrize(
    "reply",
    [
        "OOM command not allowed when used memory > 'maxmemory'. script: " + "a" * 40 + ", on @user_script:5.",
        "ERR Error running script (call to f_"
        + "a" * 40
        + "): @user_script:9: @user_script: 9: -OOM command not allowed",
        "READONLY You can't write against a read only replica.",
        "LOADING Redis is loading the dataset in memory",
        "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk.",
        "BUSY Redis is busy running a script.",
        "NOREPLICAS Not enough good replicas to write.",
    ],
)
def test_what_redis_says_of_itself_is_an_outage(reply: str) -> None:
    assert isinstance(domain_error(reply), StoreUnavailable)


# -- what `check` finds of a step that was made in part --------------------------------------------------------------


def test_check_finds_a_call_that_was_never_announced_to_its_operator() -> None:
    ada, deniz = a_call()
    seq = int(client().hget(key("box"), f"{deniz.party}:seq"))  # type: ignore[arg-type]
    client().hset(key("box"), f"{deniz.party}:seq", seq - 1)
    client().hdel(key("mail"), f"{deniz.party}/{seq}")
    assert problems() == [f"call_not_announced {deniz.party}"]
    execute(store.check(fix=True))
    assert problems() == []
    back = deniz.connect()
    assert back.state is not None
    assert back.state["conversation"] == ada.cid


def test_an_announced_call_is_no_finding_also_after_its_frames_were_acknowledged_or_rebuilt() -> None:
    ada, deniz = a_call()
    assert problems() == []
    execute(store.ack(deniz.party, deniz.conn, deniz.box()[-1][0]))
    assert problems() == []
    deniz.connect()
    ada.reconnect()
    assert problems() == []


def test_check_finds_an_operator_who_was_taken_while_the_customer_still_waits() -> None:
    ada, deniz = Customer("ada"), Operator("deniz")
    deniz.connect()
    ada.join()
    client().zrem(key("line"), ada.cid)
    client().hset(key("active"), ada.cid, "deniz")
    client().hset(key("serving"), "deniz", ada.cid)
    client().hset(key("operator"), "deniz:wants", 1)
    assert problems() == [f"claimed_in_part {ada.cid}"]
    execute(store.check(fix=True))
    assert problems() == []
    client().zadd(key("wrapup"), {"deniz": 1})
    tick()
    assert deniz.serving == ada.cid


def test_check_finds_an_operator_on_shift_whom_no_list_offers() -> None:
    deniz = Operator("deniz")
    deniz.connect()
    deniz.available()
    client().zrem(key("available"), "deniz")
    assert problems() == ["free_but_not_offered deniz"]
    execute(store.check(fix=True))
    assert problems() == []
    ada = Customer("ada")
    ada.join()
    assert deniz.serving == ada.cid


def test_check_leaves_an_operator_to_a_process_that_stands_still() -> None:
    deniz = Operator("deniz")
    deniz.connect()
    lease(ms=-1000)
    client().hset(key("meta"), "lease_hold", 0)
    deniz.available()
    client().hset(key("meta"), "lease_hold", redis_now_ms() + 60_000)
    assert problems() == []
    tick(PROCESS)
    assert "deniz" in client().zrange(key("available"), 0, -1)


def test_check_frees_an_operator_whose_call_is_gone() -> None:
    ada, deniz = a_call()
    client().hdel(key("active"), ada.cid)
    client().hdel(key("conv"), ada.cid)
    found = problems()
    assert "operator_serves_nobody deniz" in found
    execute(store.check(fix=True))
    assert problems() == []
    assert deniz.serving is None


# -- what a customer says of itself arrives as it was said -----------------------------------------------------------

FACTS = st.dictionaries(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=64),
    st.one_of(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=256),
        st.integers(-(2**53) + 1, 2**53 - 1),
        st.floats(-1e15, 1e15, allow_nan=False, allow_infinity=False),
        st.booleans(),
        st.none(),
    ),
    max_size=32,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(FACTS)
def test_facts_reach_the_operator_and_the_history_exactly(facts: dict[str, Any]) -> None:
    client().flushall()
    lease()
    settle()
    ada, deniz = Customer("ada"), Operator("deniz")
    ada.join(attributes=json.dumps(facts))
    deniz.connect()
    deniz.available()
    ready = next(frame for frame in deniz.box() if kinds([frame]) == ["queue:ready"])
    assert json.loads(ready[2])["peer"]["attributes"] == facts
    joined = next(entry for entry in journal() if entry["type"] == "joined")
    assert json.loads(json.loads(joined["data"])["attributes"]) == facts
