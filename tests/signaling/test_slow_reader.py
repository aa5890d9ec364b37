"""Peers that do not read: what waits is bounded, and nobody else is slowed down."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from signaling.connection import send_buffer
from signaling.connection.send_buffer import SendBuffer
from signaling.hub.hub import get_hub
from tests.signaling.client import Site


class Recorder:
    """The owner of a send buffer whose sends wait while `gate` is closed."""

    def __init__(self) -> None:
        self.buffer = SendBuffer(self)
        self.buffer.open(self._slow)
        self.gate = asyncio.Event()
        self.sent: list[dict[str, Any]] = []
        self.lost = False
        self.drains = 0

    async def _slow(self, event: dict[str, Any]) -> None:
        await self.gate.wait()
        self.sent.append(event)

    def drained(self) -> None:
        self.drains += 1

    def overflowed(self) -> None:
        self.lost = True


async def test_a_send_that_does_not_wait_needs_no_task() -> None:
    box = Recorder()
    box.gate.set()
    before = len(asyncio.all_tasks())
    box.buffer.write(b"a")
    assert [event["text"] for event in box.sent] == ["a"]
    assert len(asyncio.all_tasks()) == before


async def test_what_waits_keeps_its_order_and_the_close_comes_last() -> None:
    box = Recorder()
    for text in "abc":
        box.buffer.write(text.encode())
    box.buffer.close(4409)
    box.buffer.write(b"never")
    box.buffer.close(1000)
    assert box.sent == []
    box.gate.set()
    await asyncio.gather(*send_buffer._running)
    assert [event.get("text", event.get("code")) for event in box.sent] == ["a", "b", "c", 4409]


async def test_after_a_pause_writing_is_direct_again() -> None:
    box = Recorder()
    box.buffer.write(b"a")
    box.gate.set()
    await asyncio.gather(*send_buffer._running)
    assert box.drains == 1
    box.buffer.write(b"b")
    assert [event["text"] for event in box.sent] == ["a", "b"]


async def test_too_much_waiting_gives_the_socket_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(send_buffer, "QUEUE_BYTES", 100)
    box = Recorder()
    for _ in range(5):
        box.buffer.write(b"x" * 30)
    assert box.buffer.is_full
    assert not box.lost
    for _ in range(10):
        box.buffer.write(b"x" * 30)
    assert box.lost
    assert box.buffer.closing


async def test_a_send_that_fails_ends_the_writing() -> None:
    box = Recorder()

    async def gone(event: dict[str, Any]) -> None:
        raise ConnectionError

    box.buffer.open(gone)
    box.buffer.write(b"a")
    box.buffer.write(b"b")
    assert box.sent == []
    # What it sent before it went may still be handled.
    assert not box.buffer.closing


async def test_a_customer_who_stops_reading_gets_everything_later(
    site: Site, make_session: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(send_buffer, "QUEUE_BYTES", 100_000)
    customer, operator, joined = await site.call(await make_session())
    socket: Any = get_hub().registry.speaker(f"c:{joined['conversation']}".encode())
    customer.socket.transport.pause_reading()
    sent = 0
    while sent < 500:
        sent += 1
        await operator.send("rtc:description", id=sent, description={"type": "offer", "sdp": "x" * 30_000}, gen=sent)
        await operator.expect("ack", id=sent)
        if sent % 10 == 0 and socket.cursor.stalled:
            break
    assert socket.cursor.stalled
    await operator.alive()
    customer.socket.transport.resume_reading()
    frames = [await customer.expect("rtc:description") for _ in range(sent)]
    assert [frame["seq"] for frame in frames] == list(range(2, sent + 2))


async def test_a_replay_larger_than_what_may_wait_arrives_whole(
    site: Site, make_session: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(send_buffer, "QUEUE_BYTES", 100_000)
    customer, operator, joined = await site.call(await make_session())
    await customer.cut()
    for number in range(1, 301):
        await operator.send(
            "rtc:description", id=number, description={"type": "offer", "sdp": "x" * 30_000}, gen=number
        )
        await operator.expect("ack", id=number)
    back = await site.customer(resume={"token": joined["token"], "epoch": joined["epoch"], "last_seq": 1})
    frames = [await back.expect("rtc:description") for _ in range(300)]
    assert [frame["seq"] for frame in frames] == list(range(2, 302))


async def test_who_never_reads_loses_the_socket(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(send_buffer, "QUEUE_BYTES", 50_000)
    customer = await site.customer()
    hub = get_hub()
    socket = next(iter(hub.registry.connections))
    other = await site.customer()
    customer.socket.transport.pause_reading()
    while not socket.closing:
        socket.write(b"y" * 60_000)
    async with asyncio.timeout(5):
        while socket in hub.registry.connections:
            await other.alive()
    customer.socket.transport.abort()
