"""One message of a socket after the other, whichever way the server brings them.

Through ASGI a message is an event that a task waits for. A server that is `Direct` calls instead, so that a message
which needs to wait for nothing needs no task either; messages that come meanwhile wait in a backlog.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from contextvars import Context, copy_context
from typing import Any, Protocol

from signaling.connection.send_buffer import Direct

Event = dict[str, Any]
Receive = Callable[[], Awaitable[Event]]
Message = tuple[str | None, bytes | None]

BACKLOG_MOST = 64
"""Messages that wait for the one before them; with more, no more is read."""


class Receiver(Protocol):
    """Who handles the messages of a receive loop."""

    def take(self, text: str | None, data: bytes | None) -> Coroutine[Any, Any, None] | None:
        """Handles a message as far as that goes at once; what has to wait is in the coroutine. Raises nothing.

        It may make the loop `busy`: then the next message waits until `proceed` is called.
        """

    def heard(self) -> None:
        """A ping or pong of the WebSocket protocol itself; support/server/ws_keepalive.py tells of them."""


class ReceiveLoop:
    """The receiving half of a connection. `busy`: a message is being handled, and the next one waits."""

    __slots__ = ("_backlog", "_context", "_direct", "_idle", "_receiver", "_work", "busy")

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver
        self.busy = True  # until `serve`
        self._backlog: deque[Message] | None = None
        self._context: Context | None = None
        self._direct: Direct | None = None
        self._idle: asyncio.Future[None] | None = None
        self._work: asyncio.Task[None] | None = None

    def listen(self, direct: Direct) -> bool:
        """Whether the server's short way brings the messages. They are kept until `serve`."""
        if direct.listen(self._listener):
            self._direct = direct
        return self._direct is not None

    async def serve(self, receive: Receive) -> None:
        """Returns when the peer is gone and everything that came before was handled."""
        # Handlers that the server calls speak the connection's language, like those of its task.
        self._context = copy_context() if self._direct is not None else None
        self.proceed()
        while True:
            event = await receive()
            kind = event["type"]
            if kind == "websocket.receive":
                await self._serve_one(event.get("text"), event.get("bytes"))
            elif kind == "websocket.disconnect":
                await self._until_idle()
                return
            else:
                self._receiver.heard()

    def stop(self) -> None:
        """Gives up what is being done."""
        if self._work is not None:
            self._work.cancel()

    async def _serve_one(self, text: str | None, data: bytes | None) -> None:
        work = self._receiver.take(text, data)
        if work is not None:
            await work
        await self._until_idle()

    async def _until_idle(self) -> None:
        if self.busy:
            self._idle = asyncio.get_running_loop().create_future()
            await self._idle

    def _listener(self, text: str | None, data: bytes | None) -> None:
        if self.busy:
            if self._backlog is None:
                self._backlog = deque()
            self._backlog.append((text, data))
            if len(self._backlog) >= BACKLOG_MOST and self._direct is not None:
                self._direct.pause()
        elif self._context is not None:
            work = self._context.run(self._receiver.take, text, data)
            if work is not None:
                self.busy = True
                self._work = asyncio.get_running_loop().create_task(work, context=self._context)
                self._work.add_done_callback(self._worked)

    def _worked(self, work: asyncio.Task[None]) -> None:
        self._work = None
        self.proceed()

    def proceed(self) -> None:
        """What made the loop busy is done: the next message has its turn."""
        self.busy = False
        if self._backlog is None and self._idle is None:
            return
        while self._backlog and not self.busy:
            self._listener(*self._backlog.popleft())
        if self.busy:
            return
        if self._backlog is not None:
            self._backlog = None
            if self._direct is not None:
                self._direct.resume()
        if self._idle is not None:
            if not self._idle.done():
                self._idle.set_result(None)
            self._idle = None
