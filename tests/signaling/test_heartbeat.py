"""Pings and silence, swept for the whole process."""

from __future__ import annotations

from contextlib import suppress

import pytest
from websockets.exceptions import ConnectionClosed

from signaling.hub import heartbeat
from signaling.hub.hub import get_hub
from tests.signaling.client import Site


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "HEARTBEAT_SECS", 0.3)
    monkeypatch.setattr(heartbeat, "SILENCE_SECS", 2.0)


async def test_the_server_pings_and_silence_is_4408(site: Site) -> None:
    customer = await site.customer()
    ping = await customer.expect("ping")
    assert ping["t"] > 1_600_000_000_000
    assert await customer.closed() == 4408
    assert len(customer.came("ping")) >= 2


async def test_any_frame_counts_as_a_sign_of_life(site: Site) -> None:
    by_pong, by_anything = await site.customer(), await site.customer()
    silent = await site.customer()
    for number in range(4):
        await by_pong.expect("ping")
        await by_pong.send("pong", t=number)
        await by_anything.expect("ping")
        await by_anything.send("metrics:reconnect-attempt")
    assert await silent.closed() == 4408
    await by_pong.alive()
    await by_anything.alive()


async def test_a_ping_from_the_client_gets_its_pong(site: Site) -> None:
    customer = await site.customer()
    await customer.send("ping", t=12.5)
    assert await customer.expect("pong") == {"type": "pong", "t": 12.5}
    await customer.send("ping", t="a word")
    assert (await customer.expect("pong"))["t"] == "a word"
    await customer.send("ping")
    assert (await customer.expect("pong"))["t"] is None


async def test_a_socket_that_closed_is_not_kept(site: Site) -> None:
    customer = await site.customer()
    hub = get_hub()
    assert len(hub.registry.connections) == 1
    await customer.close()
    other = await site.customer()
    await other.alive()
    assert len(hub.registry.connections) == 1
    assert not hub.heartbeat._silent


def test_no_task_or_timer_belongs_to_a_connection() -> None:
    """The sweep works on two queues in order of time; nothing of asyncio is made per socket."""
    import inspect

    source = inspect.getsource(heartbeat)
    assert "create_task" not in source
    assert "call_later" not in source


async def test_pings_and_pongs_that_nobody_asked_for_are_no_sign_of_life(site: Site) -> None:
    chatty, silent = await site.customer(), await site.customer()
    with suppress(ConnectionClosed):
        for _ in range(40):
            await chatty.expect("ping")
            await chatty.socket.pong()
            await chatty.socket.ping()
    assert await silent.closed() == 4408
    assert await chatty.closed() == 4408
