"""Sends a process' sockets away, so that they come back: the store is out, the process was given up, or it ends.

Returns are spread, or everybody is back in the same moment: clients wait for `retry_after`, and a jitter of their own.
"""

from __future__ import annotations

import asyncio
import logging
import random
from contextlib import suppress
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from infra.errors import DomainError, StoreUnavailable
from infra.outage import redis_outage
from queueing import services
from signaling import metrics

if TYPE_CHECKING:
    from signaling.connection.connection import Socket
    from signaling.hub.hub import Hub

logger = logging.getLogger(__name__)

RETURNS_PER_SEC = 300
"""How many sockets a second are asked to come back; one attach costs about a millisecond of Redis."""
STORE_PAUSE_SECS = (1.0, 4.0)
MOVE_SECS = 1.0
CLOSING_SECS = 2.0
"""How long closed sockets may take to say goodbye before the process goes on to end."""


class Farewell:
    """`moving`: the process ends; it takes nobody any more, and leaves its parties to the next process."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self.moving = False

    def store_gone(self) -> None:
        """Nobody can be served without the store; calls go on from peer to peer meanwhile."""
        redis_outage.failed()
        metrics.store_losses.inc()
        sockets = list(self._hub.sockets)
        for socket in sockets:
            with socket.in_own_language():
                error = store_error(len(sockets))
            socket.close(4503, error)

    def given_up(self) -> None:
        """The others took this process for dead (it slept): its sockets come again and say where they were."""
        metrics.lapses.inc()
        for socket in self._hub.attached():
            socket.close(1012)

    async def move(self) -> None:
        """The process ends: its sockets go to another one, and their parties are kept without a word to anyone.

        Who is in a call, and every operator, comes back at once; who waits is told when, before the close. Work in hand
        is finished: what was not acknowledged is sent again, and found by its id if it was stored.
        """
        if self.moving:
            return
        self.moving = True
        sockets = list(self._hub.sockets)
        logger.info("moving away", extra={"sockets": len(sockets)})
        spread = max(MOVE_SECS, len(sockets) / RETURNS_PER_SEC)
        for socket in sockets:
            socket.close(1012, None if _is_busy(socket) else _restarting(socket, spread))
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSING_SECS):
                await self._hub.emptied()
        with suppress(DomainError):
            held = await services.hand_over(self._hub.bus)
            logger.info("handed over", extra={"parties": held})


def store_error(sockets: int) -> StoreUnavailable:
    """The error before a 4503, with a time to wait that spreads so many returns."""
    low, high = STORE_PAUSE_SECS
    error = StoreUnavailable()
    error.retry_after = _between(low, max(high, low + sockets / RETURNS_PER_SEC))
    return error


def _restarting(socket: Socket, spread: float) -> DomainError:
    with socket.in_own_language():
        message = _("This server is being restarted; another one takes over.")
    return DomainError("restarting", message, retryable=True, retry_after=_between(0.1, spread))


def _is_busy(socket: Socket) -> bool:
    """Has a call to keep up, or a desk: a wait would be noticed."""
    party = socket.party or ""
    in_line = socket.conversation is not None and socket.hub.notices.waiting.get(socket.conversation) is socket
    return party.startswith("o:") or (party.startswith("c:") and not in_line)


def _between(low: float, high: float) -> float:
    return round(random.uniform(low, high), 2)  # noqa: S311 - jitter, not a secret
