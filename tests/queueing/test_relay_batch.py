"""What leaves in one turn: few calls, an answer for each frame, and what an outage in the middle leaves behind."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from harness.redis_process import RedisProcess
from infra.errors import StoreUnavailable
from infra.redis import bus as bus_module
from infra.redis.bus import Bus, failure
from infra.redis.client import client
from queueing.live import relay_batch
from queueing.live.relay_batch import RelayBatch
from queueing.live.store import Relay
from tests.queueing.world import Customer, Operator, a_call, texts

pytestmark = pytest.mark.usefixtures("running")


@pytest.fixture
async def bus(redis_server: str) -> AsyncIterator[Bus]:
    bus = Bus()
    await bus.wait_up()
    yield bus
    await bus.close()


class Sender:
    """Sends lines of one party; `answered` has (id, reply) in the order of the replies."""

    def __init__(self, bus: Bus, party: Customer | Operator) -> None:
        self.batch = RelayBatch(bus)
        self.party = party
        self.answered: list[tuple[int, Any]] = []
        self._whole = asyncio.Event()

    async def send(self, *ids: int, text: str = "") -> list[Any]:
        """All in this turn; returns the replies when each has one."""
        self.answered.clear()
        self._whole.clear()
        for number in ids:
            frame = json.dumps({"type": "chat:message", "id": number, "text": text or str(number)}).encode()
            sent = Relay(self.party.party, self.party.conn, None, number, "chat:message", frame)
            self.batch.add(sent, self._done(number, len(ids)))
        assert self.answered == []
        async with asyncio.timeout(15):
            await self._whole.wait()
        assert [number for number, _ in self.answered] == list(ids)
        return [reply for _, reply in self.answered]

    def _done(self, number: int, expected: int) -> Callable[[Any], None]:
        def done(reply: Any) -> None:
            self.answered.append((number, reply))
            if len(self.answered) == expected:
                self._whole.set()

        return done


def calls() -> int:
    return int(client().info("commandstats").get("cmdstat_evalsha", {}).get("calls", 0))  # type: ignore[union-attr]


async def test_a_turn_leaves_in_few_calls_and_in_order(bus: Bus) -> None:
    ada, deniz = a_call()
    sender = Sender(bus, ada)
    assert await sender.send(1) == [1]
    before = await asyncio.to_thread(calls)
    assert await sender.send(*range(2, 42)) == [1] * 40
    assert await asyncio.to_thread(calls) - before == 3
    assert texts(deniz.box(1)) == [str(number) for number in range(1, 42)]


async def test_a_call_is_bounded_in_bytes(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay_batch, "BYTES_MOST", 3_000)
    ada, deniz = a_call()
    sender = Sender(bus, ada)
    assert await sender.send(1) == [1]
    before = await asyncio.to_thread(calls)
    assert await sender.send(2, 3, 4, 5, text="x" * 2_000) == [1] * 4
    assert await asyncio.to_thread(calls) - before == 2
    assert len(deniz.box(1)) == 5


async def test_a_callback_that_fails_takes_nobody_elses_answer(bus: Bus, caplog: pytest.LogCaptureFixture) -> None:
    ada, _ = a_call()
    sender = Sender(bus, ada)

    def fails(reply: Any) -> None:
        raise ValueError(reply)

    sender.batch.add(Relay(ada.party, ada.conn, None, 9, "chat:message", b'{"type":"chat:message"}'), fails)
    assert await sender.send(1, 2) == [1, 1]
    assert "relay callback failed" in caplog.text


async def test_a_script_that_redis_forgot_is_sent_again_whole(bus: Bus) -> None:
    ada, deniz = a_call()
    sender = Sender(bus, ada)
    await asyncio.to_thread(client().script_flush)
    assert await sender.send(*range(1, 20)) == [1] * 19
    assert texts(deniz.box(1)) == [str(number) for number in range(1, 20)]


async def test_without_a_store_every_frame_is_told_so_and_none_in_its_own_turn(bus: Bus) -> None:
    ada, _ = a_call()
    sender = Sender(bus, ada)
    await bus.close()
    replies = await sender.send(*range(1, 20))
    assert {type(failure(reply)) for reply in replies} == {StoreUnavailable}


async def test_a_batch_whose_answer_is_lost_is_sent_again_and_delivered_once(
    bus: Bus, redis_process: RedisProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Redis freezes with the batch before it: nobody knows whether it is stored. It is, once Redis thaws."""
    monkeypatch.setattr(bus_module, "REPLY_TIMEOUT", 0.6)
    ada, deniz = a_call()
    sender = Sender(bus, ada)
    assert await sender.send(1) == [1]
    redis_process.pause()
    try:
        replies = await sender.send(*range(2, 22))
    finally:
        redis_process.resume()
    assert {type(failure(reply)) for reply in replies} == {StoreUnavailable}
    await bus.wait_up(15)
    again = await sender.send(*range(2, 25))
    assert again == [0] * 20 + [1] * 3
    assert texts(deniz.box(1)) == [str(number) for number in range(1, 25)]
    assert [seq for seq, _, _ in deniz.box()] == list(range(1, 26))
