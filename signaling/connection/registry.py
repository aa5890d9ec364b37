"""The connections of this process: all that are open, and the one that speaks for each party."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from signaling.connection.connection import Connection
from signaling.wire.envelope import Envelope

RECENT_MOST = 5_000
"""Envelopes that are kept while an attach is on its way."""


class Registry:
    """`speaker` finds who speaks for a party here. `is_attaching`: frames of an attach on its way may arrive before its
    reply, so all are kept for `drain`.
    """

    def __init__(self, process_id: str) -> None:
        self.connections: set[Connection] = set()
        self._process_id = process_id
        self._speakers: dict[bytes, Connection] = {}
        # Asked for every frame: a method of ours would only be one more call.
        self.speaker: Callable[[bytes], Connection | None] = self._speakers.get
        self.is_attaching = False
        self._attaching = 0
        self._recent: deque[tuple[bytes, Envelope]] = deque(maxlen=RECENT_MOST)
        self._empty = asyncio.Event()
        self._empty.set()
        self._number = 0

    def opened(self, connection: Connection) -> None:
        """Counts it in and names it."""
        self._empty.clear()
        self._number += 1
        connection.conn = f"{self._process_id}|{self._number}"
        self.connections.add(connection)

    def closed(self, connection: Connection) -> str | None:
        """Counts it out. Returns the party that it spoke for."""
        self.connections.discard(connection)
        self.forget(connection)
        party, connection.party = connection.party, None
        if not self.connections:
            self._empty.set()
        return party

    async def emptied(self) -> None:
        """Returns when the last connection is closed."""
        await self._empty.wait()

    def attached(self) -> list[Connection]:
        """The connections that speak for a party."""
        return list(self._speakers.values())

    @contextmanager
    def attaching(self) -> Iterator[None]:
        """While an attach is on its way."""
        self._attaching += 1
        self.is_attaching = True
        try:
            yield
        finally:
            self._attaching -= 1
            if not self._attaching:
                self.is_attaching = False
                self._recent.clear()

    def keep(self, party: bytes, envelope: Envelope) -> None:
        """Keeps what came during an attach, whosever it was."""
        self._recent.append((party, envelope))

    def attach(self, connection: Connection, party: str) -> str | None:
        """From now on `connection` speaks for `party`; an older one here is closed. Call inside `attaching`.

        Returns the other party that it spoke for until now, which nobody speaks for any more.
        """
        left = connection.party if connection.party != party else None
        if left is not None:
            self.forget(connection)
        name = party.encode()
        older = self._speakers.get(name)
        self._speakers[name] = connection
        connection.party = party
        if older is not None and older is not connection:
            older.close_replaced()
        return left

    def drain(self, connection: Connection) -> Iterator[Envelope]:
        """What came for the connection's party during its attach. Call inside `attaching`, after the replay."""
        assert connection.party is not None
        name = connection.party.encode()
        for party, envelope in list(self._recent):
            if party == name:
                yield envelope

    def forget(self, connection: Connection) -> None:
        """It speaks for nobody any more."""
        if connection.party is not None:
            name = connection.party.encode()
            if self._speakers.get(name) is connection:
                del self._speakers[name]
