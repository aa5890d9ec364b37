"""Both parties as our pages are: they come back to any process, send again what may be lost, show each line once."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Callable
from typing import Any

from websockets.exceptions import ConnectionClosed, InvalidHandshake

from tests.signaling.client import Frame, Peer, Site

PAUSE_SECS = 0.05
RETURN_SECS = 40.0


class Page:
    """A party that talks all the time and reads all the time, over as many sockets as it takes.

    `sent` are its lines by id; `heard` those of the other side, as the page would show them: what `resync` lists, then
    what came. (A transcript keeps 500 lines: say less.) `faults`: what must never happen, a line twice or a gap.
    """

    def __init__(self, role: str, sites: list[Site], cookie: str | None = None) -> None:
        self.role = role
        self.sites = itertools.cycle(sites)
        self.cookie = cookie
        self.resume: dict[str, Any] = {}
        self.sent: dict[int, str] = {}
        self.heard: dict[int, str] = {}
        self.faults: list[str] = []
        self.closes: list[int] = []
        self.phase: tuple[str, int | None] = ("", None)
        self.ended = False
        self.resyncs = 0
        self.presence: list[str] = []
        self._acked: set[int] = set()
        self._seq = 0
        self._peer: Peer | None = None
        self._changed = asyncio.Condition()
        self._talking = False

    # -- coming and going ----------------------------------------------------------------------------------------

    async def live(self) -> None:
        """Stays connected until cancelled."""
        while True:
            with contextlib.suppress(OSError, AssertionError, TimeoutError, ConnectionClosed, InvalidHandshake):
                await self._session(next(self.sites))
            await asyncio.sleep(0.05)

    async def _session(self, site: Site) -> None:
        peer = await site.open(self.role, cookie=self.cookie)
        retry_after = 0.0
        try:
            hello = {"resume": {**self.resume, "last_seq": self._seq}} if self.resume else {}
            await peer.send("hello", protocol=1, **hello)
            while (frame := await self._next(peer)) is not None:
                retry_after = frame.get("retry_after", 0.0) if frame["type"] == "error" else retry_after
                await self._take(peer, frame)
        finally:
            self._peer = None
            if peer.socket.close_code is not None:
                self.closes.append(peer.socket.close_code)
            peer.socket.transport.abort()  # when the test is over
        await asyncio.sleep(retry_after)

    async def _next(self, peer: Peer) -> Frame | None:
        peer.secs = 3600.0  # silence is nothing to fail for here
        return await peer.next()

    async def _take(self, peer: Peer, frame: Frame) -> None:
        seq = frame.get("seq", 0) if frame["type"] != "resync" else 0
        if seq:
            if seq <= self._seq:
                return
            if seq != self._seq + 1:
                self.faults.append(f"a gap: {seq} after {self._seq}")
            self._seq = seq
        getattr(self, "on_" + frame["type"].replace(":", "_"), lambda *_: None)(frame)
        if frame["type"] == "welcome":
            self._peer = peer
            await self._send_again(peer, frame["last_id"])
        if seq:
            await peer.send("ack", seq=seq)
        async with self._changed:
            self._changed.notify_all()

    async def _send_again(self, peer: Peer, last_id: int) -> None:
        for number, text in list(self.sent.items()):
            if number not in self._acked or number > last_id:
                self._acked.discard(number)
                await peer.send("chat:message", id=number, text=text)

    # -- what comes ----------------------------------------------------------------------------------------------

    def on_welcome(self, frame: Frame) -> None:
        if not frame["resumed"]:
            self._seq = 0
        if frame["epoch"] is not None:
            self.resume["epoch"] = frame["epoch"]

    def on_resync(self, frame: Frame) -> None:
        state = frame["state"]
        self.resyncs += 1
        self._seq = frame["seq"]
        self.resume["epoch"] = frame["epoch"]
        self.phase = (state["phase"], state["position"])
        self.heard = {line["id"]: line["text"] for line in state["transcript"] if line["from"] != self.role}

    def on_queue_joined(self, frame: Frame) -> None:
        self.resume = {"token": frame["token"], "epoch": frame["epoch"]}
        self.phase = ("waiting", frame["position"])

    def on_queue_position(self, frame: Frame) -> None:
        self.phase = ("waiting", frame["position"])

    def on_queue_ready(self, frame: Frame) -> None:
        self.phase = ("active", None)

    def on_peer_presence(self, frame: Frame) -> None:
        self.presence.append(frame["state"])

    def on_call_ended(self, frame: Frame) -> None:
        self.ended = True
        self.phase = ("ended", None)

    def on_ack(self, frame: Frame) -> None:
        self._acked.add(frame["id"])

    def on_chat_message(self, frame: Frame) -> None:
        if frame["id"] in self.heard:
            self.faults.append(f"line {frame['id']} twice")
        self.heard[frame["id"]] = frame["text"]

    # -- what a test does ----------------------------------------------------------------------------------------

    async def until(self, happened: Callable[[], bool], what: str) -> None:
        """Returns when something that frames bring about is so."""
        try:
            async with asyncio.timeout(RETURN_SECS), self._changed:
                await self._changed.wait_for(happened)
        except TimeoutError:
            raise AssertionError(f"{self.role}: {what} did not come; {self.phase}, {self.closes[-5:]}") from None

    async def say(self, kind: str, **fields: Any) -> None:
        """One frame on the socket of the moment; waits for one."""
        await self.until(lambda: self._peer is not None, "a socket")
        assert self._peer is not None
        await self._peer.send(kind, **fields)

    async def talk(self) -> None:
        """Says a line every moment, connected or not, until `hush`."""
        self._talking = True
        while self._talking:
            number = len(self.sent) + 1
            self.sent[number] = f"{self.role} {number}"
            if self._peer is not None:
                # One that is closing just then: the line is sent again on the next socket.
                with contextlib.suppress(ConnectionClosed):
                    await self._peer.send("chat:message", id=number, text=self.sent[number])
            await asyncio.sleep(PAUSE_SECS)

    def hush(self) -> None:
        self._talking = False

    async def heard_all_of(self, other: Page) -> None:
        """Every line of the other side is here, once, and in order."""
        await self.until(lambda: self.heard == other.sent, f"all {len(other.sent)} lines ({len(self.heard)} are here)")
        assert list(self.heard) == sorted(self.heard)


@contextlib.asynccontextmanager
async def living(*pages: Page) -> Any:
    """The pages are connected, and come back by themselves, inside."""
    tasks = [asyncio.create_task(page.live()) for page in pages]
    try:
        yield
    finally:
        for page in pages:
            page.hush()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
