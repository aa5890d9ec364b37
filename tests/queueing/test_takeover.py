"""A newer socket takes over: the older one can write nothing more, whatever it tries."""

from collections.abc import Callable
from typing import Any

import pytest

from infra.errors import DomainError
from infra.redis.client import client, execute
from infra.redis.scripts import Command, key
from queueing.live import store
from tests.queueing.world import Customer, a_call, contents, refused, settle

pytestmark = pytest.mark.usefixtures("running")

Attempt = Callable[[str, str, str], Command[Any]]
FRAME = b'{"type":"chat:message","id":7,"text":"eski"}'
EITHER: dict[str, Attempt] = {
    "relay": lambda party, conn, cid: store.relay(store.Relay(party, conn, cid, 7, "chat:message", FRAME, None)),
    "signal": lambda party, conn, cid: store.signal(party, conn, cid, b'{"type":"chat:typing"}'),
    "ack": lambda party, conn, cid: store.ack(party, conn, 1),
    "frames_after": lambda party, conn, cid: store.frames_after(party, conn, 0),
    "finish": lambda party, conn, cid: store.finish(party, conn, cid, "hangup", "customer"),
    "report state": lambda party, conn, cid: store.report(party, conn, "call:state", cid, {"state": "failed"}),
    "report stats": lambda party, conn, cid: store.report(party, conn, "call:stats", cid, {"rtt_ms": 1}),
    "report device": lambda party, conn, cid: store.report(party, conn, "device:check", cid, {"camera": True}),
}


@pytest.mark.parametrize("attempt", list(EITHER))
def test_an_old_socket_of_the_customer_is_told_replaced_and_changes_nothing(attempt: str) -> None:
    ada, _deniz = a_call()
    old = ada.conn
    ada.reconnect()
    before = contents()
    with refused("replaced"):
        execute(EITHER[attempt](ada.party, old, ada.cid))
    assert contents() == before


@pytest.mark.parametrize("attempt", list(EITHER))
def test_an_old_socket_of_the_operator_is_told_replaced_and_changes_nothing(attempt: str) -> None:
    ada, deniz = a_call()
    old = deniz.conn
    deniz.connect()
    before = contents()
    with refused("replaced"):
        execute(EITHER[attempt](deniz.party, old, ada.cid))
    assert contents() == before


@pytest.mark.parametrize("on", [True, False])
def test_an_old_console_cannot_change_availability(on: bool) -> None:
    _ada, deniz = a_call()
    old = deniz.conn
    deniz.connect()
    before = contents()
    with refused("replaced"):
        execute(store.available(deniz.name, old, on))
    assert contents() == before


def test_losing_the_old_socket_starts_no_grace() -> None:
    ada, deniz = a_call()
    old = ada.conn
    ada.reconnect()
    assert execute(store.detach(ada.party, old)) == 0
    assert client().zcard(key("grace")) == 0
    assert deniz.serving == ada.cid


def test_the_older_socket_is_told_by_its_process_which_one_it_is() -> None:
    ada = Customer("ada")
    ada.join()
    listening = client().pubsub(ignore_subscribe_messages=True)
    listening.subscribe(key("m:p1"))
    listening.get_message(timeout=2)
    old = ada.conn
    ada.reconnect(conn="p2|ada")
    message = None
    while message is None:
        message = listening.get_message(timeout=2)
    listening.close()
    party, _seq, _epoch, _cid, kind, frame = message["data"].split("\n")
    assert (party, kind) == (ada.party, "x")
    assert f'"conn":"{old}"' in frame
    assert '"kind":"replaced"' in frame


def test_the_same_join_key_takes_over_from_the_first_socket() -> None:
    ada = Customer("ada")
    ada.join(join_key="k" * 20)
    again = Customer("ada-again")
    again.join(id="another", join_key="k" * 20)
    with refused("replaced"):
        ada.box()
    assert again.box() == []
    assert client().zcard(key("line")) == 1


def test_after_a_wipe_an_old_socket_can_write_nothing_either() -> None:
    ada, deniz = a_call()
    client().flushall()
    settle()
    before = contents()
    for party, conn in ((ada.party, ada.conn), (deniz.party, deniz.conn)):
        with pytest.raises(DomainError):
            execute(EITHER["relay"](party, conn, ada.cid))
    assert contents() == before
