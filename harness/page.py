"""A page as a model: it keeps one socket, comes back when that is lost, sends again, and remembers what it was shown.

What a browser's page does (static/js/net), as far as the wire is concerned. `faults` is what must stay empty: frames
doubled, missing or out of order on one socket, and whatever a subclass finds.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from picows import WSError, WSFrame, WSMsgType, WSTransport, ws_connect

from harness.programs import Web
from harness.wire_client import Frame, WireClient

DELAYS = (0.1, 0.3, 0.8, 2.0, 3.0)
KEEP_SECS = 10.0
WELCOME_SECS = 5.0
TERMINAL = {4400: "bad hello", 4401: "session over", 4403: "origin", 4409: "replaced"}


class Wire(WireClient):
    """One socket of a page."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self.page = page
        self.code = 1006
        self.up = False
        self.gone = asyncio.Event()

    def on_ws_connected(self, transport: WSTransport) -> None:
        super().on_ws_connected(transport)
        self.up = True

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.TEXT:
            self.page.take(self, json.loads(frame.get_payload_as_bytes()))
        elif frame.msg_type == WSMsgType.CLOSE:
            self.code = int(frame.get_close_code())
            transport.disconnect()

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self.closed = f"closed with {self.code}"
        self.up = False
        self.gone.set()
        self.page.woken()

    def tell(self, frame: Frame) -> None:
        if self.up:
            self.write(frame)

    def close(self) -> None:
        if self.up:
            super().close()


@dataclass
class Sent:
    frame: Frame
    acked_at: float | None = None


@dataclass
class Page:
    """`webs`: where it may connect, tried in turn. `times` collects latencies in seconds by step."""

    webs: Sequence[Web]
    name: str
    times: Callable[[str, float], None] = lambda step, secs: None
    faults: list[str] = field(default_factory=list)
    finished: bool = False
    conversation: str | None = None
    epoch: int | None = None
    last_seq: int = 0
    numbered: int = 0
    """Numbered frames taken, over all epochs."""
    acks: int = 0
    sockets: int = 0
    reconnects: int = 0
    refusals: list[Frame] = field(default_factory=list)
    sent: dict[int, Sent] = field(default_factory=dict)
    heard: dict[str, dict[int, str]] = field(default_factory=dict)
    """Lines of the peer by conversation and the peer's id, as they stand on the page."""
    role = "customer"

    def __post_init__(self) -> None:
        self.wire: Wire | None = None
        self.redrawn = False
        self._begins_anew = False
        self.welcomed = False
        self._lost_at = time.monotonic()
        self._acked = 0
        self._next = 0
        self._turn = random.randrange(len(self.webs))
        self._retry_after = 0.0
        self._changed = asyncio.Event()
        self._open_again = asyncio.Event()
        self._open_again.set()

    # -- connecting ----------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Until `finish`; connects, and connects again."""
        attempt = 0
        while not self.finished:
            await self._open_again.wait()
            if self.finished:
                return
            wire = self.wire = Wire(self)
            self.welcomed = False
            try:
                await self._open(wire)
                await self.until(lambda wire=wire: self.welcomed or wire.gone.is_set(), WELCOME_SECS)  # type: ignore[misc]
                attempt = 0 if self.welcomed else attempt
                await wire.gone.wait()
            except (OSError, TimeoutError, WSError):
                wire.close()
            if self.welcomed:
                self._lost_at = time.monotonic()
            self.welcomed = False
            if not self.finished:
                if wire.code in TERMINAL:
                    self.fault(f"was closed with {wire.code} ({TERMINAL[wire.code]})")
                    return
                self.reconnects += 1
                await asyncio.sleep(self._delay(attempt))
                attempt += 1

    async def _open(self, wire: Wire) -> None:
        self._turn += 1
        web = self.webs[self._turn % len(self.webs)]
        headers = {"Origin": web.origin, "Sec-WebSocket-Protocol": "adminara.v1", **self.headers()}
        await ws_connect(
            lambda: wire, f"{web.url}/ws/{self.role}/", extra_headers=headers, websocket_handshake_timeout=WELCOME_SECS
        )
        self.sockets += 1
        wire.tell({"type": "hello", "protocol": 1, **self.memory()})

    def _delay(self, attempt: int) -> float:
        if self._retry_after:
            asked, self._retry_after = self._retry_after, 0.0
            return asked * (1 + random.random() / 2)
        return DELAYS[min(attempt, len(DELAYS) - 1)] * random.uniform(0.8, 1.2)

    def headers(self) -> dict[str, str]:
        return {}

    def memory(self) -> Frame:
        """`resume` of the hello."""
        raise NotImplementedError

    @property
    def is_closed(self) -> bool:
        return not self._open_again.is_set()

    def close(self) -> None:
        """As somebody closes a page who means to open it again: `reopen`."""
        self._open_again.clear()
        if self.wire is not None:
            self.wire.close()

    def reopen(self) -> None:
        self._open_again.set()

    def finish(self) -> None:
        self.finished = True
        self._open_again.set()
        if self.wire is not None:
            self.acknowledge()
            self.wire.close()

    def woken(self) -> None:
        """Something changed that somebody may wait for."""
        self._changed.set()

    async def until(self, done: Callable[[], bool], secs: float | None = None) -> None:
        """Returns when `done`; TimeoutError after `secs`."""
        async with asyncio.timeout(secs):
            while not done():
                self._changed.clear()
                await self._changed.wait()

    # -- what comes ----------------------------------------------------------------------------------------------

    def take(self, wire: Wire, frame: Frame) -> None:
        """A frame from the server, of the current socket or of one that is about to close."""
        if wire is not self.wire or self.finished:
            return
        kind = frame["type"]
        if "seq" in frame and kind != "resync" and not self._in_order(frame):
            return
        handler = getattr(self, f"on_{kind.replace(':', '_')}", None)
        if handler is not None:
            handler(frame)
        self._changed.set()

    def _in_order(self, frame: Frame) -> bool:
        seq = frame["seq"]
        if seq != self.last_seq + 1:
            self.fault(f"{frame['type']} came with number {seq} after {self.last_seq}")
            return False
        self.last_seq = seq
        self.numbered += 1
        return True

    def on_ping(self, frame: Frame) -> None:
        self.tell({"type": "pong", "t": frame["t"]})

    def on_welcome(self, frame: Frame) -> None:
        self.welcomed = True
        if frame["resumed"]:
            self.send_again(frame["last_id"])
        elif frame["epoch"] is not None:
            self._begin_epoch(frame["epoch"], 0)
            self._begins_anew = True

    def on_resync(self, frame: Frame) -> None:
        """After a welcome, or on an open socket: of a conversation that somebody else had before."""
        self._begin_epoch(frame["epoch"], frame["seq"])
        self._next = max(self._next, frame["last_id"])
        anew, self._begins_anew = self._begins_anew, False
        self.redrawn = self.redrawn or anew
        state = frame["state"]
        for line in state["transcript"]:
            if line["from"] != self.role:
                self.heard.setdefault(state["conversation"], {})[line["id"]] = line["text"]
        self.drawn(state)
        if anew:
            self.send_again(frame["last_id"])

    def _begin_epoch(self, epoch: int, seq: int) -> None:
        self.epoch, self.last_seq, self._acked = epoch, seq, seq

    def drawn(self, state: Frame) -> None:
        """The page was drawn from nothing."""

    def on_error(self, frame: Frame) -> None:
        if frame.get("retry_after"):
            self._retry_after = float(frame["retry_after"])
        if isinstance(frame.get("ref"), int):
            self.refused(frame)

    def refused(self, frame: Frame) -> None:
        """A frame of ours was not taken."""
        sent = self.sent.get(frame["ref"])
        if sent is not None and sent.acked_at is None and not frame["retryable"]:
            self.fault(f"{sent.frame} was refused: {frame['code']}")

    def on_chat_message(self, frame: Frame) -> None:
        lines = self.heard.setdefault(frame["conversation"], {})
        if frame["id"] in lines and not self.redrawn:
            # After a resync it may come again, as what Redis had forgotten: the page knows it by its id.
            self.fault(f"was shown {frame['text']} twice")
        elif lines and frame["id"] < max(lines) and not self.redrawn:
            self.fault(f"was shown {frame['text']} after later ones")
        lines[frame["id"]] = frame["text"]

    # -- what goes -----------------------------------------------------------------------------------------------

    def tell(self, frame: Frame) -> None:
        if self.wire is not None:
            self.wire.tell(frame)

    def send(self, frame: Frame) -> int:
        """A numbered frame: kept until it is surely stored."""
        self._next += 1
        numbered = {**frame, "id": self._next}
        self.sent[self._next] = Sent(numbered)
        if self.welcomed:
            self.tell(numbered)
        return self._next

    def on_ack(self, frame: Frame) -> None:
        sent = self.sent.get(frame["id"])
        if sent is not None and sent.acked_at is None:
            sent.acked_at = time.monotonic()
            self.acks += 1

    def send_again(self, last_id: int) -> None:
        """What was not acknowledged, and what a killed Redis may have forgotten of its last second. As pages do it,
        frames are kept for ten seconds with a connection, however long an outage lasts."""
        self._next = max(self._next, last_id)
        for number, sent in self.sent.items():
            forgotten = sent.acked_at is not None and number > last_id and self._lost_at - sent.acked_at < KEEP_SECS
            if sent.acked_at is None or forgotten:
                self.tell(sent.frame)

    def acknowledge(self) -> None:
        if self.welcomed and self.last_seq > self._acked:
            self._acked = self.last_seq
            self.tell({"type": "ack", "seq": self.last_seq})

    def fault(self, sentence: str) -> None:
        self.faults.append(f"{self.role} {self.name}: {sentence}")
