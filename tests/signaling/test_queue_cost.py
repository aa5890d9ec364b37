"""A change of the queue costs one read per process, however many wait there."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest
import redis

from queueing.live import store
from tests.signaling.client import Peer
from tests.signaling.processes import Fleet

pytestmark = pytest.mark.xdist_group("fleet")

WAITING = 50
PERIODIC = {"tick", "last_seqs"}
"""What a process asks by its own clock, and may ask while the count runs."""


class Monitor:
    """Counts what Redis is asked, script by script, while the context is open."""

    def __init__(self, fleet: Fleet) -> None:
        self._client = redis.Redis(unix_socket_path=str(fleet.redis.socket), decode_responses=True)
        self._names = {store.script(name).sha: name for name in ("positions", "board", "finish", *PERIODIC)}
        self.scripts: Counter[str] = Counter()

    def read_until(self, marker: str) -> None:
        with self._client.monitor() as monitor:
            self.started.set()
            for entry in monitor.listen():
                words = entry["command"].split()
                if marker in words:
                    return
                if entry["client_type"] != "lua" and words[0] == "EVALSHA":
                    self.scripts[self._names.get(words[1], words[1])] += 1

    async def __aenter__(self) -> Monitor:
        self.started = asyncio.Event()
        loop = asyncio.get_running_loop()
        notify, self.started.set = self.started.set, lambda: loop.call_soon_threadsafe(notify)  # type: ignore[method-assign]
        self._task = asyncio.create_task(asyncio.to_thread(self.read_until, "end-of-count"))
        await self.started.wait()
        return self

    async def __aexit__(self, *_: object) -> None:
        with redis.Redis(connection_pool=self._client.connection_pool) as other:
            await asyncio.to_thread(other.echo, "end-of-count")
        await self._task
        self._client.close()


async def test_a_change_costs_one_read_per_process(fleet: Fleet) -> None:
    webs = (fleet.webs["a"], fleet.webs["b"])
    peers = [await webs[number % 2].customer() for number in range(WAITING + 1)]
    await asyncio.gather(*(peer.join(f"Customer {number}") for number, peer in enumerate(peers)))
    await asyncio.gather(*(settled(peer) for peer in peers))
    first = next(peer for peer in peers if place(peer) == 1)
    others = [peer for peer in peers if peer is not first]
    before = {id(peer): place(peer) for peer in others}
    async with Monitor(fleet) as count:
        await first.send("queue:leave")
        for peer in others:
            frame = await peer.expect("queue:position", position=before[id(peer)] - 1)
            assert frame["waiting"] == WAITING
    assert count.scripts["finish"] == 1
    assert count.scripts["positions"] == len(webs)
    assert count.scripts["board"] == 0  # no console is open
    assert set(count.scripts) - PERIODIC == {"finish", "positions"}
    for peer in others:
        await peer.send("queue:leave")
        await peer.expect("queue:left")


async def settled(peer: Peer) -> None:
    """Returns when the page knows of all who wait."""
    if not any(frame.get("waiting") == WAITING + 1 for frame in peer.seen):
        await peer.expect("queue:position", waiting=WAITING + 1)


def place(peer: Peer) -> int:
    return [frame["position"] for frame in peer.seen if "position" in frame][-1]
