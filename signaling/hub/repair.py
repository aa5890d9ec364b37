"""Exactness over a lossy channel: what a notice did not bring is read from the mailbox, and told what has arrived."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING

from infra.errors import DomainError, StoreUnavailable
from queueing import services
from signaling import metrics

if TYPE_CHECKING:
    from signaling.connection.connection import Socket
    from signaling.hub.hub import Hub

logger = logging.getLogger(__name__)

ACK_AT_ONCE = 256
"""Unreported acknowledgements at which the store is told before the next tick."""
PARTIES_PER_READ = 1_000


class Delivery:
    """Repairs and acknowledgements of one hub's sockets."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._acks: set[Socket] = set()

    def forget(self, socket: Socket) -> None:
        self._acks.discard(socket)

    # -- what got lost on the way --------------------------------------------------------------------------------

    def repair(self, socket: Socket) -> None:
        """Fills the gap that `socket` saw; its frames are held meanwhile."""
        metrics.repairs.inc()
        self._hub.spawn(self._repair(socket))

    def check(self, socket: Socket) -> None:
        """Looks whether frames got lost behind the last one; nothing is written when not."""
        if socket.party is not None and socket.held is None and not socket.closing:
            socket.held = []
            self._hub.spawn(self._repair(socket))

    async def look_for_losses(self) -> None:
        """Published payloads may get lost. One read tells which mailboxes are ahead of what was written here."""
        quiet = [(s, s.party or "", s.sent_seq) for s in self._hub.attached() if s.held is None and not s.is_full]
        for start in range(0, len(quiet), PARTIES_PER_READ):
            part = quiet[start : start + PARTIES_PER_READ]
            lasts = await services.last_seqs(self._hub.bus, [party for _, party, _ in part])
            for (socket, party, sent), last in zip(part, lasts, strict=True):
                # Only what stood still: a frame that is on its way right now is not lost.
                if last > sent and socket.sent_seq == sent and socket.party == party:
                    self.check(socket)

    async def _repair(self, socket: Socket) -> None:
        if socket.party is None:
            return
        epoch = socket.epoch
        try:
            frames = await services.missing(self._hub.bus, socket.party, socket.conn, socket.sent_seq)
        except StoreUnavailable:
            # Either everybody is being told and closed, or the next look finds the gap again.
            socket.held = None
        except DomainError as error:
            if error.code == "replaced":
                socket.close_replaced()
            else:
                # What is missing is no longer stored: only a new hello can settle that.
                socket.close(1012)
        except Exception:
            logger.exception("repair failed")
            socket.close(1012)
        else:
            # A mailbox rebuilt meanwhile has told its whole state already.
            if socket.epoch == epoch and not socket.refill(frames):
                socket.close(1012)

    # -- what has arrived ----------------------------------------------------------------------------------------

    def note_ack(self, socket: Socket) -> None:
        """An acknowledgement to pass on: with others at the next tick, or now when many frames wait for it."""
        self._acks.add(socket)
        if socket.seen_seq - socket.stored_seq >= ACK_AT_ONCE:
            socket.stored_seq = socket.seen_seq
            self._hub.spawn(self._store_ack(socket))

    async def flush_acks(self) -> None:
        """Tells the store of all that arrived since the last time, in one go over the pipelined connection."""
        due, self._acks = self._acks, set()
        if due:
            await asyncio.gather(*(self._store_ack(socket) for socket in due))

    async def _store_ack(self, socket: Socket) -> None:
        if socket.party is None:
            return
        socket.stored_seq = seq = socket.seen_seq
        try:
            with suppress(StoreUnavailable):
                await services.ack(self._hub.bus, socket.party, socket.conn, seq)
        except DomainError as error:
            if error.code == "replaced":
                socket.close_replaced()
            elif error.code == "lapsed":
                socket.close(1012)
