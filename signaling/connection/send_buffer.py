"""Writing to one socket without a task or a lock per write.

An ASGI `send` almost never waits: the coroutine is driven by hand and finishes at once. Only when the peer reads too
slowly does it wait; then one task finishes it while later texts queue, up to a bound.
"""

from __future__ import annotations

import asyncio
import types
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import Any, Protocol

DIRECT = "adminara.direct"
"""Key of the ASGI scope's extensions under which a server may offer a `Direct`."""

Listener = Callable[[str | None, bytes | None], None]
"""Gets each whole message, a text or else bytes, in the server's own call."""


class Direct(Protocol):
    """What our server offers beside ASGI: messages by a call, without a queue, an event or a task switch."""

    def listen(self, listener: Listener) -> bool:
        """Messages go to `listener` from now on. False: they keep coming through `receive`."""

    def write_text(self, text: bytes, *, patient: bool = False) -> bool:
        """Sends UTF-8 text; `patient`: some milliseconds later, or with the next. False: not now, `send` it."""

    def pause(self) -> None:
        """Reads no more until `resume`."""

    def resume(self) -> None: ...


Send = Callable[[dict[str, Any]], Awaitable[None]]

QUEUE_BYTES = 1024 * 1024
"""What may wait for a slow reader before stored frames stay in the store, and state is skipped."""
GIVE_UP_FACTOR = 4
"""Answers have no other place to wait: at this many times as much the peer is gone for all purposes."""

_running: set[asyncio.Task[None]] = set()


class Owner(Protocol):
    """What a send buffer tells the connection that it belongs to."""

    def drained(self) -> None:
        """A slow reader caught up."""

    def overflowed(self) -> None:
        """A slow reader never will. Called once."""


class SendBuffer:
    """The sending half of a connection. `closing`: nothing is written any more."""

    __slots__ = ("_direct", "_owner", "_queue", "_queued", "_send", "closing")

    def __init__(self, owner: Owner) -> None:
        self._owner = owner
        self._send: Send | None = None
        self._direct: Direct | None = None
        self._queue: deque[dict[str, Any]] | None = None
        self._queued = 0
        self.closing = False

    def open(self, send: Send) -> None:
        """Writes through `send` from now on; before that, nothing is sent."""
        self._send = send

    def shorten(self, direct: Direct) -> None:
        """Texts take the server's short way from now on."""
        self._direct = direct

    @property
    def is_waiting(self) -> bool:
        """Whether a text would have to wait for the ones before it."""
        return self._queue is not None

    @property
    def is_full(self) -> bool:
        """Whether whatever can wait elsewhere should."""
        return self._queued > QUEUE_BYTES

    def write(self, text: bytes, *, patient: bool = False) -> None:
        """Sends one text frame of UTF-8; silently nothing once the socket closes. `patient`: it may wait a moment."""
        if self.closing or (
            self._queue is None and self._direct is not None and self._direct.write_text(text, patient=patient)
        ):
            return
        self._push({"type": "websocket.send", "text": text.decode()}, len(text))

    def close(self, code: int) -> None:
        """Closes after everything written so far. Idempotent: the first code counts."""
        if not self.closing:
            self.closing = True
            self._push({"type": "websocket.close", "code": code}, 0)

    def _push(self, event: dict[str, Any], size: int) -> None:
        if self._queue is not None:
            self._queued += size
            if self._queued > QUEUE_BYTES * GIVE_UP_FACTOR:
                self.closing = True
                self._queue.clear()
                self._owner.overflowed()
            else:
                self._queue.append(event)
            return
        if self._send is None:
            return
        sending = self._send(event)
        assert isinstance(sending, Coroutine)
        try:
            waited_for = sending.send(None)
        except StopIteration:
            return
        except Exception:
            self._peer_gone()
            return
        self._queue = deque()
        task = asyncio.get_running_loop().create_task(self._empty_queue(sending, waited_for))
        _running.add(task)
        task.add_done_callback(_running.discard)

    async def _empty_queue(self, sending: Coroutine[Any, Any, None], waited_for: Any) -> None:
        try:
            await _resume(sending, waited_for)
            while self._queue and self._send is not None:
                event = self._queue.popleft()
                self._queued -= len(event.get("text", "").encode())
                await self._send(event)
            self._queue = None
            self._queued = 0
            if not self.closing:
                self._owner.drained()
        except Exception:
            self._peer_gone()

    def _peer_gone(self) -> None:
        """The server says so; `receive` will too, after what the peer had sent before."""
        self._send = self._direct = self._queue = None
        self._queued = 0


@types.coroutine
def _resume(coroutine: Coroutine[Any, Any, None], waited_for: Any) -> Generator[Any, Any, None]:
    """Goes on with a coroutine that was started by hand and yielded `waited_for`."""
    try:
        while True:
            try:
                value = yield waited_for
            except BaseException as error:
                waited_for = coroutine.throw(error)
            else:
                waited_for = coroutine.send(value)
    except StopIteration:
        return
