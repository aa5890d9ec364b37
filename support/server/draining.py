"""The end of a web process in good order: who is told what, and when.

1. `/health/ready` says 503, so that load balancers which ask there send nobody any more (DRAIN_SECS long).
2. It stops accepting connections.
3. Sockets are sent to another process (close code 1012); their parties are kept for it.
4. Requests in hand are finished.
5. Whatever still hangs SHUTDOWN_SECS after that began is cut off.
"""

import asyncio
import logging
import os
import threading
from collections.abc import Callable
from contextlib import suppress

from django.conf import settings

from signaling.hub.hub import move_hub

logger = logging.getLogger(__name__)

MOVE_SECS = 3.0
_draining = threading.Event()


def is_draining() -> bool:
    """Whether this process is about to end; to be asked from any thread."""
    return _draining.is_set()


async def drain(stop_listening: Callable[[], None]) -> None:
    """Steps 1 to 3, and the bound of step 5. The server does the rest."""
    _draining.set()
    _cut_off_after(settings.DRAIN_SECS + settings.SHUTDOWN_SECS)
    await asyncio.sleep(settings.DRAIN_SECS)
    stop_listening()
    with suppress(TimeoutError):
        async with asyncio.timeout(MOVE_SECS):
            await move_hub()


def _cut_off_after(secs: float) -> None:
    """A thread of a request may hang for ever, and Python would wait for it."""

    def cut_off() -> None:
        logger.error("shutdown took too long, ending anyway", extra={"secs": secs})
        os._exit(1)

    timer = threading.Timer(secs, cut_off)
    timer.daemon = True
    timer.start()
