"""daphne that ends in good order. Imported late: it installs Twisted's reactor, which uvicorn has no use for."""

import asyncio
from typing import Any

from daphne.server import Server
from twisted.internet.defer import Deferred

from support.server.draining import drain


class DaphneServer(Server):
    """Sends its sockets to another process before it cancels what is left."""

    def kill_all_applications(self) -> Any:
        loop = asyncio.get_event_loop_policy().get_event_loop()
        moved: Deferred[None] = Deferred.fromFuture(loop.create_task(drain(self._stop_listening)))
        moved.addBoth(lambda _: super(DaphneServer, self).kill_all_applications())
        return moved

    def _stop_listening(self) -> None:
        for listener in self.listeners:
            listener.addCallback(lambda port: port.stopListening() if port else None)
