"""Rare events to every process, over the channel layer; one receiver per event loop.

For things like "these sessions were revoked": at most once, a loss is logged and never raised, so whatever
must hold also without the event (a revoked session is refused by its row) may not depend on it. The relay
does not come here.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

Event = dict[str, Any]
Handler = Callable[[Event], None]

GROUP = "push"
SEND_TIMEOUT_SECS = 2.0
RETRY_SECS = (0.1, 0.3, 1.0, 2.0)

log = logging.getLogger(__name__)
_handlers: list[Handler] = []
_receivers: "WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Task[None]]" = WeakKeyDictionary()


async def broadcast_async(event: Event) -> None:
    """Sends `event` (plain JSON values) to the handlers of every process, this one included."""
    layer = get_channel_layer()
    if layer is None:
        return
    try:
        async with asyncio.timeout(SEND_TIMEOUT_SECS):
            await layer.group_send(GROUP, {"type": "push.event", "event": event})
    except Exception:
        log.exception("push lost", extra={"event_kind": event.get("kind")})


def broadcast(event: Event) -> None:
    """`broadcast_async` for callers without a running event loop."""
    async_to_sync(broadcast_async)(event)


def listen(handler: Callable[[Event], None]) -> Callable[[], None]:
    """Registers `handler` for this process, called in the receiver's loop; returns a function that takes it
    out again.
    """
    _handlers.append(handler)

    def stop() -> None:
        if handler in _handlers:
            _handlers.remove(handler)

    return stop


async def ensure_receiver() -> None:
    """Starts this loop's receiver when it does not run yet. Returns at once; the subscription follows by
    itself.
    """
    loop = asyncio.get_running_loop()
    task = _receivers.get(loop)
    if task is None or task.done():
        _receivers[loop] = loop.create_task(_receive_forever(), name="push-receiver")


async def close_receiver() -> None:
    """Ends this loop's receiver (process shutdown, tests)."""
    task = _receivers.pop(asyncio.get_running_loop(), None)
    if task is not None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _receive_forever() -> None:
    failures = 0
    while True:
        try:
            layer = get_channel_layer()
            if layer is None:
                return
            channel = await layer.new_channel()
            await layer.group_add(GROUP, channel)
            failures = 0
            while True:
                _dispatch((await layer.receive(channel))["event"])
        except asyncio.CancelledError:
            raise
        except Exception as error:
            # Redis away: say it once per attempt without a trace, and come back.
            log.warning("push receiver interrupted: %s", error)
            await asyncio.sleep(RETRY_SECS[min(failures, len(RETRY_SECS) - 1)])
            failures += 1


def _dispatch(event: Event) -> None:
    for handler in list(_handlers):
        try:
            handler(event)
        except Exception:
            log.exception("push handler failed", extra={"event_kind": event.get("kind")})
