"""A client of the wire for tests: what a stranger would write from docs/protocol.md alone."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.signaling.conformance import fault

SECS = 5.0
Frame = dict[str, Any]


class Peer:
    """One socket. Frames that were not asked for yet are kept in `seen` and `_waiting`, in order."""

    def __init__(self, socket: ClientConnection, origin: str, session: str | None = None) -> None:
        self.socket = socket
        self.origin = origin
        self.session = session
        self.secs = SECS
        self.seen: list[Frame] = []
        self.faults: list[str] = []
        self._fresh: asyncio.Queue[Frame | None] = asyncio.Queue()
        self._waiting: list[Frame] = []
        self._reader = asyncio.create_task(self._read())
        self._id = 0

    async def _read(self) -> None:
        try:
            async for text in self.socket:
                frame = json.loads(text)
                self.seen.append(frame)
                if (strange := fault(frame)) is not None:
                    self.faults.append(strange)
                self._fresh.put_nowait(frame)
        except ConnectionClosed:
            pass
        self._fresh.put_nowait(None)

    async def send(self, kind: str, **fields: Any) -> None:
        await self.raw(json.dumps({"type": kind, **fields}, ensure_ascii=False))

    async def raw(self, data: str | bytes) -> None:
        await self.socket.send(data)

    async def numbered(self, kind: str, **fields: Any) -> int:
        """Sends with the next id and returns when the server has acknowledged it."""
        self._id += 1
        await self.send(kind, id=self._id, **fields)
        await self.expect("ack", id=self._id)
        return self._id

    async def expect(self, kind: str, **fields: Any) -> Frame:
        """The next frame of that type (and with these fields); others before it stay for later."""
        for index, frame in enumerate(self._waiting):
            if matches(frame, kind, fields):
                return self._waiting.pop(index)
        wanted = f"{kind} {fields or ''}"
        try:
            async with asyncio.timeout(self.secs):
                while True:
                    frame = await self._fresh.get()
                    if frame is None:
                        self._fresh.put_nowait(None)
                        raise AssertionError(
                            f"closed with {self.socket.close_code} before {wanted} came: {self.tail()}"
                        )
                    if matches(frame, kind, fields):
                        return frame
                    self._waiting.append(frame)
        except TimeoutError:
            raise AssertionError(f"{wanted} did not come; last frames: {self.tail()}") from None

    def tail(self) -> str:
        """The end of what was received."""
        return json.dumps(self.seen)[-1500:]

    async def next(self) -> Frame | None:
        """The next frame whatever it is; None when the connection has ended."""
        async with asyncio.timeout(self.secs):
            frame = self._waiting.pop(0) if self._waiting else await self._fresh.get()
        if frame is None:
            self._fresh.put_nowait(None)
        return frame

    async def error(self, code: str, **fields: Any) -> Frame:
        return await self.expect("error", code=code, **fields)

    async def closed(self) -> int:
        """The close code, when the server closes."""
        async with asyncio.timeout(self.secs):
            await self.socket.wait_closed()
        await self._reader
        assert self.socket.close_code is not None
        return self.socket.close_code

    async def alive(self) -> None:
        """Proves that the socket still serves: everything sent before was handled."""
        await self.send("ping", t=self._id)
        await self.expect("pong")

    @property
    def gone(self) -> bool:
        """The connection has ended."""
        return self._reader.done()

    async def closed_by_network(self) -> None:
        """Returns when the connection is lost, whoever lost it."""
        async with asyncio.timeout(self.secs):
            await self._reader

    def came(self, kind: str) -> list[Frame]:
        return [frame for frame in self.seen if frame["type"] == kind]

    async def hello(self, **fields: Any) -> Frame:
        await self.send("hello", protocol=1, **fields)
        welcome = await self.expect("welcome")
        self.count_from(welcome["last_id"])
        return welcome

    def count_from(self, last_id: int) -> None:
        """A page that was reloaded goes on above what the server has stored of it."""
        self._id = max(self._id, last_id)

    async def join(self, name: str = "Ada", media: str = "video", **fields: Any) -> Frame:
        await self.send("queue:join", name=name, media=media, **fields)
        return await self.expect("queue:joined")

    async def close(self) -> None:
        await self.socket.close()
        await self._reader

    async def cut(self) -> None:
        """Loses the connection as a dead network would."""
        self.socket.transport.abort()
        await self.socket.wait_closed()
        await self._reader


def matches(frame: Frame, kind: str, fields: Frame) -> bool:
    return frame["type"] == kind and all(frame.get(name) == value for name, value in fields.items())


class Site:
    """A served application; opens sockets to it and closes them in the end."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.origin = f"http://localhost:{port}"
        self._peers: list[Peer] = []

    async def open(
        self,
        role: str,
        *,
        origin: str | None = None,
        cookie: str | None = None,
        subprotocol: str | None = "adminara.v1",
    ) -> Peer:
        headers = {"Cookie": f"adminSession={cookie}"} if cookie else {}
        socket = await connect(
            f"ws://localhost:{self.port}/ws/{role}/",
            host="127.0.0.1",
            origin=origin or self.origin,  # type: ignore[arg-type]
            subprotocols=[subprotocol] if subprotocol else None,  # type: ignore[list-item]
            additional_headers=headers,
            max_size=None,
            compression=None,
            ping_interval=None,
        )
        peer = Peer(socket, origin or self.origin, cookie)
        self._peers.append(peer)
        return peer

    async def customer(self, **hello: Any) -> Peer:
        """Greeted; without `resume` a stranger."""
        peer = await self.open("customer")
        await peer.hello(**hello)
        return peer

    async def operator(self, session: str, **hello: Any) -> Peer:
        """Signed in by cookie and greeted."""
        peer = await self.open("operator", cookie=session)
        await peer.hello(**hello)
        return peer

    async def call(self, session: str, **join: Any) -> tuple[Peer, Peer, Frame]:
        """(customer, operator, the customer's queue:joined) in a running conversation."""
        operator = await self.operator(session)
        customer = await self.customer()
        joined = await customer.join(**join)
        await operator.send("operator:available", available=True)
        await operator.expect("queue:ready")
        await customer.expect("queue:ready")
        return customer, operator, joined

    async def close(self) -> None:
        for peer in self._peers:
            await peer.close()
        faults = [fault for peer in self._peers for fault in peer.faults]
        assert not faults, faults
