"""The short way of whole text frames tells the application the same as uvicorn's own protocol, byte by byte."""

from __future__ import annotations

import asyncio
import os
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import uvicorn

from signaling.connection.send_buffer import DIRECT, Direct
from support.server.direct import DirectProtocol

MASK = b"\x0b\x1c\x2d\x3e"
REQUEST = (
    b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


def frame(
    payload: str | bytes, opcode: int = TEXT, *, final: bool = True, masked: bool = True, reserved: int = 0
) -> bytes:
    """A frame as a client sends it."""
    data = payload.encode() if isinstance(payload, str) else payload
    head = bytes([(0x80 if final else 0) | reserved | opcode])
    bit = 0x80 if masked else 0
    if len(data) < 126:
        head += bytes([bit | len(data)])
    elif len(data) < 65_536:
        head += bytes([bit | 126]) + struct.pack("!H", len(data))
    else:
        head += bytes([bit | 127]) + struct.pack("!Q", len(data))
    if not masked:
        return head + data
    return head + MASK + bytes(byte ^ MASK[index % 4] for index, byte in enumerate(data))


class Application:
    """Hears everything through the short way and says what it is told to."""

    def __init__(self) -> None:
        self.heard: list[str | bytes | None] = []
        self.direct: Direct | None = None
        self.send: Callable[[Any], Awaitable[None]] | None = None
        self.listening = asyncio.Event()
        self.left: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        direct: Any = scope["extensions"][DIRECT]
        assert direct.listen(lambda text, data: self.heard.append(text if text is not None else data))
        self.direct, self.send = direct, send
        self.listening.set()
        while (event := await receive())["type"] != "websocket.disconnect":
            self.heard.append(event["type"])
        self.left.set_result(event)


class Transport(asyncio.Transport):
    """Keeps what was written, one entry per system call."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []
        self.closed = self.paused = False

    def write(self, data: Any) -> None:
        self.written.append(bytes(data))

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def pause_reading(self) -> None:
        self.paused = True

    def resume_reading(self) -> None:
        self.paused = False

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return {"peername": ("127.0.0.1", 1), "sockname": ("127.0.0.1", 2)}.get(name, default)


@pytest.fixture
def generous(settings: Any) -> None:
    """A meter that nothing here exhausts."""
    settings.SOCKET_FRAME_RATE = settings.SOCKET_FRAME_BURST = 1_000_000


@pytest.fixture
def tight(settings: Any) -> None:
    """The limits of production."""
    settings.SOCKET_FRAME_RATE, settings.SOCKET_FRAME_BURST = 30, 60


@pytest.fixture
async def connection() -> AsyncIterator[tuple[DirectProtocol, Application, Transport]]:
    application = Application()
    config = uvicorn.Config(application, ws=DirectProtocol, ws_max_size=1000, ws_per_message_deflate=False)  # type: ignore[arg-type]
    config.load()
    protocol = DirectProtocol(config=config, server_state=uvicorn.Server(config).server_state, app_state={})
    transport = Transport()
    protocol.connection_made(transport)
    protocol.data_received(REQUEST)
    await asyncio.wait_for(application.listening.wait(), 5)
    transport.written.clear()
    yield protocol, application, transport
    if not protocol.disconnected:
        protocol.connection_lost(None)
    await asyncio.wait_for(application.left, 5)


@pytest.mark.usefixtures("generous")
async def test_every_way_of_cutting_a_stream_gives_the_same_messages(connection: Any) -> None:
    protocol, application, _ = connection
    said = ["", "a", "ü" * 30, "x" * 124, "x" * 125, "x" * 126, "y" * 200, "z" * 1000]
    stream = b"".join(map(frame, said))
    for size in (1, 2, 3, 5, 7, 64, 1000, len(stream)):
        application.heard.clear()
        for start in range(0, len(stream), size):
            protocol.data_received(stream[start : start + size])
        assert application.heard == said, size


@pytest.mark.usefixtures("generous")
async def test_fragments_and_bytes_keep_their_place_between_whole_frames(connection: Any) -> None:
    protocol, application, transport = connection
    stream = (
        frame("one")
        + frame("tw", final=False)
        + frame("?", PING)
        + frame("o", 0)
        + frame("three")
        + frame(b"\xff\x00", BINARY)
        + frame("four")
    )
    for size in (1, 4, len(stream)):
        application.heard.clear()
        transport.written.clear()
        for start in range(0, len(stream), size):
            protocol.data_received(stream[start : start + size])
        assert application.heard == ["one", "two", "three", b"\xff\x00", "four"]
        assert b"".join(transport.written) == b"\x8a\x01?"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (frame("unmasked", masked=False), 1002),
        (frame("reserved bit", reserved=0x40), 1002),
        (frame("unknown opcode", 3), 1002),
        (frame("continues nothing", 0), 1002),
        (frame("begins", final=False) + frame("begins again"), 1002),
        (frame(b"\xff\xfe"), 1007),
        (frame("x" * 1001), 1009),
        (b"\x81\xff" + struct.pack("!Q", 2**63) + MASK, 1009),
        (frame("long ping" * 20, PING), 1002),
    ],
)
async def test_a_fault_closes_with_its_code_and_nothing_behind_it_is_heard(
    connection: Any, wrong: bytes, code: int
) -> None:
    protocol, application, transport = connection
    protocol.data_received(frame("fine") + wrong + frame("too late"))
    assert application.heard == ["fine"]
    assert transport.written[-1][:1] == b"\x88"
    assert struct.unpack("!H", transport.written[-1][2:4])[0] == code
    assert transport.closed


async def test_what_one_turn_writes_leaves_at_once(connection: Any) -> None:
    _, application, transport = connection
    for text in (b"a", b"b" * 126, b"c" * 65_536):
        assert application.direct.write_text(text)
    await asyncio.sleep(0)
    assert b"".join(transport.written) == (
        b"\x81\x01a" + b"\x81\x7e\x00\x7e" + b"b" * 126 + b"\x81\x7f" + struct.pack("!Q", 65_536) + b"c" * 65_536
    )
    transport.written.clear()
    application.direct.write_text(b"d")
    application.direct.write_text(b"e")
    await asyncio.sleep(0)
    assert transport.written == [b"\x81\x01d\x81\x01e"]


async def test_what_may_wait_leaves_with_the_next_one_in_its_place(connection: Any) -> None:
    _, application, transport = connection
    for text, patient in ((b"a", True), (b"b", True), (b"c", False), (b"d", True)):
        assert application.direct.write_text(text, patient=patient)
    await asyncio.sleep(0)
    assert transport.written == [b"\x81\x01a\x81\x01b\x81\x01c\x81\x01d"]


async def test_what_may_wait_leaves_by_itself_too_and_together(connection: Any) -> None:
    _, application, transport = connection
    left = asyncio.Event()

    def write(data: bytes) -> None:
        Transport.write(transport, data)
        left.set()

    transport.write = write
    for text in (b"a", b"b"):
        application.direct.write_text(text, patient=True)
    await asyncio.sleep(0)
    assert transport.written == []
    await asyncio.wait_for(left.wait(), 10)
    assert transport.written == [b"\x81\x01a\x81\x01b"]
    # And once more: it waits for a time of its own.
    left.clear()
    application.direct.write_text(b"c", patient=True)
    await asyncio.wait_for(left.wait(), 10)
    assert transport.written[1:] == [b"\x81\x01c"]


async def test_a_close_takes_along_what_may_wait(connection: Any) -> None:
    _, application, transport = connection
    application.direct.write_text(b"a", patient=True)
    await application.send({"type": "websocket.close", "code": 4409})
    assert b"".join(transport.written) == b"\x81\x01a\x88\x02\x11\x39"


async def test_what_goes_through_asgi_stays_behind_what_was_written_before(connection: Any) -> None:
    protocol, application, transport = connection
    application.direct.write_text(b"first")
    await application.send({"type": "websocket.send", "text": "second"})
    application.direct.write_text(b"last")
    await application.send({"type": "websocket.close", "code": 4409})
    assert b"".join(transport.written) == b"\x81\x05first\x81\x06second\x81\x04last\x88\x02\x11\x39"
    # Closing: what the peer still says is not heard, and its answer ends the connection.
    assert not application.direct.write_text(b"never")
    protocol.data_received(frame("too late") + frame(struct.pack("!H", 4409), CLOSE))
    assert application.heard == []
    assert transport.closed


async def test_a_reader_that_does_not_read_is_noticed_within_a_turn(connection: Any) -> None:
    protocol, application, transport = connection

    def full(data: bytes) -> None:
        Transport.write(transport, data)
        protocol.pause_writing()

    transport.write = full
    writes = 0
    while application.direct.write_text(os.urandom(1000)):
        writes += 1
        assert writes < 100
    protocol.resume_writing()
    assert application.direct.write_text(b"again")


async def test_reading_stops_and_goes_on_as_the_application_asks(connection: Any) -> None:
    _, application, transport = connection
    application.direct.pause()
    application.direct.pause()
    assert transport.paused
    application.direct.resume()
    assert not transport.paused


async def test_the_peers_close_is_answered_and_told(connection: Any) -> None:
    protocol, application, transport = connection
    protocol.data_received(frame("bye") + frame(struct.pack("!H", 1000), CLOSE) + frame("too late"))
    assert application.heard == ["bye"]
    assert transport.written == [b"\x88\x02\x03\xe8"]
    assert transport.closed
    assert (await asyncio.wait_for(asyncio.shield(application.left), 5))["code"] == 1000


async def test_nothing_is_written_to_a_lost_peer(connection: Any) -> None:
    protocol, application, transport = connection
    application.direct.write_text(b"never")
    protocol.connection_lost(None)
    application.direct.write_text(b"neither")
    await asyncio.sleep(0)
    assert transport.written == []


# -- nothing is looked at before it is paid for ---------------------------------------------------------------------


async def settled(protocol: DirectProtocol) -> None:
    """Returns when nothing more is due in this moment."""
    for _ in range(10_000):
        if protocol._later is None or isinstance(protocol._later, asyncio.TimerHandle):
            return
        await asyncio.sleep(0)
    raise AssertionError("it never came to rest")


@pytest.mark.parametrize(
    "one",
    [frame("", 0, final=False), frame("", PING), frame("", PONG), frame("x"), frame(b"", BINARY)],
    ids=["empty fragment", "ping", "pong", "text", "bytes"],
)
@pytest.mark.usefixtures("tight")
async def test_of_a_flood_only_what_is_paid_for_is_looked_at(connection: Any, one: bytes) -> None:
    protocol, _application, transport = connection
    looked_at = 0
    charge = protocol._meter.frame

    class Counting:
        wait, read = protocol._meter.wait, protocol._meter.read

        def frame(self) -> None:
            nonlocal looked_at
            looked_at += 1
            charge()

    protocol._meter = Counting()
    flood = (frame("a", final=False) if one[0] == 0 else b"") + one * 20_000
    for _ in range(10):
        protocol.data_received(flood[:60_000])
        await settled(protocol)
    assert looked_at <= 300
    assert transport.paused or transport.closed


@pytest.mark.usefixtures("tight")
async def test_what_was_held_back_is_handed_on_when_time_has_paid(connection: Any) -> None:
    protocol, application, transport = connection
    said = [str(number) for number in range(400)]
    protocol.data_received(b"".join(map(frame, said)))
    await settled(protocol)
    assert 100 < len(application.heard) < 400
    assert transport.paused
    protocol._meter._at -= 60  # a minute passes
    protocol._later.cancel()
    protocol._look_again()
    await settled(protocol)
    assert application.heard == said
    assert not transport.paused


@pytest.mark.usefixtures("tight")
async def test_bytes_are_paid_for_too(connection: Any) -> None:
    protocol, application, transport = connection
    for _ in range(2000):
        protocol.data_received(frame("x" * 900))
        await settled(protocol)
    assert len(application.heard) < 300
    assert transport.paused


async def test_a_message_in_endless_pieces_is_ended(connection: Any) -> None:
    protocol, application, transport = connection
    protocol.data_received(frame("a", final=False) + frame("", 0, final=False) * 100)
    await settled(protocol)
    assert transport.closed
    assert transport.written[-1][2:4] == struct.pack("!H", 1009)
    assert application.heard == []


async def test_no_pong_is_written_to_a_peer_that_does_not_read(connection: Any) -> None:
    protocol, _application, transport = connection
    protocol.pause_writing()
    protocol.data_received(frame("?", PING) * 50)
    await settled(protocol)
    assert transport.written == []
    assert transport.paused
    protocol.resume_writing()
    await settled(protocol)
    assert len(transport.written) > 0
    assert not transport.paused


async def test_only_an_answer_to_the_servers_ping_is_a_sign_of_life(connection: Any) -> None:
    protocol, application, _transport = connection
    protocol.data_received(frame("?", PING) + frame("mine", PONG))
    await settled(protocol)
    await asyncio.sleep(0)
    assert application.heard == []
    protocol.pending_ping_payload = b"abcd"
    protocol.data_received(frame("abcd", PONG))
    for _ in range(10):
        await asyncio.sleep(0)
    assert application.heard == ["websocket.heard"]


async def test_after_our_close_nothing_but_the_peers_own_is_looked_at(connection: Any) -> None:
    protocol, application, transport = connection
    await application.send({"type": "websocket.close", "code": 4429})
    transport.written.clear()
    protocol.data_received(frame("late") + frame("?", PING) + frame("more"))
    await settled(protocol)
    assert (application.heard, transport.written, transport.closed) == ([], [], False)
    protocol.data_received(frame(struct.pack("!H", 4429), CLOSE))
    assert transport.closed
