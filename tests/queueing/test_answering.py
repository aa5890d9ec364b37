"""A match that nobody answers: the customer goes back to the head of the queue, the operator on a break."""

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
    end_hold,
    is_available,
    journal,
    kinds,
    problems,
    redis_now_ms,
    refused,
    settle,
    tick,
)

pytestmark = pytest.mark.usefixtures("running")


def a_match() -> tuple[Customer, Operator]:
    ada, deniz = a_call()
    end_hold()
    return ada, deniz


def due(customer: Customer) -> None:
    """Its time to be answered is over, and the next tick sees it."""
    client().zadd(key("answer"), {customer.cid: 1}, xx=True)
    tick()


def deadline(customer: Customer) -> float | None:
    return client().zscore(key("answer"), customer.cid)  # type: ignore[return-value]


def read_all(operator: Operator) -> None:
    """Its page has acknowledged all there is."""
    seq = max((seq for seq, _cid, _frame in operator.box()), default=0)
    execute(store.ack(operator.party, operator.conn, seq))


def record(customer: Customer) -> dict[str, Any]:
    return json.loads(str(client().hget(key("conv"), customer.cid)))  # type: ignore[no-any-return]


def answer(operator: Operator, *, answered: bool, conversation: str | None = None) -> int:
    return execute(store.answer(operator.name, operator.conn, conversation, answered=answered))


def test_a_frozen_page_gives_its_customer_back() -> None:
    ada, deniz = a_match()
    bora = Customer("bora")
    bora.join()
    due(ada)
    assert (deniz.serving, is_available("deniz")) == (None, False)
    assert execute(store.operator_state("deniz")).break_reason == "unanswered"
    assert [json.loads(frame) for _seq, _cid, frame in deniz.box()][-1] == {
        "type": "call:ended", "reason": "unanswered", "by": "system",
    }  # fmt: skip
    assert json.loads(ada.box()[-1][2]) == {
        "type": "queue:returned", "reason": "unanswered", "position": 1, "waiting": 2,
    }  # fmt: skip
    assert client().zrange(key("line"), 0, -1) == [ada.cid, bora.cid]
    entry = journal()[-1]
    assert (entry["type"], entry["conversation"]) == ("given-back", ada.cid)
    assert json.loads(entry["data"])["operator"] == "deniz"
    assert problems() == []


def test_whoever_is_free_takes_the_customer_in_the_same_step() -> None:
    ada, _deniz = a_match()
    eda = Operator("eda")
    eda.connect()
    eda.available()
    due(ada)
    assert eda.serving == ada.cid
    assert kinds(ada.box())[-2:] == ["queue:returned", "queue:ready"]
    assert deadline(ada) is not None
    assert problems() == []


def test_a_client_that_tells_of_no_ringing_has_answered_by_reading() -> None:
    ada, deniz = a_match()
    read_all(deniz)
    due(ada)
    assert deniz.serving == ada.cid
    assert deadline(ada) is None


def test_a_page_that_was_loaded_since_has_read() -> None:
    ada, deniz = a_match()
    deniz.connect()
    due(ada)
    assert deniz.serving == ada.cid


def test_a_page_that_rings_has_to_be_answered_by_somebody(settings: Any) -> None:
    ada, deniz = a_match()
    read_all(deniz)
    assert answer(deniz, answered=False) == 1
    claimed = record(ada)["claimed_at"]
    assert deadline(ada) == claimed + settings.ANSWER_ACT_SECS * 1000
    assert answer(deniz, answered=False) == 0  # said again after a reconnect: no longer time
    due(ada)
    assert deniz.serving is None


def test_answered_is_answered() -> None:
    ada, deniz = a_match()
    answer(deniz, answered=False)
    assert answer(deniz, answered=True, conversation=ada.cid) == 1
    assert deadline(ada) is None
    assert answer(deniz, answered=False) == 0
    due(ada)
    assert deniz.serving == ada.cid


def test_only_the_operator_of_the_match_answers_it() -> None:
    ada, deniz = a_match()
    eda = Operator("eda")
    eda.connect()
    assert answer(eda, answered=True, conversation=ada.cid) == 0
    assert answer(deniz, answered=True, conversation="another") == 0
    old = deniz.conn
    deniz.connect()
    with refused("replaced"):
        execute(store.answer("deniz", old, ada.cid, answered=True))
    assert deadline(ada) is not None


def test_who_took_a_customer_by_name_is_there(settings: Any) -> None:
    ada, deniz = Customer("ada"), Operator("deniz")
    ada.join()
    deniz.connect()
    execute(store.claim("deniz", ada.cid))
    answer(deniz, answered=False)
    assert deadline(ada) is None


def test_switched_off(settings: Any) -> None:
    settings.ANSWER_ACT_SECS = 0
    ada, deniz = a_match()
    answer(deniz, answered=False)
    assert deadline(ada) is None
    deniz.end()
    settings.ANSWER_SECS = 0
    bora = Customer("bora")
    bora.join()
    deniz.available()
    assert (deniz.serving, deadline(bora)) == (bora.cid, None)


def test_after_an_outage_nobody_is_blamed_for_it() -> None:
    ada, deniz = a_match()
    client().hset(key("meta"), "reachable_at", redis_now_ms())
    due(ada)
    assert deniz.serving == ada.cid
    end_hold()
    # However long others may wait after it.
    client().hset(key("meta"), "hold_until", redis_now_ms() + 60_000)
    tick()
    assert deniz.serving is None


def test_the_end_of_a_call_ends_the_waiting_for_its_answer() -> None:
    ada, deniz = a_match()
    deniz.end()
    assert deadline(ada) is None
    ada, bora = Customer("ada2"), Customer("bora")
    ada.join()
    bora.join()
    deniz.available()
    ada.leave()
    assert deadline(ada) is None
    assert problems() == []


def test_the_operator_comes_back_from_the_break_as_from_any() -> None:
    ada, deniz = a_match()
    due(ada)
    deniz.available()
    assert deniz.serving == ada.cid
    assert execute(store.operator_state("deniz")).break_reason == ""
    # The same two: it rings anew.
    assert deadline(ada) is not None
    read_all(deniz)
    due(ada)
    assert deniz.serving == ada.cid


def test_what_was_said_goes_along_and_numbers_of_the_operator_before_do_not() -> None:
    ada, deniz = a_match()
    ada.say("hello?")
    deniz.say("Deniz", frame_id=1)
    client().hset(key("gen"), ada.cid, 3)
    due(ada)
    eda = Operator("eda")
    eda.connect()
    eda.available()
    assert eda.serving == ada.cid
    assert eda.say("Eda", frame_id=1) == 1
    with refused("not_in_call"):
        deniz.say("late", frame_id=2)
    drawn = eda.connect()
    assert drawn.state is not None
    assert [line["text"] for line in drawn.state["transcript"]] == ["hello?", "Deniz", "Eda"]
    assert drawn.gen == 1003


def test_a_line_is_told_apart_from_those_of_the_next_operator() -> None:
    ada, deniz = a_match()
    deniz.say("Deniz", frame_id=1)
    due(ada)
    # Sent again, because the answer to it was lost: it had arrived. Whoever has it next changes nothing of that.
    assert deniz.say("Deniz", ada.cid, frame_id=1) == 0
    eda = Operator("eda")
    eda.connect()
    eda.available()
    assert deniz.say("Deniz", ada.cid, frame_id=1) == 0
    eda.say("Eda", frame_id=2)
    with refused("wrong_conversation"):
        deniz.say("late", ada.cid, frame_id=2)
    ada.leave()
    assert eda.say("Eda", ada.cid, frame_id=2) == 0
    assert deniz.say("Deniz", ada.cid, frame_id=1) == 0
    with refused("wrong_conversation"):
        deniz.say("late", ada.cid, frame_id=2)


def test_the_next_call_begins_above_the_one_before() -> None:
    ada, _deniz = a_match()
    client().hset(key("gen"), ada.cid, 3)
    due(ada)
    eda = Operator("eda")
    eda.connect()
    eda.available()
    for box in (ada.box(), eda.box()):
        ready = json.loads(box[-1][2])
        assert (ready["type"], ready["gen"]) == ("queue:ready", 1003)


def test_a_page_that_has_to_draw_the_chat_and_does_not_has_not_read() -> None:
    ada, _deniz = a_match()
    ada.say("hello?")
    due(ada)
    eda = Operator("eda")
    eda.connect()
    eda.available()
    due(ada)
    assert eda.serving is None
    eda.available()
    assert eda.serving == ada.cid
    eda.connect()
    due(ada)
    assert eda.serving == ada.cid


def test_who_waited_long_already_is_not_ended_for_it(settings: Any) -> None:
    ada, _deniz = a_match()
    due(ada)
    settings.QUEUE_MAX_WAIT_SECS = 60
    text = record(ada) | {"ticket": "1"}
    client().hset(key("conv"), ada.cid, json.dumps(text))
    client().zadd(key("line"), {ada.cid: 1})
    assert tick().ended == 0
    client().hset(key("conv"), ada.cid, json.dumps(text | {"waiting_since": 1}))
    assert tick().ended == 1


def test_a_customer_who_is_away_meanwhile_has_the_grace_of_the_queue(settings: Any) -> None:
    ada, _deniz = a_match()
    ada.disconnect()
    before = client().zscore(key("grace"), ada.party)
    due(ada)
    more = (settings.QUEUE_GRACE_SECS - settings.CALL_GRACE_SECS) * 1000
    assert client().zscore(key("grace"), ada.party) == before + more
    ada.reconnect()
    assert record(ada)["status"] == "waiting"
    assert problems() == []


def test_one_that_cannot_be_given_back_keeps_no_other_from_it() -> None:
    ada, deniz = a_match()
    eda, bora = Operator("eda"), Customer("bora")
    eda.connect()
    eda.available()
    bora.join()
    broken = record(ada) | {"ticket": "no number", "claimed_at": "never"}
    client().hset(key("conv"), ada.cid, json.dumps(broken))
    client().zadd(key("answer"), {ada.cid: 1, bora.cid: 2})
    tick()
    assert eda.serving is None
    assert deniz.serving == ada.cid
    assert deadline(ada) > redis_now_ms()  # type: ignore[operator]


def test_a_wiped_redis_judges_no_call_that_ran() -> None:
    ada, deniz = a_match()
    joined = record(ada)
    client().flushall()
    settle()
    assert execute(store.recall("deniz", "Deniz", joined | {"operator": None})) == 1
    deniz.connect()
    assert deniz.serving == ada.cid
    assert deadline(ada) is None
