"""The relay's hot path: what all sockets of a process relay in one turn of the event loop leaves as one call.

A call of a script costs about as much as what it does for one frame, so that many frames in one call cost half.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from functools import partial
from typing import Any

from infra.errors import StoreUnavailable
from infra.redis.bus import Bus
from infra.redis.resp_connection import Done
from queueing.live import store
from queueing.live.store import Relay

logger = logging.getLogger(__name__)

FRAMES_MOST = 16
"""Frames of one call: nobody else waits longer in Redis than for so many."""
BYTES_MOST = 64 * 1024
"""Size of a call's frames at which no more join it."""

Waiting = tuple[Relay, Done]


class RelayBatch:
    """Frames that wait for the end of the event loop's turn. Each is stored, or refused, for itself."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._waiting: list[Waiting] = []

    def add(self, sent: Relay, done: Done) -> None:
        """A numbered frame for the other party; the same id again does nothing.

        `done` is called in a later turn, once: with an int when the frame is durable, else with what
        `infra.redis.bus.failure` explains. After StoreUnavailable nobody knows whether it is: it has to be sent again.
        """
        if not self._waiting:
            self._bus.before_leaving(self._leave)
        self._waiting.append((sent, done))

    def _leave(self) -> None:
        waiting, self._waiting = self._waiting, []
        for batch in _calls(waiting):
            done = batch[0][1] if len(batch) == 1 else partial(_settle, batch)
            try:
                self._bus.run(store.relay(*(sent for sent, _ in batch)), done)
            except StoreUnavailable as error:
                done(error)


def _calls(waiting: list[Waiting]) -> Iterator[list[Waiting]]:
    """In their order, in as few calls as the bounds allow."""
    first = size = 0
    for index, (sent, _) in enumerate(waiting):
        if index - first == FRAMES_MOST or size >= BYTES_MOST:
            yield waiting[first:index]
            first, size = index, 0
        size += len(sent.frame)
    yield waiting[first:]


def _settle(batch: list[Waiting], reply: Any) -> None:
    """Each frame gets its own reply, in order, or the one error that all of them share."""
    replies = reply if reply.__class__ is list else [reply] * len(batch)
    for (_, done), own in zip(batch, replies, strict=True):
        try:
            done(own)
        except Exception:
            # The next reply belongs to somebody else.
            logger.exception("relay callback failed")
