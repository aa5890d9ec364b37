"""Pings, silence and the first seconds of every connection, swept for the whole process once a second."""

from __future__ import annotations

import asyncio
from collections import deque

from infra.clock import now_ms
from signaling.connection.connection import Connection
from signaling.connection.registry import Registry

HEARTBEAT_SECS = 20
SILENCE_SECS = 60.0
HELLO_SECS = 5.0


class Heartbeat:
    """Two queues in order of time: who has to have said hello, and who is to be pinged next.

    Every entry of a queue waits equally long, so the head is always the next one due.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._hellos: deque[tuple[float, Connection]] = deque()
        self._pings: deque[tuple[float, Connection]] = deque()
        self._silent: set[Connection] = set()

    def watch(self, connection: Connection) -> None:
        now = asyncio.get_running_loop().time()
        connection.opened_at = connection.heard_at = now
        self._hellos.append((now + HELLO_SECS, connection))
        self._pings.append((now + HEARTBEAT_SECS, connection))

    def sweep(self, now: float) -> None:
        """Does all that is due at the loop time `now`."""
        while self._hellos and self._hellos[0][0] <= now:
            _, connection = self._hellos.popleft()
            if not connection.closing:
                connection.side.hello_due()
        while self._pings and self._pings[0][0] <= now:
            _, connection = self._pings.popleft()
            if connection.closing or connection not in self._registry.connections:
                continue
            connection.write(b'{"type":"ping","t":%d}' % now_ms())
            connection.side.beat(now)
            if now - connection.heard_at > HEARTBEAT_SECS:
                self._silent.add(connection)
            self._pings.append((now + HEARTBEAT_SECS, connection))
        for connection in list(self._silent):
            silence = now - connection.heard_at
            if silence >= SILENCE_SECS:
                connection.close(4408)
            if connection.closing or silence <= HEARTBEAT_SECS:
                self._silent.discard(connection)
