"""The hot path to Redis: one pipelined command connection and one pub/sub connection per process.

``redis-py``'s pool costs a connection and several task switches per call; the relay needs neither. Here every
command of one turn of the event loop leaves in one write, replies settle futures in order, and a script's reply
is parsed once. The bus knows no domain words: it runs :class:`infra.redis.scripts.Command` objects and hands raw
payloads to handlers.

Errors: :class:`~infra.errors.StoreUnavailable` when Redis cannot answer (at once while the connection is down,
after :data:`REPLY_TIMEOUT` seconds otherwise); :class:`~infra.errors.DomainError` as the script raised it.
"""

from __future__ import annotations

import asyncio
import logging
import random
import secrets
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import hiredis
from django.conf import settings

from infra.errors import DomainError, StoreUnavailable
from infra.redis.client import boot_command, domain_error
from infra.redis.connect import open_link
from infra.redis.resp_connection import Done, RespConnection, RespConnectionClosed, SubscriberConnection, packed, settle
from infra.redis.scripts import Command

T = TypeVar("T")
L = TypeVar("L", bound=RespConnection)
Handler = Callable[[bytes], None]
Callback = Callable[[], None]

logger = logging.getLogger(__name__)

REPLY_TIMEOUT = 5.0
"""Seconds a reply may take. Replies come in order, so one late reply means that all behind it are late."""
CONNECT_TIMEOUT = 3.0
MAX_IN_FLIGHT = 20_000
"""Commands that may wait for a reply; more means that Redis does not keep up, and callers fail fast."""
BACKOFF_FIRST, BACKOFF_LAST = 0.1, 2.0
SWEEP_EVERY = 0.5
PROBE_AFTER = 2.0
"""Seconds of silence after which a connection is asked for a sign of life."""


class Bus:
    """Shared Redis access of one running event loop. Use :func:`get_bus`; start is implicit."""

    def __init__(self) -> None:
        self.process_id = secrets.token_hex(6)
        self._commands: RespConnection | None = None
        self._subscriber: SubscriberConnection | None = None
        self._handlers: dict[bytes, Handler] = {}
        self._up: list[Callback] = []
        self._down: list[Callback] = []
        self._gap: list[Callback] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._sweeper: asyncio.TimerHandle | None = None
        self._ready = asyncio.Event()
        self._was_subscribed = False
        self._closed = False

    @property
    def is_up(self) -> bool:
        """Whether a command would be sent now rather than refused."""
        return self._ready.is_set()

    @property
    def was_up(self) -> bool:
        """Whether it was ever connected: then it is out, else it may only be starting."""
        return self._was_subscribed

    def start(self) -> None:
        """Connects in the background and stays connected until :meth:`close`. Idempotent."""
        if self._tasks or self._closed:
            return
        loop = asyncio.get_running_loop()
        self._tasks = [
            loop.create_task(self._stay_connected(self._run_commands), name="bus-commands"),
            loop.create_task(self._stay_connected(self._run_subscriber), name="bus-subscriber"),
        ]
        self._sweeper = loop.call_later(SWEEP_EVERY, self._sweep)

    async def wait_up(self, secs: float = 5.0) -> None:
        """Returns when commands are answered; StoreUnavailable after `secs` seconds."""
        self.start()
        try:
            await asyncio.wait_for(self._ready.wait(), secs)
        except TimeoutError:
            raise StoreUnavailable() from None

    async def execute(self, command: Command[T]) -> T:
        """Runs one script and returns its parsed reply."""
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.run(command, partial(settle, future))
        reply = await future
        if reply.__class__ is hiredis.ReplyError:
            raise domain_error(str(reply))
        return command.parse(reply)

    def run(self, command: Command[Any], done: Done) -> None:
        """Runs one script without a coroutine, for the hot path: `done` gets the raw reply, once and in the loop.

        That is what Redis said, a ``hiredis.ReplyError`` included, or a StoreUnavailable; :func:`failure` tells.
        Raises StoreUnavailable, and then never calls `done`, when the command cannot be sent.
        """
        link = self._commands
        if link is None or len(link.waiting) >= MAX_IN_FLIGHT:
            raise StoreUnavailable()
        link.send(packed(command), done, command)

    def before_leaving(self, callback: Callback) -> None:
        """Calls back, once, just before the commands of this turn of the loop leave: what it runs leaves with them."""
        if self._commands is not None:
            self._commands.before_leaving(callback)
        else:
            asyncio.get_running_loop().call_soon(callback)

    def subscribe(self, channel: str, handler: Handler) -> None:
        """Calls ``handler`` in the loop with every payload published on exactly ``channel``, also after reconnects."""
        name = channel.encode()
        self._handlers[name] = handler
        if self._subscriber is not None:
            self._subscriber.call(("SUBSCRIBE", name)).cancel()

    async def subscribed(self) -> None:
        """Returns when Redis has confirmed every `subscribe` so far."""
        if self._subscriber is not None:
            await self._subscriber.call(("PING",))

    def on_up(self, callback: Callback) -> None:
        """Calls back whenever both connections work again (and at once if they do)."""
        self._up.append(callback)
        if self.is_up:
            callback()

    def on_down(self, callback: Callback) -> None:
        """Calls back when commands begin to be refused."""
        self._down.append(callback)

    def on_gap(self, callback: Callback) -> None:
        """Calls back when a lost subscription was renewed: payloads may have been missed."""
        self._gap.append(callback)

    async def close(self) -> None:
        """Ends both connections for good; waiting commands fail with StoreUnavailable."""
        self._closed = True
        if self._sweeper is not None:
            self._sweeper.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    # -- connections ---------------------------------------------------------------------------------------------

    async def _stay_connected(self, session: Callable[[], Coroutine[Any, Any, None]]) -> None:
        delay = BACKOFF_FIRST
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            try:
                await session()
            except (OSError, TimeoutError, RespConnectionClosed, hiredis.HiredisError, StoreUnavailable) as error:
                logger.warning("redis connection lost: %s", error or type(error).__name__)
            if loop.time() - began > 5.0:
                delay = BACKOFF_FIRST
            await asyncio.sleep(delay * random.uniform(0.5, 1.0))  # noqa: S311 - jitter, not a secret
            delay = min(delay * 2, BACKOFF_LAST)

    async def _run_commands(self) -> None:
        link = await _connect(RespConnection)
        try:
            await self._boot(link)
            self._commands = link
            self._announce_if_up()
            await link.closed
        finally:
            self._commands = None
            link.abort()
            self._announce_down()

    async def _boot(self, link: RespConnection) -> None:
        source, numkeys, *rest = boot_command()
        async with asyncio.timeout(CONNECT_TIMEOUT):
            reply = await link.call(("EVAL", source, numkeys, *rest))
        if isinstance(reply, hiredis.ReplyError):
            raise StoreUnavailable() from reply

    async def _run_subscriber(self) -> None:
        link = await _connect(SubscriberConnection)
        link.handlers = self._handlers
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT):
                await link.subscribe(tuple(self._handlers))
            self._subscriber = link
            if self._was_subscribed:
                _notify(self._gap)
            self._was_subscribed = True
            self._announce_if_up()
            await link.closed
        finally:
            self._subscriber = None
            link.abort()

    def _announce_if_up(self) -> None:
        if self._commands is not None and self._subscriber is not None and not self._ready.is_set():
            self._ready.set()
            _notify(self._up)

    def _announce_down(self) -> None:
        if self._ready.is_set():
            self._ready.clear()
            if not self._closed:  # the end of the process is no outage
                _notify(self._down)

    def _sweep(self) -> None:
        """The only timer: a late reply or a silent connection is closed, which settles everything behind it."""
        loop = asyncio.get_running_loop()
        self._sweeper = loop.call_later(SWEEP_EVERY, self._sweep)
        now = loop.time()
        for link in (self._commands, self._subscriber):
            if link is None:
                continue
            if link.overdue(now, REPLY_TIMEOUT):
                link.abort()
            elif now - link.heard_at > PROBE_AFTER:
                link.probe()


def failure(reply: Any) -> DomainError | None:
    """The error behind a raw reply, its text in the caller's language; None when the script answered."""
    if reply.__class__ is hiredis.ReplyError:
        return domain_error(str(reply))
    return StoreUnavailable() if reply.__class__ is StoreUnavailable else None


async def _connect(kind: type[L]) -> L:
    async with asyncio.timeout(CONNECT_TIMEOUT):
        return await open_link(settings.REDIS_URL, kind)


def _notify(callbacks: list[Callback]) -> None:
    for callback in callbacks:
        try:
            callback()
        except Exception:
            logger.exception("bus callback failed")


_buses: WeakKeyDictionary[asyncio.AbstractEventLoop, Bus] = WeakKeyDictionary()


def get_bus() -> Bus:
    """The bus of the running event loop, started on first use."""
    loop = asyncio.get_running_loop()
    bus = _buses.get(loop)
    if bus is None or bus._closed:
        bus = _buses[loop] = Bus()
        bus.start()
    return bus
