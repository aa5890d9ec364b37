"""Redis stops and comes back: everybody is told before being closed, returns by itself, and has lost nothing."""

from __future__ import annotations

import asyncio

import pytest

from tests.signaling.client import Peer
from tests.signaling.processes import Fleet, Returning, come_back

pytestmark = pytest.mark.xdist_group("fleet")


async def told_and_closed(peer: Peer) -> None:
    """`error` with a time to wait comes first, since some servers drop the reason of a close."""
    error = await peer.error("store_unavailable")
    assert error["retryable"] is True
    assert error["retry_after"] > 0
    assert error["message"]
    assert await peer.closed() == 4503


async def test_redis_killed_and_back_keeps_calls_and_places(fleet: Fleet) -> None:
    a, b = fleet.webs["a"], fleet.webs["b"]
    operator = await b.operator(fleet.session())
    session = operator.session
    caller = await a.customer()
    call = Returning(caller, await caller.join("Ada"))
    await operator.send("operator:available", available=True)
    await caller.expect("queue:ready")
    waiting = [
        Returning(peer, await peer.join(name))
        for peer, name in [(await a.customer(), "Bob"), (await b.customer(), "Cem")]
    ]
    await operator.numbered("chat:message", text="before")
    await caller.expect("chat:message", text="before")

    await asyncio.to_thread(fleet.redis.await_written)
    fleet.redis.kill()
    for peer in (operator, caller, *(page.peer for page in waiting)):
        await told_and_closed(peer)
    stranger = await a.open("customer")
    await told_and_closed(stranger)

    fleet.redis.start()
    await come_back(b, "customer")
    # Redis may have forgotten its last second, so everybody draws anew, in the same place.
    welcome = await call.come_back(a)
    assert welcome["resumed"] is False
    state = (await call.peer.expect("resync"))["state"]
    assert (state["phase"], state["conversation"]) == ("active", call.joined["conversation"])
    assert [line["text"] for line in state["transcript"]] == ["before"]
    back = await come_back(b, "operator", session)
    state = (await back.expect("resync"))["state"]
    assert (state["phase"], state["conversation"]) == ("active", call.joined["conversation"])
    for place, page in reversed(list(enumerate(waiting, 1))):
        await page.come_back((a, b)[place % 2])
        state = (await page.peer.expect("resync"))["state"]
        assert (state["phase"], state["position"]) == ("waiting", place)
    await back.numbered("chat:message", text="after")
    await call.peer.expect("chat:message", text="after")
    await back.numbered("call:end")
    await waiting[0].peer.expect("queue:ready")
    await waiting[1].peer.expect("queue:position", position=1)


async def test_a_frozen_redis_is_answered_in_bounded_time(fleet: Fleet) -> None:
    a = fleet.webs["a"]
    customer = await a.customer()
    page = Returning(customer, await customer.join("Ada"))
    fleet.redis.pause()
    await customer.send("queue:leave", id=1)
    await told_and_closed(customer)
    fleet.redis.resume()
    await come_back(a, "customer")
    # Nothing was lost with it: the same numbers go on.
    assert (await page.come_back(a))["resumed"] is True


async def test_a_wiped_redis_gives_places_back_by_their_tokens(fleet: Fleet) -> None:
    a, b = fleet.webs["a"], fleet.webs["b"]
    peers = [(await a.customer(), "Ada"), (await b.customer(), "Bob")]
    pages = [Returning(peer, await peer.join(name)) for peer, name in peers]
    fleet.redis.wipe()
    for page in pages:
        assert await page.peer.closed() == 1012
    for place, page in reversed(list(enumerate(pages, 1))):
        await page.resume(b)
        await page.peer.expect("resync")
        if place == 1:
            await page.peer.expect("queue:position", position=1, waiting=2)
            await pages[1].peer.expect("queue:position", position=2, waiting=2)


async def test_a_redis_that_lost_its_disk_gives_calls_and_places_back(fleet: Fleet) -> None:
    """Both sides of a running call, on two processes, and who waits, come back to an empty Redis by their tokens."""
    a, b = fleet.webs["a"], fleet.webs["b"]
    operator = await b.operator(fleet.session())
    session = operator.session
    caller = await a.customer()
    call = Returning(caller, await caller.join("Ada"))
    await operator.send("operator:available", available=True)
    await caller.expect("queue:ready")
    waiting = [
        Returning(peer, await peer.join(name))
        for peer, name in [(await a.customer(), "Bob"), (await b.customer(), "Cem")]
    ]
    await asyncio.to_thread(fleet.record)

    fleet.redis.kill()
    fleet.redis.forget()
    for peer in (operator, caller, *(page.peer for page in waiting)):
        await told_and_closed(peer)
    fleet.redis.start()
    await come_back(b, "customer")

    # The operator comes first, to an empty desk, and is told when the call is back.
    back = await come_back(b, "operator", session)
    await waiting[1].come_back(b)
    await call.come_back(a)
    state = (await call.peer.expect("resync"))["state"]
    assert (state["phase"], state["conversation"]) == ("active", call.joined["conversation"])
    while (await back.expect("resync"))["state"]["phase"] != "active":
        pass
    await waiting[0].come_back(a)
    for place, page in enumerate(waiting, 1):
        await page.peer.expect("queue:position", position=place, waiting=2)
    await back.numbered("chat:message", text="after")
    await call.peer.expect("chat:message", text="after")
    await call.say("and back")
    await back.expect("chat:message", text="and back")
    await back.numbered("call:end")
    await waiting[0].peer.expect("queue:ready")
