"""RESP connections for :mod:`infra.redis.bus`: an asyncio protocol around hiredis' parser.

A link pairs replies with callers by order, coalesces the writes of one loop turn, and on loss fails everything
that waits. It never reconnects; that is the bus' work.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, cast

import hiredis

from infra.errors import StoreUnavailable
from infra.redis.scripts import Command

Word = str | bytes | int
Done = Callable[[Any], None]
"""Gets what Redis said, a ``hiredis.ReplyError`` included, or a StoreUnavailable."""

logger = logging.getLogger(__name__)


class RespConnectionClosed(ConnectionError):
    """The connection is gone, or Redis refused the handshake."""


class RespConnection(asyncio.Protocol):
    """One connection. ``closed`` is settled when it is lost; ``heard_at`` is the loop time of the last bytes."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._reader = hiredis.Reader()
        self._transport: asyncio.Transport | None = None
        self._out: list[bytes] = []
        self._gathering: list[Callable[[], None]] = []
        self._will_flush = False
        self.closed: asyncio.Future[None] = self._loop.create_future()
        self.heard_at = self._loop.time()
        # Whom the next reply is for, what to send again should Redis have forgotten the script, and since when.
        self.waiting: deque[tuple[Done, Command[Any] | None, float]] = deque()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if not self.closed.done():
            self.closed.set_result(None)
        while self.waiting:
            self.replied(StoreUnavailable())

    def data_received(self, data: bytes) -> None:
        self.heard_at = self._loop.time()
        self._reader.feed(data)
        try:
            while (reply := self._reader.gets()) is not False:
                self.replied(reply)
        except hiredis.ProtocolError:
            self.abort()

    def replied(self, reply: Any) -> None:
        done, command, _ = self.waiting.popleft()
        if reply.__class__ is hiredis.ReplyError and self._settled(str(reply), done, command):
            return
        try:
            done(reply)
        except Exception:
            # The next reply belongs to somebody else.
            logger.exception("bus callback failed")

    def _settled(self, error: str, done: Done, command: Command[Any] | None) -> bool:
        """What an error says about the connection rather than the command. True: the command was sent again."""
        if command is not None and error.startswith("NOSCRIPT"):
            script = command.script
            words: tuple[Word, ...] = ("EVAL", script.source, len(script.keys), *script.keys, *command.argv)
            self.send(hiredis.pack_command(words), done)  # type: ignore[arg-type]
            return True
        if error.startswith("READONLY"):
            # A primary that became a replica: only another connection finds the new one.
            self.abort()
        return False

    def call(self, words: tuple[Word, ...]) -> asyncio.Future[Any]:
        """Sends one plain command; the future holds what a `Done` would get."""
        future = self._loop.create_future()
        self.send(hiredis.pack_command(words), partial(settle, future))  # type: ignore[arg-type]
        return future

    def send(self, packed: bytes, done: Done, command: Command[Any] | None = None) -> None:
        """`done` is called in the loop, once. Commands of one loop turn leave in one system call."""
        if self._transport is None:
            # Not from within the caller: it is not ready for its answer yet.
            self._loop.call_soon(done, StoreUnavailable())
            return
        self.waiting.append((done, command, self._loop.time()))
        self._out.append(packed)
        self._flush_soon()

    def before_leaving(self, callback: Callable[[], None]) -> None:
        """Calls back once, just before the commands of this turn leave; also when the connection was lost meanwhile."""
        self._gathering.append(callback)
        self._flush_soon()

    def _flush_soon(self) -> None:
        if not self._will_flush:
            self._will_flush = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        gathering, self._gathering = self._gathering, []
        for callback in gathering:
            try:
                callback()
            except Exception:
                # What others sent leaves all the same.
                logger.exception("bus callback failed")
        self._will_flush = False
        if self._out and self._transport is not None:
            self._transport.write(b"".join(self._out))
        self._out.clear()

    def overdue(self, now: float, timeout: float) -> bool:
        return bool(self.waiting) and now - self.waiting[0][2] > timeout

    def probe(self) -> None:
        """Asks for a sign of life; nobody waits for the answer, but its absence makes the link overdue."""
        if not self.waiting:
            self.call(("PING",)).cancel()

    def abort(self) -> None:
        """Drops the connection now. What waits is failed by ``connection_lost``."""
        if self._transport is not None:
            self._transport.abort()


class SubscriberConnection(RespConnection):
    """A connection in subscribed mode: payloads go to ``handlers`` by exact channel name."""

    def __init__(self) -> None:
        super().__init__()
        self.handlers: dict[bytes, Callable[[bytes], None]] = {}

    async def subscribe(self, channels: Iterable[bytes]) -> None:
        """Returns when Redis confirmed every channel."""
        for confirmed in [self.call(("SUBSCRIBE", channel)) for channel in channels]:
            await confirmed

    def replied(self, reply: Any) -> None:
        if reply.__class__ is list and reply[0] == b"message":
            try:
                self.handlers[reply[1]](reply[2])
            except Exception:
                # The next payload may be fine, and belongs to somebody else.
                logger.exception("bus handler failed")
        else:
            super().replied(reply)


def settle(future: asyncio.Future[Any], reply: Any) -> None:
    """The `Done` of somebody who awaits; a cancelled one no longer wants to know."""
    if future.done():
        return
    if reply.__class__ is StoreUnavailable:
        future.set_exception(reply)
    else:
        future.set_result(reply)


def packed(command: Command[Any]) -> bytes:
    """The EVALSHA of a command in RESP. Only its words are encoded anew: the script's name and keys never change."""
    script, argv, _ = command
    words = hiredis.pack_command(argv)  # type: ignore[arg-type]
    return b"*%d\r\n%b%b" % (3 + len(script.keys) + len(argv), script.call, words[words.index(b"\n") + 1 :])
