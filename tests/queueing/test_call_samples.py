"""The figures of a call are kept now and then and when they changed, and never without a bound."""

import pytest

from infra.redis.client import client
from infra.redis.scripts import key
from queueing.live import store
from tests.queueing.calls import samples_kept, since_last_sample, state, stats, told
from tests.queueing.world import a_call, status

pytestmark = pytest.mark.usefixtures("running")
GOOD = {"rtt_ms": 50.0, "quality": 4.3, "region": "eu", "candidate_type": "relay", "codec": "opus"}


def test_samples_in_between_are_not_kept() -> None:
    ada, _deniz = a_call()
    stats(ada, **GOOD)
    stats(ada, **GOOD | {"rtt_ms": 51.0})
    assert [sample["rtt_ms"] for sample in told("call:sample")] == [50.0]


def test_a_page_that_measured_nothing_yet_leaves_no_sample() -> None:
    ada, _deniz = a_call()
    stats(ada, rtt_ms=None, quality=None, region=None, rung=0)
    stats(ada, **GOOD)
    assert [sample["rtt_ms"] for sample in told("call:sample")] == [50.0]


def test_after_the_pause_another_one_is_kept() -> None:
    ada, _deniz = a_call()
    stats(ada, **GOOD)
    since_last_sample(ada, ada.cid, 5_000)
    stats(ada, **GOOD | {"rtt_ms": 51.0})
    assert [sample["rtt_ms"] for sample in told("call:sample")] == [50.0, 51.0]


def test_the_sides_are_kept_apart() -> None:
    ada, deniz = a_call()
    stats(ada, **GOOD)
    stats(deniz, **GOOD)
    assert [sample["from"] for sample in told("call:sample")] == ["customer", "operator"]


@pytest.mark.parametrize(
    "change", [{"quality": 3.0}, {"region": "us"}, {"candidate_type": "host"}, {"codec": "opus/VP9"}]
)
def test_what_became_different_is_kept_soon(change: dict[str, object]) -> None:
    ada, _deniz = a_call()
    stats(ada, **GOOD)
    since_last_sample(ada, ada.cid, 1_000)
    stats(ada, **GOOD)
    assert len(told("call:sample")) == 1
    stats(ada, **GOOD | change)
    assert len(told("call:sample")) == 2


def test_a_page_that_flaps_is_kept_five_times_as_often_at_most() -> None:
    ada, _deniz = a_call()
    for quality in (4.3, 3.0, 4.3, 3.0, 4.3):
        stats(ada, **GOOD | {"quality": quality})
    assert len(told("call:sample")) == 1


def test_a_long_call_is_kept_more_sparsely_and_says_so() -> None:
    ada, _deniz = a_call()
    stats(ada, **GOOD)
    samples_kept(ada, ada.cid, store.SAMPLES_KEEP)
    since_last_sample(ada, ada.cid, 19_000)
    stats(ada, **GOOD)
    assert len(told("call:sample")) == 1
    assert told("call:sampling") == []
    since_last_sample(ada, ada.cid, 1_000)
    stats(ada, **GOOD)
    assert len(told("call:sample")) == 2
    assert told("call:sampling") == [{"from": "customer", "every_s": 20}]


def test_a_long_journal_takes_no_samples_and_they_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "SAMPLES_JOURNAL_MAX", 2)
    ada, _deniz = a_call()
    stats(ada, **GOOD | {"rung": 3, "reason": "loss"})
    assert told("call:sample") == []
    assert told("call:rung") != []
    assert status()["stats"]["samples_dropped"] == 1


def test_every_change_of_rung_has_its_reason() -> None:
    ada, _deniz = a_call()
    for rung, reason in ((0, None), (2, "loss"), (2, "loss"), (1, "recovered")):
        stats(ada, rung=rung, reason=reason)
    assert told("call:rung") == [
        {"from": "customer", "rung": 2, "before": 0, "reason": "loss"},
        {"from": "customer", "rung": 1, "before": 2, "reason": "recovered"},
    ]


def test_an_outage_is_told_with_its_steps_its_attempts_and_how_long_it_took() -> None:
    ada, _deniz = a_call()
    state(ada, "connecting")
    state(ada, "connected")
    for step in ("resignal", "restart", "restart-relay", "rebuild"):
        state(ada, "reconnecting", step=step, reason="silence")
    state(ada, "connected")
    events = told("call:state")
    assert [event.get("step") for event in events] == [
        None, None, "resignal", "restart", "restart-relay", "rebuild", None,
    ]  # fmt: skip
    assert "setup_ms" in events[1]
    assert events[-1]["attempts"] == 3
    assert events[-1]["lost_ms"] >= 0


def test_the_page_may_count_its_attempts_itself() -> None:
    ada, _deniz = a_call()
    state(ada, "connected")
    state(ada, "reconnecting", step="rebuild", attempt=3)
    state(ada, "failed", step="hold", attempt=4)
    state(ada, "connected")
    assert told("call:state")[-1]["attempts"] == 4


def test_a_state_that_is_said_again_is_no_happening() -> None:
    ada, _deniz = a_call()
    for _again in range(3):
        state(ada, "connected")
    assert len(told("call:state")) == 1


def test_what_parties_cause_on_the_timeline_is_bounded() -> None:
    ada, _deniz = a_call()
    client().hset(key("media"), f"{ada.cid}/events", 1_999)
    for rung in (1, 2, 3, 4):
        stats(ada, rung=rung)
    assert len(told("call:rung")) == 1
    assert told("timeline:full") == [{"events": 2000}]


def test_of_an_ended_call_no_bookkeeping_is_left() -> None:
    ada, deniz = a_call()
    stats(ada, **GOOD | {"rung": 2})
    state(deniz, "connected")
    state(deniz, "reconnecting", step="restart")
    deniz.end()
    assert client().hgetall(key("media")) == {}
    assert client().hgetall(key("call")) == {}
