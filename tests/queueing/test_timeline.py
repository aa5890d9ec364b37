"""What happens to the parties of a conversation is in its journal: lost and regained sockets, orders, regions."""

import pytest

from infra.redis.client import execute
from queueing.live import store
from tests.queueing.calls import stats, told
from tests.queueing.world import Customer, a_call, lease, status

pytestmark = pytest.mark.usefixtures("running")


def test_away_and_back_with_what_was_replayed() -> None:
    ada, deniz = a_call()
    assert ada.last is not None
    epoch = ada.last.attached.epoch
    ada.disconnect()
    deniz.say("neredesiniz?")
    ada.reconnect(epoch, 0)
    assert told("party:away") == [{"from": "customer", "grace_s": 45}]
    # The first frame is `queue:ready`.
    assert told("party:back") == [{"from": "customer", "how": "replay", "away": True, "moved": False, "missed": 2}]


def test_a_page_that_was_loaded_anew_says_so() -> None:
    ada, deniz = a_call()
    ada.disconnect()
    ada.reconnect()
    deniz.disconnect()
    deniz.connect(epoch=1, last_seq=0)
    assert [(event["from"], event["how"]) for event in told("party:back")] == [
        ("customer", "reload"),
        ("operator", "resync"),
    ]


def test_a_page_that_takes_the_place_of_another_one_says_so() -> None:
    ada, _deniz = a_call()
    ada.reconnect()
    assert told("party:back")[0]["how"] == "opened"


def test_who_waits_is_away_and_back_as_well() -> None:
    ada = Customer("ada")
    ada.join()
    ada.disconnect()
    ada.reconnect()
    assert [event["grace_s"] for event in told("party:away")] == [60]
    assert len(told("party:back")) == 1


def test_an_operator_without_a_customer_has_no_timeline() -> None:
    ada, deniz = a_call()
    deniz.end()
    deniz.disconnect()
    deniz.connect()
    ada.disconnect()
    ada.reconnect()
    assert told("party:away") == []
    assert told("party:back") == []


def test_a_return_through_another_process_is_a_failover() -> None:
    lease("p2")
    ada, _deniz = a_call()
    ada.disconnect()
    ada.reconnect(conn="p2|ada")
    assert told("party:back")[0]["moved"] is True
    assert status()["stats"]["failover:process"] == 1
    ada.disconnect()
    ada.reconnect(conn="p2|ada+")
    assert status()["stats"]["failover:process"] == 1


def test_who_only_waits_has_no_call_to_fail_over() -> None:
    lease("p2")
    ada = Customer("ada")
    ada.join()
    ada.reconnect(conn="p2|ada")
    assert "failover:process" not in status()["stats"]


def test_orders_of_the_operator_are_kept() -> None:
    ada, deniz = a_call()
    frame = b'{"type":"call:control","action":"audio-only","conversation":"x"}'
    execute(store.relay(store.Relay(deniz.party, deniz.conn, ada.cid, 1, "call:control", frame, None)))
    execute(store.relay(store.Relay(deniz.party, deniz.conn, ada.cid, 1, "call:control", frame, None)))
    assert [order["action"] for order in told("call:control")] == ["audio-only"]


def test_each_partys_region_is_kept_with_the_one_before() -> None:
    ada, deniz = a_call()
    stats(ada, region="eu")
    stats(ada, region="eu")
    stats(deniz, region="us")
    stats(ada, region="us")
    assert told("call:region") == [
        {"from": "customer", "region": "eu"},
        {"from": "operator", "region": "us"},
        {"from": "customer", "region": "us", "before": "eu"},
    ]
    assert status()["stats"]["failover:turn"] == 1
