"""Sends a process' sockets away, so that they come back: the store is out, the process lost its lease, or it ends.

Returns are spread, or everybody is back in the same moment: clients wait for `retry_after`, and a jitter of their own.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable
from contextlib import suppress

from django.utils.translation import gettext as _

from infra.errors import DomainError, StoreUnavailable
from infra.redis.bus import Bus
from infra.redis.outage import redis_outage
from queueing import services
from signaling import metrics
from signaling.connection.connection import Connection
from signaling.connection.registry import Registry

logger = logging.getLogger(__name__)

RETURNS_PER_SEC = 300
"""How many sockets a second are asked to come back; one attach costs about a millisecond of Redis."""
STORE_PAUSE_SECS = (1.0, 4.0)
MOVE_SECS = 1.0
CLOSING_SECS = 2.0
"""How long closed sockets may take to say goodbye before the process goes on to end."""


class Shutdown:
    """`moving`: the process ends; it takes nobody any more, and leaves its parties to the next process."""

    def __init__(self, bus: Bus, registry: Registry, is_waiting: Callable[[Connection], bool]) -> None:
        self._bus = bus
        self._registry = registry
        self._is_waiting = is_waiting
        self.moving = False

    def store_gone(self) -> None:
        """Nobody can be served without the store; calls go on from peer to peer meanwhile."""
        redis_outage.failed()
        metrics.store_losses.inc()
        connections = list(self._registry.connections)
        for connection in connections:
            with connection.in_own_language():
                error = store_error(len(connections))
            connection.close(4503, error)

    def lease_lost(self) -> None:
        """The others took this process for dead (it slept): its sockets come again and say where they were."""
        metrics.lapses.inc()
        for connection in self._registry.attached():
            connection.close(1012)

    async def move(self) -> None:
        """The process ends: its sockets go to another one, and their parties are kept without a word to anyone.

        Who is in a call, and every operator, comes back at once; who waits is told when, before the close. Work in hand
        is finished: what was not acknowledged is sent again, and found by its id if it was stored.
        """
        if self.moving:
            return
        self.moving = True
        connections = list(self._registry.connections)
        logger.info("moving away", extra={"sockets": len(connections)})
        spread = max(MOVE_SECS, len(connections) / RETURNS_PER_SEC)
        for connection in connections:
            connection.close(1012, None if self._is_busy(connection) else _restarting(connection, spread))
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSING_SECS):
                await self._registry.emptied()
        with suppress(DomainError):
            held = await services.hand_over(self._bus)
            logger.info("handed over", extra={"parties": held})

    def _is_busy(self, connection: Connection) -> bool:
        """Has a call to keep up, or a desk: a wait would be noticed."""
        party = connection.party or ""
        return party.startswith("o:") or (party.startswith("c:") and not self._is_waiting(connection))


def store_error(sockets: int) -> StoreUnavailable:
    """The error before a 4503, with a time to wait that spreads so many returns."""
    low, high = STORE_PAUSE_SECS
    error = StoreUnavailable()
    error.retry_after = _between(low, max(high, low + sockets / RETURNS_PER_SEC))
    return error


def _restarting(connection: Connection, spread: float) -> DomainError:
    with connection.in_own_language():
        message = _("This server is being restarted; another one takes over.")
    return DomainError("restarting", message, retryable=True, retry_after=_between(0.1, spread))


def _between(low: float, high: float) -> float:
    return round(random.uniform(low, high), 2)  # noqa: S311 - jitter, not a secret
