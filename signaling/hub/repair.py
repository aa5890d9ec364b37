"""Exactness over a lossy channel: what a notice did not bring is read from the mailbox, and told what has arrived."""

from __future__ import annotations

import logging
from contextlib import suppress
from functools import partial
from typing import Any

from infra.errors import DomainError, StoreUnavailable
from infra.redis.bus import Bus, failure
from queueing import services
from signaling import metrics
from signaling.connection.connection import Connection
from signaling.connection.registry import Registry
from signaling.hub.background import Spawn
from signaling.wire.envelope import Envelope, kind_of

logger = logging.getLogger(__name__)

ACK_AT_ONCE = 256
"""Unreported acknowledgements at which the store is told before the next tick."""
PARTIES_PER_READ = 1_000


class Repair:
    """Repairs and acknowledgements of one process' connections (the connections' `Repairs`)."""

    def __init__(self, bus: Bus, registry: Registry, spawn: Spawn) -> None:
        self._bus = bus
        self._registry = registry
        self._spawn = spawn
        self._acks: set[Connection] = set()

    def forget(self, connection: Connection) -> None:
        self._acks.discard(connection)

    # -- what got lost on the way --------------------------------------------------------------------------------

    def repair(self, connection: Connection) -> None:
        """Fills the gap that the cursor saw; its frames are held meanwhile."""
        metrics.repairs.inc()
        self._spawn(self._repair(connection))

    def check(self, connection: Connection) -> None:
        """Looks whether frames got lost behind the last one; nothing is written when not."""
        if connection.party is not None and connection.cursor.held is None and not connection.closing:
            connection.cursor.hold()
            self._spawn(self._repair(connection))

    def check_all(self) -> None:
        """The subscription was lost for a while: anybody may have missed something."""
        for connection in self._registry.attached():
            self.check(connection)

    async def look_for_losses(self) -> None:
        """Published payloads may get lost. One read tells which mailboxes are ahead of what was written here."""
        quiet = [
            (connection, connection.party or "", connection.cursor.sent)
            for connection in self._registry.attached()
            if connection.cursor.held is None and not connection.buffer.is_full
        ]
        for start in range(0, len(quiet), PARTIES_PER_READ):
            part = quiet[start : start + PARTIES_PER_READ]
            lasts = await services.last_seqs(self._bus, [party for _, party, _ in part])
            for (connection, party, sent), last in zip(part, lasts, strict=True):
                # Only what stood still: a frame that is on its way right now is not lost.
                if last > sent and connection.cursor.sent == sent and connection.party == party:
                    self.check(connection)

    async def _repair(self, connection: Connection) -> None:
        if connection.party is None:
            return
        cursor = connection.cursor
        epoch = cursor.epoch
        try:
            frames = await services.missing(self._bus, connection.party, connection.conn, cursor.sent)
        except StoreUnavailable:
            # Either everybody is being told and closed, or the next look finds the gap again.
            cursor.release()
        except DomainError as error:
            if error.code == "replaced":
                connection.close_replaced()
            else:
                # What is missing is no longer stored: only a new hello can settle that.
                connection.close(1012)
        except Exception:
            logger.exception("repair failed")
            connection.close(1012)
        else:
            missing = [Envelope(seq, epoch, conversation, kind_of(frame), frame) for seq, conversation, frame in frames]
            # A mailbox rebuilt meanwhile has told its whole state already.
            if cursor.epoch == epoch and not connection.refill(missing):
                connection.close(1012)

    # -- what has arrived ----------------------------------------------------------------------------------------

    def note_ack(self, connection: Connection) -> None:
        """An acknowledgement to pass on: with others at the next tick, or now when many frames wait for it."""
        self._acks.add(connection)
        if connection.cursor.unstored >= ACK_AT_ONCE:
            self._store_ack(connection)

    def flush_acks(self) -> None:
        """Tells the store of all that arrived since the last time, in one go over the pipelined connection."""
        due, self._acks = self._acks, set()
        for connection in due:
            self._store_ack(connection)

    def _store_ack(self, connection: Connection) -> None:
        if connection.party is None:
            return
        connection.cursor.stored = seq = connection.cursor.seen
        with suppress(StoreUnavailable):
            services.begin_ack(self._bus, connection.party, connection.conn, seq, partial(_ack_stored, connection))


def _ack_stored(connection: Connection, reply: Any) -> None:
    """Without a store the next acknowledgement says the same and more."""
    error = failure(reply)
    if error is None:
        return
    if error.code == "replaced":
        connection.close_replaced()
    elif error.code == "lapsed":
        connection.close(1012)
