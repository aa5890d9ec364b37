"""What changes for everybody at once: places in the line for those who wait here, the board for operators here.

However many changes come, the line is read once per process, at once and then at most every :data:`PAUSE_SECS`.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from infra.errors import DomainError
from queueing import services
from queueing.maintenance import Maintenance
from signaling.wire.parse import encode

if TYPE_CHECKING:
    from signaling.connection.connection import Socket
    from signaling.hub.hub import Hub

logger = logging.getLogger(__name__)

PAUSE_SECS = 0.1


class Notices:
    """`waiting` maps a conversation to its customer's socket here; `operators` are the attached operators here.

    `maintenance`: no new customers are taken, as far as this process has heard.
    """

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self.waiting: dict[str, Socket] = {}
        self.operators: set[Socket] = set()
        self._state = Maintenance(on=False)
        self._dirty = False
        self._running = False

    @property
    def maintenance(self) -> bool:
        return self._state.on

    def watch(self, socket: Socket) -> None:
        """An operator's page begins to see the board, and reads why nobody new comes, if that is so."""
        self.operators.add(socket)
        self.changed("line")
        if self._state.on:
            socket.send(_maintenance(self._state))

    def forget(self, socket: Socket) -> None:
        self.operators.discard(socket)
        if socket.conversation is not None and self.waiting.get(socket.conversation) is socket:
            del self.waiting[socket.conversation]

    def changed(self, word: str) -> None:
        """Something that `word` names changed: reads and pushes it soon, many changes together."""
        if word == "maintenance":
            self._hub.spawn(self.read_maintenance())
            return
        if not self.waiting and not self.operators:
            return
        self._dirty = True
        if not self._running:
            self._running = True
            self._hub.spawn(self._run())

    async def read_maintenance(self) -> None:
        """Learns whether new customers are taken, and tells every page when that has changed."""
        with suppress(DomainError):
            state = await services.maintenance_state(self._hub.bus)
            if state != self._state:
                self._state = state
                for socket in list(self._hub.sockets):
                    if socket.greeted:
                        socket.send(_maintenance(state))

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
        if self.waiting:
            await self._push_positions()
        if self.operators:
            await self._push_board()

    async def _push_positions(self) -> None:
        view = await services.positions(self._hub.bus, list(self.waiting))
        for conversation, socket in list(self.waiting.items()):
            position = view.position(conversation)
            if position is None:
                continue
            place = {
                "position": position,
                "waiting": view.waiting,
                "estimate": view.estimate(conversation),
                "staffed": view.staffed,
            }
            if place != socket.board_seen:
                socket.board_seen = place
                socket.send({"type": "queue:position", **place})

    async def _push_board(self) -> None:
        board = await services.board(self._hub.bus)
        seen = _without_clock(board)
        text: bytes | None = None
        for socket in list(self.operators):
            if socket.board_seen != seen:
                socket.board_seen = seen
                text = text or encode({"type": "board", **board})
                socket.write(text)


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
