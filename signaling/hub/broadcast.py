"""What changes for everybody at once: places in the queue for those who wait here, the board for operators here.

However many changes come, the queue is read once per process, at once and then at most every :data:`PAUSE_SECS`.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import Any

from infra.errors import DomainError
from infra.redis.bus import Bus
from queueing import services
from queueing.live.maintenance import Maintenance
from queueing.live.results import Places
from signaling.connection.connection import Connection
from signaling.connection.registry import Registry
from signaling.hub.background import Spawn
from signaling.wire.parse import encode

logger = logging.getLogger(__name__)

PAUSE_SECS = 0.1


class Broadcast:
    """`maintenance`: no new customers are taken, as far as this process has heard."""

    def __init__(self, bus: Bus, registry: Registry, spawn: Spawn) -> None:
        self._bus = bus
        self._registry = registry
        self._spawn = spawn
        self._waiting: dict[str, Connection] = {}
        self._operators: set[Connection] = set()
        self._state = Maintenance(on=False)
        # What was read last, and the lines whose places have changed since it was asked for; None: any may have.
        self._known = Places.none()
        self._moved: set[str] | None = None
        self._dirty = False
        self._running = False

    @property
    def maintenance(self) -> bool:
        return self._state.on

    def watch_line(self, connection: Connection) -> None:
        """A customer's page begins to be told its place."""
        if connection.conversation is not None:
            self._waiting[connection.conversation] = connection
            # One read of the queue tells all who came back where they stand.
            self.changed("staff")

    def is_waiting(self, connection: Connection) -> bool:
        """Whether it is told its place."""
        return connection.conversation is not None and self._waiting.get(connection.conversation) is connection

    def watch_board(self, connection: Connection) -> None:
        """An operator's page begins to see the board, and reads why nobody new comes, if that is so."""
        self._operators.add(connection)
        self.changed("staff")
        if self._state.on:
            connection.send(_maintenance(self._state))

    def forget(self, connection: Connection) -> None:
        self._operators.discard(connection)
        if connection.conversation is not None and self.is_waiting(connection):
            del self._waiting[connection.conversation]

    def changed(self, word: str) -> None:
        """Something that `word` names changed: reads and pushes it soon, many changes together.

        `line <line>`: the places of that line; `line`: those of any; `staff`: no places, but what else is shown.
        """
        if word == "maintenance":
            self._spawn(self.read_maintenance())
            return
        if word == "line":
            self._moved = None
        elif word.startswith("line ") and self._moved is not None:
            self._moved.add(word.removeprefix("line "))
        if not self._waiting and not self._operators:
            return
        self._dirty = True
        if not self._running:
            self._running = True
            self._spawn(self._run())

    async def read_maintenance(self) -> None:
        """Learns whether new customers are taken, and tells every page when that has changed."""
        with suppress(DomainError):
            state = await services.maintenance_state(self._bus)
            if state != self._state:
                self._state = state
                for connection in list(self._registry.connections):
                    if connection.greeted:
                        connection.send(_maintenance(state))

    async def _run(self) -> None:
        try:
            while self._dirty:
                self._dirty = False
                with suppress(DomainError):  # the store is out: everybody is told elsewhere
                    await self._push()
                await asyncio.sleep(PAUSE_SECS)
        except Exception:
            logger.exception("notice failed")
        finally:
            self._running = False

    async def _push(self) -> None:
        if self._waiting:
            await self._push_positions()
        if self._operators:
            await self._push_board()

    async def _push_positions(self) -> None:
        places = await self._read_positions()
        for conversation, connection in list(self._waiting.items()):
            view = places.of(conversation)
            position = view and view.position(conversation)
            if view is None or position is None:
                continue
            place = {
                "position": position,
                "waiting": view.waiting,
                "estimate": view.estimate(conversation),
                "staffed": view.staffed,
            }
            if place != connection.board_seen:
                connection.board_seen = place
                connection.send({"type": "queue:position", **place})

    async def _read_positions(self) -> Places:
        """Of whoever waits here; asked for are those of lines that have changed, and those who are new here."""
        moved, self._moved = self._moved, set()
        known = Places.none() if moved is None else self._known.without(moved)
        try:
            self._known = await services.positions(self._bus, list(self._waiting), known)
        except BaseException:
            self._moved = None
            raise
        return self._known

    async def _push_board(self) -> None:
        board = await services.board(self._bus)
        seen = _without_clock(board.frame)
        # Operators of the same departments read the same text.
        texts: dict[int | None, bytes] = {}
        for connection in list(self._operators):
            mine = board.waiting_for((connection.party or "").removeprefix("o:"))
            if connection.board_seen != (seen, mine):
                connection.board_seen = (seen, mine)
                if mine not in texts:
                    own = {} if mine is None else {"waiting_mine": mine}
                    texts[mine] = encode({"type": "board", **board.frame, **own})
                connection.write(texts[mine])


def _maintenance(state: Maintenance) -> dict[str, Any]:
    frame: dict[str, Any] = {"type": "maintenance", "on": state.on}
    if state.message:
        frame["message"] = state.message
    if state.until_ms is not None:
        frame["until"] = state.until_ms
    return frame


def _without_clock(board: dict[str, Any]) -> dict[str, Any]:
    """The board without what only time changes: pages count seconds themselves."""
    waiting = [{name: value for name, value in row.items() if name != "waited_s"} for row in board["waiting"]]
    return {**board, "waiting": waiting}
