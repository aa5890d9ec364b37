"""Coming back at awkward moments. Each of these was found by a run of tests/properties."""

import json

import pytest

from infra.redis.client import client, execute
from infra.redis.scripts import key
from queueing.live import store
from tests.queueing.world import Customer, Operator, a_call, end_hold, kinds, lease, refused, texts, tick

pytestmark = pytest.mark.usefixtures("running")


def test_one_who_was_removed_while_away_learns_it_on_return() -> None:
    ada = Customer("ada")
    reply = ada.join()
    ada.disconnect()
    execute(store.remove(ada.cid))
    attached = ada.reconnect(reply.attached.epoch, 0)
    assert attached.resumed
    assert kinds(attached.frames) == ["queue:left"]
    assert json.loads(attached.frames[0][2])["reason"] == "removed"


def test_a_second_join_by_the_same_key_after_a_reload_draws_the_running_call() -> None:
    ada = Customer("ada")
    ada.join(join_key="k" * 20)
    ada.reconnect()  # a page without memory: the mailbox begins anew
    deniz = Operator("deniz")
    deniz.connect()
    deniz.available()
    deniz.say("merhaba")
    ada.reconnect()
    deniz.say("orada mısınız")
    again = ada.join(id="another", join_key="k" * 20)
    assert again.existing
    assert not again.attached.resumed
    assert again.attached.state is not None
    assert again.attached.state["phase"] == "active"
    assert [line["text"] for line in again.attached.state["transcript"]] == ["merhaba", "orada mısınız"]


def test_a_second_join_by_the_same_key_replays_the_mailbox_that_began_with_it() -> None:
    ada = Customer("ada")
    ada.join(join_key="k" * 20)
    deniz = Operator("deniz")
    deniz.connect()
    deniz.available()
    again = ada.join(id="another", join_key="k" * 20)
    assert again.attached.resumed
    assert kinds(again.attached.frames) == ["queue:ready"]


def test_a_refused_end_uses_up_no_id_of_the_conversation_it_named() -> None:
    ada, deniz = a_call()
    ece = Operator("ece")
    ece.connect()
    with refused("wrong_conversation"):
        execute(store.finish(ece.party, ece.conn, ada.cid, "hangup", "operator", 1))
    assert deniz.say("bir", frame_id=1) == 1
    assert texts(ada.box())[-1] == "bir"


def test_a_socket_opened_before_the_tick_does_not_hide_that_the_process_was_given_up() -> None:
    execute(store.tick("p2", known=False))
    ada, bora = Customer("ada", process="p2"), Customer("bora", process="p2")
    ada.join()
    end_hold()
    lease("p2", ms=-1)
    tick()
    bora.join()
    assert client().zscore(key("lease"), "p2") is not None
    assert execute(store.tick("p2", known=True)).lapsed


def test_a_join_that_a_killed_redis_forgot_is_taken_back_within_the_grace() -> None:
    record = {"id": "cid-ada", "ticket": "1700000000000000", "joined_at": 1_700_000_000_000, "name": "ada"}
    client().hset(key("meta"), mapping={"generation_at": 1, "restarted_at": 1})
    with refused("expired"):
        execute(store.restore("p1|ada", record, ""))
    client().hset(key("meta"), "run_id", "of-the-one-before")
    with client().client() as other:  # the first connection after the restart
        other.connection_pool.disconnect()
        other.ping()
    execute(store.restore("p1|ada", record, ""))
    assert client().zscore(key("line"), "cid-ada") == 1_700_000_000_000_000
