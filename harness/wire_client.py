"""One client on the wire, as cheap as Python allows: picows parses frames in C, and nothing here parses JSON twice."""

from __future__ import annotations

import asyncio
import json
import time
from array import array
from typing import Any

from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from harness.stack import Web

SECS = 60.0
ACK_EVERY = 0.25
MARK = b"~"
"""Stands in front of a relayed frame's time (16 hex digits, monotonic ns) and number (8 hex digits)."""

Frame = dict[str, Any]


class Body:
    """The text of a relayed frame around its changing parts: exactly `size` bytes as the sender writes it."""

    def __init__(self, kind: str, size: int) -> None:
        if kind == "chat":
            head, tail = '{"type":"chat:message","id":%08d,"text":"', '"}'
        else:
            candidate = '"sdpMid":"0","sdpMLineIndex":0,"usernameFragment":"abcd"'
            head = '{"type":"rtc:ice:candidate","id":%08d,"gen":1,"candidate":{"candidate":"'
            tail = f'",{candidate}}}}}'
        # JSON knows no leading zeros: ids start high enough to have eight digits.
        self.head, self.tail = head, tail
        fixed = len(head % 10_000_000) + len("~") + 16 + 8 + len(tail)
        self.padding = "x" * max(0, size - fixed)

    def frame(self, number: int) -> bytes:
        stamp = f"~{time.monotonic_ns():016x}{number:08x}"
        return (self.head % (10_000_000 + number) + stamp + self.padding + self.tail).encode()


class WireClient(WSListener):
    """A socket that counts: `sent`, `acked` (durable), `received`, and what must stay 0: `lost`, `doubled`."""

    def __init__(self) -> None:
        self.transport: WSTransport
        self.body: Body | None = None
        self.keeps_sending = False
        self.latencies: array[int] | None = None
        self.sent = self.acked = self.received = self.lost = self.doubled = 0
        self.seq = self.seq_acked = 0
        self._frames: list[Frame] = []
        self._arrived = asyncio.Event()
        self.closed = ""

    # -- opening -------------------------------------------------------------------------------------------------

    @classmethod
    async def connect(
        cls, web: Web, role: str, session: str | None = None, forwarded_for: str | None = None
    ) -> WireClient:
        """Greeted; an operator signs in by cookie. `forwarded_for`: the address, as a proxy of ours would tell it."""
        headers = {"Origin": web.origin, "Sec-WebSocket-Protocol": "adminara.v1"}
        if session is not None:
            headers["Cookie"] = f"adminSession={session}"
        if forwarded_for is not None:
            headers["X-Forwarded-For"] = forwarded_for
        client = cls()
        await ws_connect(
            lambda: client, f"{web.url}/ws/{role}/", extra_headers=headers, websocket_handshake_timeout=SECS
        )
        client.write({"type": "hello", "protocol": 1})
        await client.expect("welcome")
        return client

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self.closed = f"closed: {transport.close_handshake}"
        self._arrived.set()

    def write(self, frame: Frame) -> None:
        self.transport.send(WSMsgType.TEXT, json.dumps(frame).encode())

    async def expect(self, *kinds: str) -> Frame:
        """The next frame of one of these types; others before it are dropped."""
        async with asyncio.timeout(SECS):
            while True:
                while self._frames:
                    frame = self._frames.pop(0)
                    if frame["type"] in kinds:
                        return frame
                    if frame["type"] == "error":
                        raise RuntimeError(f"instead of {', '.join(kinds)} came {frame}")
                if self.closed:
                    raise RuntimeError(f"{self.closed} before {', '.join(kinds)}")
                self._arrived.clear()
                await self._arrived.wait()

    # -- relaying ------------------------------------------------------------------------------------------------

    def send_next(self) -> None:
        """One numbered frame for the peer."""
        assert self.body is not None
        self.sent += 1
        self.transport.send(WSMsgType.TEXT, self.body.frame(self.sent))

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type != WSMsgType.TEXT:
            if frame.msg_type == WSMsgType.CLOSE:
                transport.disconnect()
            return
        text = frame.get_payload_as_bytes()
        if text.startswith(b'{"type":"ack"'):
            self.acked += 1
            if self.keeps_sending:
                self.send_next()
            return
        at = text.find(MARK)
        if at >= 0:
            self._relayed(text, at)
        else:
            self._other(json.loads(text))

    def _relayed(self, text: bytes, at: int) -> None:
        number = int(text[at + 17 : at + 25], 16)
        if number == self.received + 1:
            self.received = number
        elif number <= self.received:
            self.doubled += 1
        else:
            self.lost += number - self.received - 1
            self.received = number
        start = text.find(b'"seq":') + 6
        self.seq = int(text[start : text.find(b",", start)])
        if self.latencies is not None:
            self.latencies.append(time.monotonic_ns() - int(text[at + 1 : at + 17], 16))

    def _other(self, frame: Frame) -> None:
        kind = frame["type"]
        if kind == "ping":
            self.write({"type": "pong", "t": frame["t"]})
            return
        if "seq" in frame:
            self.seq = max(self.seq, frame["seq"])
        self._frames.append(frame)
        del self._frames[:-50]
        self._arrived.set()

    def acknowledge(self) -> None:
        """Cumulative, when there is something new."""
        if self.seq > self.seq_acked and not self.closed:
            self.seq_acked = self.seq
            self.transport.send(WSMsgType.TEXT, b'{"type":"ack","seq":%d}' % self.seq)

    def close(self) -> None:
        self.transport.disconnect()
