"""`python -m bench.redis_py`: a web process whose hot path goes through redis-py's asyncio client instead of ours.

For comparison alone: `python -m bench.relay --command ".venv/bin/python -m bench.redis_py --announce"`. It does not
come back from an outage.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import hiredis
import redis.asyncio
from django.conf import settings
from redis.exceptions import NoScriptError, RedisError, ResponseError

from infra.errors import StoreUnavailable
from infra.redis import bus
from infra.redis.bus import Bus, Handler
from infra.redis.client import boot_command
from infra.redis.resp_connection import Done
from infra.redis.scripts import Command
from support import web


class RedisPyBus(Bus):
    """The bus, with a connection of redis-py's pool and a task for each command, and its pub/sub loop."""

    def start(self) -> None:
        if self._tasks or self._closed:
            return
        self._client = redis.asyncio.Redis.from_url(settings.REDIS_URL)
        self._pubsub = self._client.pubsub()
        self._running: set[asyncio.Task[None]] = set()
        self._tasks = [asyncio.get_running_loop().create_task(self._listen())]

    def run(self, command: Command[Any], done: Done) -> None:
        if not self.is_up:
            raise StoreUnavailable()
        task = asyncio.get_running_loop().create_task(self._call(command, done))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    def subscribe(self, channel: str, handler: Handler) -> None:
        self._handlers[channel.encode()] = handler

    async def subscribed(self) -> None:
        await self._pubsub.subscribe(*self._handlers)

    async def _call(self, command: Command[Any], done: Done) -> None:
        script = command.script
        words = (len(script.keys), *script.keys, *command.argv)
        try:
            try:
                reply = await self._client.evalsha(script.sha, *words)
            except NoScriptError:
                reply = await self._client.eval(script.source, *words)
        except ResponseError as error:
            reply = hiredis.ReplyError(str(error))
        except RedisError:
            reply = StoreUnavailable()
        done(reply)

    async def _listen(self) -> None:
        await self._client.eval(*boot_command())
        await self._pubsub.subscribe(*self._handlers)
        self._was_subscribed = True
        self._ready.set()
        for callback in self._up:
            callback()
        async for message in self._pubsub.listen():
            if message["type"] == "message":
                self._handlers[message["channel"]](message["data"])


if __name__ == "__main__":
    bus.Bus = RedisPyBus  # type: ignore[misc]
    sys.exit(web.main(sys.argv[1:]))
