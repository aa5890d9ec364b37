"""After a call: the pause that ends by itself or at once, and breaks."""

from typing import Any

import pytest

from infra.redis.client import client, execute
from infra.redis.scripts import key
from queueing.live import store
from tests.queueing.world import (
    Customer,
    a_call,
    end_hold,
    end_wrap_up,
    is_available,
    journal,
    problems,
    redis_now_ms,
    status,
    tick,
)

pytestmark = pytest.mark.usefixtures("running")


def test_nobody_is_offered_during_the_wrap_up() -> None:
    _ada, deniz = a_call()
    deniz.end()
    assert execute(store.operator_state("deniz")).wrap_up_until_ms is not None
    Customer("bora").join()
    tick()
    assert deniz.serving is None


def test_the_wrap_up_lasts_as_set(settings: Any) -> None:
    settings.WRAP_UP_SECS = 45
    _ada, deniz = a_call()
    before = redis_now_ms()
    deniz.end()
    until = execute(store.operator_state("deniz")).wrap_up_until_ms
    assert until is not None
    assert before <= until - 45_000 <= redis_now_ms()


def test_without_a_wrap_up_the_next_customer_follows_at_once(settings: Any) -> None:
    settings.WRAP_UP_SECS = 0
    _ada, deniz = a_call()
    bora = Customer("bora")
    bora.join()
    deniz.end()
    assert deniz.serving == bora.cid


def test_the_wrap_up_ends_by_itself_and_the_next_customer_follows() -> None:
    _ada, deniz = a_call()
    bora = Customer("bora")
    bora.join()
    deniz.end()
    end_wrap_up(deniz)
    assert deniz.serving == bora.cid
    assert problems() == []


def test_who_closes_the_console_in_a_wrap_up_is_free_for_nobody_when_it_ends() -> None:
    """The grace is for a page that is loaded anew: it keeps the place in a call, and makes nobody available."""
    _ada, deniz = a_call()
    deniz.end()
    deniz.disconnect()
    assert not is_available("deniz")
    end_wrap_up(deniz)
    Customer("bora").join()
    assert (deniz.serving, is_available("deniz"), status()["on_shift"]) == (None, False, 0)
    assert problems() == []


def test_available_during_the_wrap_up_ends_it_at_once() -> None:
    _ada, deniz = a_call()
    deniz.end()
    state = deniz.available()
    assert (state.available, state.wrap_up_until_ms) == (True, None)
    assert is_available("deniz")


def test_a_break_during_a_call_never_ends_the_call() -> None:
    ada, deniz = a_call()
    state = deniz.available(on=False)
    assert (state.available, state.conversation) == (False, ada.cid)
    assert deniz.say("hâlâ buradayım") == 1


def test_after_a_call_with_a_break_there_is_no_wrap_up_and_no_next_customer() -> None:
    _ada, deniz = a_call()
    bora = Customer("bora")
    bora.join()
    deniz.available(on=False)
    deniz.end()
    state = execute(store.operator_state("deniz"))
    assert (state.available, state.wrap_up_until_ms) == (False, None)
    tick()
    assert deniz.serving is None


def test_a_break_during_the_wrap_up_ends_it_without_availability() -> None:
    _ada, deniz = a_call()
    deniz.end()
    state = deniz.available(on=False)
    assert (state.available, state.wrap_up_until_ms) == (False, None)
    end_hold()
    tick()
    assert not is_available("deniz")


def test_available_during_a_call_gives_no_second_customer() -> None:
    ada, deniz = a_call()
    Customer("bora").join()
    deniz.available()
    tick()
    assert deniz.serving == ada.cid
    assert client().hlen(key("active")) == 1
    assert [entry["type"] for entry in journal()].count("claimed") == 1


def test_a_wrap_up_waits_for_the_outcome_as_long_as_set_and_no_longer(settings: Any) -> None:
    settings.WRAP_UP_SECS, settings.OUTCOME_WAIT_SECS = 30, 300
    _ada, deniz = a_call()
    bora = Customer("bora")
    bora.join()
    before = redis_now_ms()
    deniz.end()
    until = execute(store.operator_state("deniz")).wrap_up_until_ms
    assert until is not None
    assert before <= until - 300_000 <= redis_now_ms()
    # Nobody is locked out: it ends by itself, or when the operator says so.
    end_wrap_up(deniz)
    assert deniz.serving == bora.cid


def test_an_outcome_leaves_the_usual_wrap_up(settings: Any) -> None:
    settings.WRAP_UP_SECS, settings.OUTCOME_WAIT_SECS = 30, 300
    ada, deniz = a_call()
    deniz.end()
    assert execute(store.settle("deniz", "another")) == 0
    assert execute(store.settle("efe", ada.cid)) == 0
    before = redis_now_ms()
    assert execute(store.settle("deniz", ada.cid)) == 1
    until = execute(store.operator_state("deniz")).wrap_up_until_ms
    assert until is not None
    assert before <= until - 30_000 <= redis_now_ms()
    # Once: changing it again gives no further time.
    assert execute(store.settle("deniz", ada.cid)) == 0
    assert execute(store.operator_state("deniz")).wrap_up_until_ms == until
    assert problems() == []


def test_an_outcome_that_was_given_in_the_call_is_not_waited_for(settings: Any) -> None:
    settings.WRAP_UP_SECS, settings.OUTCOME_WAIT_SECS = 0, 300
    ada, deniz = a_call()
    assert execute(store.settle("deniz", ada.cid)) == 1
    bora = Customer("bora")
    bora.join()
    deniz.end()
    assert deniz.serving == bora.cid
    # That was for the call before, not for this one.
    deniz.end()
    assert execute(store.operator_state("deniz")).wrap_up_until_ms is not None


def test_without_a_wrap_up_who_has_just_chosen_may_still_be_choosing(settings: Any) -> None:
    settings.WRAP_UP_SECS, settings.OUTCOME_WAIT_SECS = 0, 300
    ada, deniz = a_call()
    deniz.end()
    before = redis_now_ms()
    assert execute(store.settle("deniz", ada.cid)) == 1
    until = execute(store.operator_state("deniz")).wrap_up_until_ms
    assert until is not None
    assert before <= until - 5_000 <= redis_now_ms()


def test_a_break_and_ready_now_end_a_wrap_up_that_waits_for_an_outcome(settings: Any) -> None:
    settings.OUTCOME_WAIT_SECS = 300
    ada, deniz = a_call()
    deniz.end()
    assert deniz.available().available
    assert execute(store.settle("deniz", ada.cid)) == 0
    assert is_available("deniz")
    bora = Customer("bora")
    bora.join()
    assert deniz.serving == bora.cid
    deniz.available(on=False)
    deniz.end()
    assert execute(store.operator_state("deniz")).wrap_up_until_ms is None


def test_a_call_that_the_customer_ends_begins_the_wrap_up_too() -> None:
    ada, deniz = a_call()
    assert ada.leave() == "active"
    assert deniz.serving is None
    assert execute(store.operator_state("deniz")).wrap_up_until_ms is not None
