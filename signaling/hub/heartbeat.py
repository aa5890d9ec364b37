"""Pings, silence and the first seconds of every socket, swept for the whole process once a second."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from signaling.connection.connection import Socket
    from signaling.hub.hub import Hub

HEARTBEAT_SECS = 20
SILENCE_SECS = 60.0
GREETING_SECS = 5.0


class Heartbeat:
    """Two queues in order of time: who has to have greeted, and who is to be pinged next.

    Every entry of a queue waits equally long, so the head is always the next one due.
    """

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._greetings: deque[tuple[float, Socket]] = deque()
        self._pings: deque[tuple[float, Socket]] = deque()
        self._silent: set[Socket] = set()

    def watch(self, socket: Socket) -> None:
        now = asyncio.get_running_loop().time()
        socket.opened_at = socket.heard_at = now
        self._greetings.append((now + GREETING_SECS, socket))
        self._pings.append((now + HEARTBEAT_SECS, socket))

    def sweep(self, now: float) -> None:
        """Does all that is due at the loop time `now`."""
        while self._greetings and self._greetings[0][0] <= now:
            _, socket = self._greetings.popleft()
            if not socket.closing:
                socket.greeting_due()
        while self._pings and self._pings[0][0] <= now:
            _, socket = self._pings.popleft()
            if socket.closing or socket not in self._hub.sockets:
                continue
            socket.write(b'{"type":"ping","t":%d}' % int(time.time() * 1000))
            socket.beat(now)
            if now - socket.heard_at > HEARTBEAT_SECS:
                self._silent.add(socket)
            self._pings.append((now + HEARTBEAT_SECS, socket))
        for socket in list(self._silent):
            silence = now - socket.heard_at
            if silence >= SILENCE_SECS:
                socket.close(4408)
            if socket.closing or silence <= HEARTBEAT_SECS:
                self._silent.discard(socket)
