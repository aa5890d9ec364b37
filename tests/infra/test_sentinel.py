"""`redis+sentinel://`: its parts, and every client of Redis across a real failover."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
import redis
from django.conf import settings
from django.core.cache.backends.redis import RedisCache
from django.test import override_settings
from kombu import Connection
from limits import parse as parse_rate
from limits.errors import StorageError

from accounts.ratelimit import _limiter
from harness.sentinel_process import MASTER, SentinelRedis
from infra.errors import StoreUnavailable
from infra.redis.bus import Bus
from infra.redis.client import boot_command, client, execute
from infra.redis.layer import PatientLayer
from infra.redis.scripts import Command, LuaScript, key
from infra.redis.sentinel import SentinelUrl, layer_host, sentinel_url
from queueing.live import store
from support.celery import broker_options, broker_url
from support.config.types import _redis_url


def test_all_parts_of_the_url_are_read() -> None:
    url = "redis+sentinel://redis%40user:p%3Aw@one,[::1]:5000,three:26380/my%20master/2?sentinel_password=s%2Fp"
    assert sentinel_url(url) == SentinelUrl(
        sentinels=(("one", 26379), ("::1", 5000), ("three", 26380)),
        master="my master",
        database=2,
        username="redis@user",
        password="p:w",
        sentinel_password="s/p",
    )
    assert broker_url(url) == (
        "sentinel://redis%40user:p%3Aw@one:26379/2;sentinel://redis%40user:p%3Aw@[::1]:5000/2;"
        "sentinel://redis%40user:p%3Aw@three:26380/2"
    )
    assert broker_options(url)["master_name"] == "my master"
    assert broker_options(url)["sentinel_kwargs"]["password"] == "s/p"


def test_other_urls_stay_what_they_are() -> None:
    for url in ("redis://localhost:6379/0", "rediss://h", "unix:///run/redis.sock?db=0"):
        assert sentinel_url(url) is None
        assert layer_host(url) == url
        assert _redis_url(url) == url
        assert broker_options(url) == {}


@pytest.mark.parametrize(
    "url",
    [
        "redis+sentinel://one:26379",
        "redis+sentinel:///mymaster",
        "redis+sentinel://one:port/mymaster",
        "redis+sentinel://one,/mymaster",
        "redis+sentinel://one/mymaster/zero",
        "redis+sentinel://one/mymaster?ssl=1",
        "rediss+sentinel://one/mymaster",
        "http://one/mymaster",
    ],
)
def test_a_wrong_url_is_refused_with_a_reason(url: str) -> None:
    with pytest.raises(ValueError, match=r"must|host:port|known"):
        _redis_url(url)


@pytest.fixture(scope="module")
def sentinel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SentinelRedis]:
    servers = SentinelRedis(tmp_path_factory.mktemp("sentinel"))
    try:
        servers.start()
        yield servers
    finally:
        servers.stop()


def again(attempt: Callable[[], Any], seconds: float = 20.0) -> Any:
    """As callers do it: tries until Redis answers."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return attempt()
        except (StoreUnavailable, StorageError, redis.RedisError, OSError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


async def test_every_client_follows_a_failover(sentinel: SentinelRedis) -> None:
    with override_settings(REDIS_URL=sentinel.url):
        cache = RedisCache([sentinel.url], {"OPTIONS": settings.CACHES["default"]["OPTIONS"]})
        layer = PatientLayer(hosts=[layer_host(sentinel.url)], prefix="failover")
        channel = await layer.new_channel()
        heard: asyncio.Queue[str] = asyncio.Queue()
        listener = asyncio.create_task(listen(layer, channel, heard))
        bus = Bus()
        notices: asyncio.Queue[bytes] = asyncio.Queue()
        bus.subscribe("news", notices.put_nowait)
        await bus.wait_up()

        async def all_work(word: str) -> None:
            await asyncio.to_thread(blocking_clients_work, sentinel.url, cache, word)
            await bus_works(bus, notices, word)
            await channel_works(layer, channel, heard, word)

        await all_work("before")
        incarnation = await asyncio.to_thread(boot)
        dead = sentinel.kill()
        await asyncio.to_thread(sentinel.await_failover, dead)
        await all_work("after")
        assert await asyncio.to_thread(boot) > incarnation  # what may have been lost is known to be lost
        dead.start()  # comes back as it was; nobody is sent there any more
        await all_work("and on")
        await bus.close()
        listener.cancel()
        await asyncio.gather(listener, return_exceptions=True)
        await layer.flush()


def blocking_clients_work(url: str, cache: RedisCache, word: str) -> None:
    again(lambda: client().set(key("word"), word))
    assert again(lambda: client().get(key("word"))) == word
    again(lambda: cache.set("word", word))
    assert cache.get("word") == word
    assert again(lambda: _limiter().hit(parse_rate("100/minute"), word))
    assert again(lambda: execute(store.maintenance("status"))) is False
    again(lambda: send_and_take(url, word))


async def bus_works(bus: Bus, notices: asyncio.Queue[bytes], word: str) -> None:
    async with asyncio.timeout(20):
        while True:
            await bus.wait_up(20)
            with suppress(StoreUnavailable):  # it has not heard yet that its primary is gone
                assert await bus.execute(store.maintenance("status")) is False
                await bus.subscribed()
                await asyncio.to_thread(lambda: client().publish("news", word))
                while await notices.get() != word.encode():
                    pass
                return


def boot() -> int:
    return int(again(lambda: client().eval(*boot_command())))


def send_and_take(url: str, word: str) -> None:
    """One message through the broker, as Celery sends it."""
    options = broker_options(url) | {"socket_timeout": 5, "socket_connect_timeout": 5}
    with Connection(broker_url(url), transport_options=options) as connection:
        queue = connection.SimpleQueue(f"failover-{word}")
        queue.put({"word": word})
        message = queue.get(timeout=5)
        message.ack()
        assert message.payload == {"word": word}
        queue.close()


async def listen(layer: PatientLayer, channel: str, heard: asyncio.Queue[str]) -> None:
    """As the receiver of pushes does it, without a break: the layer unsubscribes a channel whose reader gave up."""
    while True:
        heard.put_nowait((await layer.receive(channel))["word"])


async def channel_works(layer: PatientLayer, channel: str, heard: asyncio.Queue[str], word: str) -> None:
    """At most once, so it is sent until it comes."""
    async with asyncio.timeout(20):
        while True:
            with suppress(redis.RedisError, OSError, TimeoutError):
                await layer.send(channel, {"type": "word", "word": word})
                async with asyncio.timeout(0.5):
                    while await heard.get() != word:
                        pass
                    return


async def test_a_demoted_primary_is_left_by_the_bus(sentinel: SentinelRedis) -> None:
    """Without Sentinel's help: the server that we talk to says that it may not write any more."""
    with override_settings(REDIS_URL=sentinel.url):
        bus = Bus()
        await bus.wait_up()
        left = asyncio.Event()
        bus.on_down(left.set)
        with pytest.raises(StoreUnavailable):
            await bus.execute(_readonly())
        await asyncio.wait_for(left.wait(), 10)
        await bus.wait_up(10)
        assert await bus.execute(store.maintenance("status")) is False
        await bus.close()


def _readonly() -> Command[Any]:
    source = 'return redis.error_reply("READONLY You can\'t write against a read only replica.")'
    return Command(LuaScript("readonly", source, "0" * 40, ()), (), lambda reply: reply)


async def test_a_master_that_no_sentinel_knows_is_an_outage_not_a_hang(sentinel: SentinelRedis) -> None:
    with override_settings(REDIS_URL=sentinel.url.replace(f"/{MASTER}/", "/unheard-of/")):
        bus = Bus()
        with pytest.raises(StoreUnavailable):
            await bus.wait_up(2)
        with pytest.raises(StoreUnavailable):
            execute(store.maintenance("status"))
        await bus.close()
