"""Tells the store whose connection was lost, so that the party's grace starts; later, where the store is out."""

from __future__ import annotations

from infra.errors import DomainError, StoreUnavailable
from infra.redis.bus import Bus
from queueing import services
from signaling.hub.background import Spawn


class Departures:
    """The parties of one process that lost their connection."""

    def __init__(self, bus: Bus, spawn: Spawn) -> None:
        self._bus = bus
        self._spawn = spawn
        self._untold: dict[str, str] = {}

    async def tell(self, party: str, conn: str) -> None:
        """The connection is gone; nothing happens when a newer one took over."""
        try:
            await services.detach(self._bus, party, conn)
        except StoreUnavailable:
            self._untold[party] = conn
        except DomainError:
            pass  # replaced meanwhile

    def store_back(self) -> None:
        """Tells what could not be told."""
        untold, self._untold = self._untold, {}
        if untold:
            self._spawn(self._tell_all(untold))

    async def _tell_all(self, untold: dict[str, str]) -> None:
        for party, conn in untold.items():
            try:
                await services.detach(self._bus, party, conn)
            except StoreUnavailable:
                self._untold.setdefault(party, conn)
            except DomainError:
                pass
