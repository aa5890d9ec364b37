"""Rare events reach every process, survive a restarted Redis, and never take a caller down."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from harness.redis_process import RedisProcess
from infra.redis import push


class Inbox:
    """A handler that can be awaited."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self._came = asyncio.Event()

    def __call__(self, event: dict[str, Any]) -> None:
        self.events.append(event)
        self._came.set()

    async def next(self, seconds: float = 10) -> dict[str, Any]:
        await asyncio.wait_for(self._came.wait(), seconds)
        self._came.clear()
        return self.events[-1]


@pytest.fixture
async def inbox(redis_process: RedisProcess) -> AsyncIterator[Inbox]:
    inbox = Inbox()
    stop = push.listen(inbox)
    await push.ensure_receiver()
    await until_heard(inbox)
    yield inbox
    stop()
    await push.close_receiver()


async def until_heard(inbox: Inbox) -> None:
    """Sends until the subscription, which follows by itself, carries something."""
    for _ in range(200):
        await push.broadcast_async({"kind": "hello"})
        try:
            await inbox.next(0.1)
        except TimeoutError:
            continue
        await asyncio.sleep(0.05)  # what was sent twice arrives now
        inbox.events.clear()
        return
    raise AssertionError("nothing was heard")


async def test_an_event_reaches_the_handlers(inbox: Inbox) -> None:
    await push.broadcast_async({"kind": "session.revoked", "keys": ["a", "b"]})
    assert await inbox.next() == {"kind": "session.revoked", "keys": ["a", "b"]}


async def test_sync_callers_reach_them_too(inbox: Inbox) -> None:
    await asyncio.to_thread(push.broadcast, {"kind": "from-a-thread"})
    assert (await inbox.next())["kind"] == "from-a-thread"


async def test_one_bad_handler_does_not_deafen_the_others(inbox: Inbox) -> None:
    def broken(event: dict[str, Any]) -> None:
        raise ValueError("broken")

    stop = push.listen(broken)
    push._handlers.insert(0, push._handlers.pop())
    try:
        await push.broadcast_async({"kind": "still"})
        assert (await inbox.next())["kind"] == "still"
    finally:
        stop()


async def test_there_is_one_receiver_per_loop(inbox: Inbox) -> None:
    await push.ensure_receiver()
    await push.broadcast_async({"kind": "once"})
    await inbox.next()
    await push.broadcast_async({"kind": "last"})
    await inbox.next()
    assert [event["kind"] for event in inbox.events] == ["once", "last"]


async def test_a_lost_event_raises_nothing(redis_process: RedisProcess) -> None:
    redis_process.stop()
    await push.broadcast_async({"kind": "lost"})
    await asyncio.to_thread(push.broadcast, {"kind": "lost"})


async def test_it_hears_again_after_redis_came_back(inbox: Inbox, redis_process: RedisProcess) -> None:
    redis_process.kill()
    await push.broadcast_async({"kind": "lost"})
    redis_process.start()
    await until_heard(inbox)
    await push.broadcast_async({"kind": "back"})
    assert (await inbox.next())["kind"] == "back"
