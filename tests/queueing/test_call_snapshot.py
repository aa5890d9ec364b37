"""The call snapshot: figures of all running calls, in one step."""

from typing import Any

import pytest

from harness.redis_process import RedisProcess
from infra.errors import StoreUnavailable
from infra.redis.client import client
from infra.redis.scripts import key
from queueing.live import call_snapshot
from support.config.types import TurnServer
from tests.queueing.calls import probe, state, stats
from tests.queueing.world import Customer, Operator, a_call

pytestmark = pytest.mark.usefixtures("running")


@pytest.fixture(autouse=True)
def _two_regions(settings: Any) -> None:
    settings.TURN_SERVERS = [
        TurnServer(region=region, urls=[f"turn:{region}.example.org"], priority=number)
        for number, region in enumerate(("eu", "us"), 1)
    ]


def test_without_calls_there_is_nothing_to_judge() -> None:
    calls = call_snapshot.read()
    assert (calls.active, calls.success_ratio, calls.mean_rtt_ms) == (0, None, None)
    assert calls.as_dict() == {
        "active": 0,
        "attempted_last_hour": 0,
        "connected_last_hour": 0,
        "success_ratio": None,
        "mean_rtt_ms": None,
        "failovers": {"process": 0, "turn": 0},
        "turn_regions": {},
        "turn_regions_failing": [],
    }


def test_each_call_weighs_the_same_in_the_mean() -> None:
    ada, deniz = a_call()
    bora, ece = Customer("bora"), Operator("ece")
    bora.join()
    ece.connect()
    ece.available()
    stats(ada, rtt_ms=100.0, region="eu")
    stats(deniz, rtt_ms=200.0, region="us")
    stats(bora, rtt_ms=50.0, region="eu")
    stats(ece, region=None)
    calls = call_snapshot.read()
    assert (calls.active, calls.measured, calls.mean_rtt_ms) == (2, 2, 100.0)
    assert calls.regions == {"eu": 2, "us": 1}


def test_an_old_sample_says_nothing_of_now() -> None:
    ada, _deniz = a_call()
    stats(ada, rtt_ms=100.0, region="eu")
    client().hset(key("call"), ada.party, '{"at":1,"rtt_ms":100.0,"region":"eu"}')
    calls = call_snapshot.read()
    assert (calls.measured, calls.mean_rtt_ms, dict(calls.regions)) == (0, None, {})


def test_the_ratio_counts_each_call_once() -> None:
    ada, deniz = a_call()
    for who in (ada, deniz):
        state(who, "connecting")
        state(who, "connected")
    bora, ece = Customer("bora"), Operator("ece")
    bora.join()
    ece.connect()
    ece.available()
    state(bora, "connecting")
    calls = call_snapshot.read()
    assert (calls.attempted_last_hour, calls.connected_last_hour, calls.success_ratio) == (2, 1, 0.5)


def test_a_region_that_two_parties_cannot_reach_fails() -> None:
    ada, bora = Customer("ada"), Customer("bora")
    ada.join()
    bora.join()
    assert probe(ada, eu=False, us=True).faults == ("eu",)
    assert call_snapshot.read().failing == {}
    probe(bora, eu=False, us=True)
    assert list(call_snapshot.read().failing) == ["eu"]


def test_one_party_alone_condemns_no_region_whatever_it_sends() -> None:
    ada = Customer("ada")
    ada.join()
    for _again in range(10):
        probe(ada, eu=False, us=True)
        probe(ada, eu=False, us=True)
        probe(ada, eu=True, us=True)
        assert call_snapshot.read().failing == {}


def test_a_party_that_reaches_no_region_says_nothing_of_them() -> None:
    ada, bora = Customer("ada"), Customer("bora")
    for who in (ada, bora):
        who.join()
        assert probe(who, eu=False, us=False).faults == ()
    assert client().exists(key("turn")) == 0


def test_a_region_nobody_configured_is_not_kept() -> None:
    ada = Customer("ada")
    ada.join()
    assert probe(ada, mars=False, us=True).faults == ()
    assert client().hkeys(key("turn")) == []


def test_those_who_reach_it_bring_a_region_back() -> None:
    people = [Customer(name) for name in ("ada", "bora", "cem", "defne")]
    for who in people:
        who.join()
    probe(people[0], eu=False, us=True)
    probe(people[1], eu=False, us=True)
    assert list(call_snapshot.read().failing) == ["eu"]
    probe(people[2], eu=True, us=True)
    probe(people[3], eu=True, us=True)
    assert call_snapshot.read().failing == {}


def test_time_brings_a_region_back() -> None:
    ada = Customer("ada")
    ada.join()
    probe(ada, eu=False, us=True)
    client().hset(key("turn"), "eu", "8.0 1")
    assert call_snapshot.read().failing == {}


def test_a_call_that_had_to_leave_its_region_counts_against_it() -> None:
    ada, _deniz = a_call()
    stats(ada, region="eu")
    assert stats(ada, region="us").faults == ("eu",)
    assert call_snapshot.read().failovers_turn == 1


def test_without_redis_it_says_so(redis_process: RedisProcess) -> None:
    redis_process.stop()
    with pytest.raises(StoreUnavailable):
        call_snapshot.read()
