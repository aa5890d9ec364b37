"""Two web processes are one system, also while one of them dies, sleeps or comes back."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.signaling.client import Peer
from tests.signaling.processes import LEASE_SECS, Fleet, Returning, Web

pytestmark = pytest.mark.xdist_group("fleet")


async def call_over(customers: Web, operators: Web, session: str) -> tuple[Peer, Peer, dict[str, Any]]:
    """A running conversation whose customer is on one process and whose operator is on the other."""
    operator = await operators.operator(session)
    customer = await customers.customer()
    joined = await customer.join("Ada")
    await operator.send("operator:available", available=True)
    await operator.expect("queue:ready")
    await customer.expect("queue:ready")
    return customer, operator, joined


def texts(peer: Peer) -> list[str]:
    return [frame["text"] for frame in peer.came("chat:message")]


async def hear(peer: Peer, text: str) -> None:
    """Reads up to a line."""
    await peer.expect("chat:message", text=text)


async def test_frames_cross_in_order_both_ways(fleet: Fleet) -> None:
    a, b = fleet.webs["a"], fleet.webs["b"]
    customer, operator, joined = await call_over(a, b, fleet.session())
    for number in range(1, 101):
        await customer.send("chat:message", id=number, text=f"c{number}")
        await operator.send("chat:message", id=number, text=f"o{number}", conversation=joined["conversation"])
    await hear(operator, "c100")
    await hear(customer, "o100")
    assert texts(operator) == [f"c{number}" for number in range(1, 101)]
    assert texts(customer) == [f"o{number}" for number in range(1, 101)]
    assert [frame["seq"] for frame in customer.came("chat:message")] == list(range(2, 102))
    await customer.send("chat:typing", on=True)
    await operator.expect("chat:typing", on=True)
    await customer.send("call:stats", rtt_ms=12, region="eu")
    await operator.expect("call:stats", rtt_ms=12)
    await customer.send("call:stats")
    await operator.expect("call:stats")
    await operator.send("call:end", id=101, reason="hangup")
    await customer.expect("peer:presence", state="left")
    assert (await customer.expect("call:ended"))["reason"] == "hangup"
    assert operator.came("peer:presence") == []


async def test_takeover_across_processes_fences_the_older_socket(fleet: Fleet) -> None:
    a, b = fleet.webs["a"], fleet.webs["b"]
    customer, operator, joined = await call_over(a, b, fleet.session())
    page = Returning(customer, joined)
    welcome = await page.resume(b)
    assert welcome["resumed"] is True
    assert await customer.closed() == 4409
    await page.say("from the new socket")
    await hear(operator, "from the new socket")
    await operator.numbered("chat:message", text="to the new socket")
    await hear(page.peer, "to the new socket")


async def test_one_console_per_operator_over_all_processes(fleet: Fleet) -> None:
    a, b = fleet.webs["a"], fleet.webs["b"]
    session = fleet.session()
    first = await a.operator(session)
    await first.send("operator:available", available=True)
    await first.expect("operator:state", available=True)
    second = await b.operator(session)
    assert await first.closed() == 4409
    state = await second.expect("operator:state")
    assert state["available"] is True
    customer = await a.customer()
    await customer.join("Ada")
    await second.expect("queue:ready")


async def test_ten_sockets_with_one_token_leave_one(fleet: Fleet) -> None:
    a, b = fleet.webs["a"], fleet.webs["b"]
    customer, operator, joined = await call_over(a, b, fleet.session())
    memory = {"token": joined["token"], "epoch": joined["epoch"], "last_seq": 1}
    sockets = [await (a, b)[number % 2].open("customer") for number in range(10)]
    await asyncio.gather(*(socket.send("hello", protocol=1, resume=memory) for socket in sockets))
    await asyncio.gather(*(socket.expect("welcome", resumed=True) for socket in sockets))
    assert await customer.closed() == 4409
    closed = {asyncio.create_task(socket.closed()): socket for socket in sockets}
    done: set[Any] = set()
    while len(done) < 9:
        finished, _rest = await asyncio.wait(set(closed) - done, return_when=asyncio.FIRST_COMPLETED, timeout=5)
        assert finished
        done |= finished
    assert {task.result() for task in done} == {4409}
    (last,) = (socket for task, socket in closed.items() if task not in done)
    await last.numbered("chat:message", text="the one that is left")
    await hear(operator, "the one that is left")
    for task in closed:
        task.cancel()


async def test_a_process_killed_in_a_conversation_loses_and_doubles_nothing(fleet: Fleet) -> None:
    a, b = fleet.webs["a"], fleet.webs["b"]
    customer, operator, joined = await call_over(a, b, fleet.session())
    page = Returning(customer, joined)

    async def both_talk(first: int, last: int) -> None:
        for number in range(first, last):
            if not page.peer.gone:
                await page.say(f"c{number}")
            await operator.send("chat:message", id=number, text=f"o{number}")

    await both_talk(1, 40)
    a.kill()  # in the middle: much of it is not acknowledged yet
    await customer.closed_by_network()
    await both_talk(40, 60)
    assert (await page.resume(b))["resumed"] is True
    await both_talk(60, 80)
    await hear(operator, "c79")
    await hear(page.peer, "o79")
    page.take()
    assert page.lines == [f"o{number}" for number in range(1, 80)]
    assert texts(operator) == list(page.sent.values())


async def test_a_killed_process_is_noticed_and_its_calls_wait_for_their_parties(fleet: Fleet) -> None:
    a, b = fleet.webs["a"], fleet.webs["b"]
    customer, operator, joined = await call_over(b, a, fleet.session())
    epoch = operator.came("welcome")[0]["epoch"]
    a.kill()
    away = await customer.expect("peer:presence", state="away")
    assert away["grace_s"] > 0
    await customer.numbered("chat:message", text="are you there?")
    back = await b.open("operator", cookie=operator.session)
    welcome = await back.hello(resume={"epoch": epoch, "last_seq": 1})
    assert (welcome["resumed"], welcome["missed"]) == (True, 1)
    await hear(back, "are you there?")
    await customer.expect("peer:presence", state="connected")
    assert (await back.expect("operator:state"))["conversation"] == joined["conversation"]


async def test_a_frozen_process_cannot_write_for_a_party_that_went_elsewhere(fleet: Fleet) -> None:
    a, b = fleet.webs["a"], fleet.webs["b"]
    moving, first, joined = await call_over(a, b, fleet.session())
    page = Returning(moving, joined)
    staying, second, other = await call_over(a, b, fleet.session())
    waiting = Returning(staying, other)
    a.freeze()
    await moving.send("chat:message", id=900, text="written into the frozen socket")
    await second.expect("peer:presence", state="away")  # the lease has run out
    await second.numbered("chat:message", text="while it slept")
    await page.resume(b)
    await page.say("from the other process")
    await hear(first, "from the other process")
    a.thaw()
    assert await moving.closed() == 4409
    await page.say("still here")
    await hear(first, "still here")
    assert texts(first) == ["from the other process", "still here"]
    # Who stayed is sent away too, since the others gave the process up, and comes back to all that was kept.
    assert await staying.closed() == 1012
    assert (await waiting.resume(a))["resumed"] is True
    await hear(waiting.peer, "while it slept")


async def test_a_short_sleep_ends_nothing(fleet: Fleet) -> None:
    a, b = fleet.webs["a"], fleet.webs["b"]
    customer, operator, _joined = await call_over(a, b, fleet.session())
    a.freeze()
    await operator.numbered("chat:message", text="patience")
    await asyncio.sleep(LEASE_SECS / 4)  # the time itself is what is tested
    a.thaw()
    await hear(customer, "patience")
    await customer.numbered("chat:message", text="back")
    await hear(operator, "back")
    assert operator.came("peer:presence") == []
    assert not customer.gone


async def test_a_stopped_process_sends_its_sockets_elsewhere(fleet: Fleet) -> None:
    """A deploy: SIGTERM closes with 1012, and the other process goes on at once."""
    a, b = fleet.webs["a"], fleet.webs["b"]
    customer, operator, joined = await call_over(a, b, fleet.session())
    page = Returning(customer, joined)
    await asyncio.to_thread(a.stop)
    assert await customer.closed() == 1012
    assert (await page.resume(b))["resumed"] is True
    await page.say("moved")
    await hear(operator, "moved")
