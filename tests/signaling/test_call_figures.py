"""Figures of calls are those of the whole system, whichever processes its parties are on and whichever is asked."""

from __future__ import annotations

import asyncio
import re
from urllib.request import urlopen

import pytest

from tests.signaling.client import Peer
from tests.signaling.processes import Fleet, Web
from tests.signaling.test_processes import call_over

pytestmark = pytest.mark.xdist_group("fleet")
NAMES = (
    "webrtc_call_setup_seconds_count",
    "webrtc_reconnect_seconds_count",
    'webrtc_reconnect_seconds_bucket{le="+Inf"}',
    "webrtc_calls_attempted_last_hour",
    "webrtc_calls_connected_last_hour",
    "webrtc_calls_measured",
    'webrtc_failovers_total{kind="process"}',
    'webrtc_failovers_total{kind="turn"}',
    "active_calls",
)


async def scrape(web: Web) -> dict[str, float]:
    def read() -> str:
        with urlopen(f"http://127.0.0.1:{web.port}/metrics", timeout=10) as response:
            return str(response.read().decode())

    lines = dict(re.findall(r"^([^#\s]\S*) (\S+)$", await asyncio.to_thread(read), re.MULTILINE))
    return {name: float(lines[name]) for name in NAMES}


async def report(peer: Peer, state: str, **more: str) -> None:
    await peer.send("call:state", state=state, **more)
    await peer.alive()


async def changes(fleet: Fleet, before: dict[str, float]) -> dict[str, float]:
    """What came since `before`, told alike by both processes."""
    a, b = await asyncio.gather(scrape(fleet.webs["a"]), scrape(fleet.webs["b"]))
    assert a == b
    return {name: a[name] - before[name] for name in NAMES if a[name] != before[name]}


async def test_both_processes_tell_the_same_and_count_once(fleet: Fleet) -> None:
    a, b = fleet.webs["a"], fleet.webs["b"]
    customer, operator, joined = await call_over(a, b, fleet.session())
    before = await scrape(a)
    await asyncio.gather(report(customer, "connecting"), report(operator, "connecting"))
    await asyncio.gather(report(customer, "connected"), report(operator, "connected"))
    tried = {"webrtc_calls_attempted_last_hour": 1, "webrtc_calls_connected_last_hour": 1}
    assert await changes(fleet, before) == {"webrtc_call_setup_seconds_count": 1, **tried}

    for peer in (customer, operator):
        await report(peer, "reconnecting", step="restart", reason="silence")
        await report(peer, "connected")
        await peer.send("call:stats", rtt_ms=40.0, region="eu")
    await asyncio.gather(customer.alive(), operator.alive())
    reconnects = {"webrtc_reconnect_seconds_count": 2, 'webrtc_reconnect_seconds_bucket{le="+Inf"}': 2}
    expected = {"webrtc_call_setup_seconds_count": 1, **tried, **reconnects, "webrtc_calls_measured": 1}
    assert await changes(fleet, before) == expected

    await customer.send("call:stats", rtt_ms=40.0, region="us")
    await customer.alive()
    again = await b.customer(resume={"token": joined["token"]})
    await again.expect("resync")
    expected |= {'webrtc_failovers_total{kind="process"}': 1, 'webrtc_failovers_total{kind="turn"}': 1}
    assert await changes(fleet, before) == expected
