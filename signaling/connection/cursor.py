"""The numbering of one mailbox as one connection sees it: each frame once, in order, or a gap to be filled.

Pure: it holds numbers and frames, and writes, asks and waits for nothing.
"""

from __future__ import annotations

from enum import Enum, auto

from signaling.wire.envelope import Envelope


class Step(Enum):
    """What to do with a frame that came."""

    WRITE = auto()
    GAP = auto()
    """Something before it is missing: it is held until `refill`."""
    HELD = auto()
    DUPLICATE = auto()


class Cursor:
    """`sent`: the last number written; `seen`: acknowledged by the page; `stored`: acknowledged to the store.

    `held`: frames that came while a gap is being filled, None otherwise. `stalled`: frames were left in the store,
    since the page reads too slowly.
    """

    __slots__ = ("epoch", "held", "seen", "sent", "stalled", "stored")

    def __init__(self) -> None:
        self.epoch = b""
        self.sent = self.seen = self.stored = 0
        self.held: list[Envelope] | None = None
        self.stalled = False

    @property
    def unstored(self) -> int:
        """Acknowledged frames that the store was not told of."""
        return self.seen - self.stored

    def follow(self, epoch: int, seq: int) -> None:
        """Takes up the numbering of a mailbox behind `seq`; what arrives from here on is in order."""
        self.epoch = str(epoch).encode()
        self.held = None
        self.sent = self.seen = self.stored = seq

    def advance(self, seq: int, epoch: bytes) -> bool:
        """`deliver` for the common case: True when this is the next numbered frame, which is then to be written."""
        if seq != self.sent + 1 or epoch != self.epoch or self.held is not None:
            return False
        self.sent = seq
        return True

    def deliver(self, envelope: Envelope) -> Step:
        """Finds a frame its place."""
        if self.held is not None:
            self.held.append(envelope)
            return Step.HELD
        seq = envelope.seq
        if seq:
            # A frame of an older mailbox, still on its way when the mailbox was rebuilt; the new state has it.
            if seq <= self.sent or envelope.epoch != self.epoch:
                return Step.DUPLICATE
            if seq > self.sent + 1:
                self.held = [envelope]
                return Step.GAP
            self.sent = seq
        return Step.WRITE

    def leave(self, envelope: Envelope) -> None:
        """Leaves a frame in the store, for a page that reads too slowly. Un-numbered ones are lost: newest wins."""
        self.stalled = self.stalled or envelope.seq > self.sent

    def caught_up(self) -> bool:
        """The page reads again. Whether frames were left in the store meanwhile."""
        stalled, self.stalled = self.stalled, False
        return stalled

    def hold(self) -> None:
        """Holds what comes from now on, until `refill` or `release`."""
        self.held = []

    def release(self) -> None:
        """Forgets what was held: the next look finds the gap again."""
        self.held = None

    def refill(self, missing: list[Envelope]) -> list[Envelope]:
        """What was missing and what was held, in the order in which it is to be delivered."""
        envelopes = [*(self.held or []), *missing]
        self.held = None
        # Late frames of an older mailbox may have been held too; their numbers mean nothing here.
        numbered = [envelope for envelope in envelopes if envelope.seq and envelope.epoch == self.epoch]
        numbered.sort(key=lambda envelope: envelope.seq)
        return numbered + [envelope for envelope in envelopes if not envelope.seq]

    def is_beyond_gap(self, envelope: Envelope) -> bool:
        """Whether something before it is still missing and was not left in the store."""
        return envelope.seq > self.sent + 1 and not self.stalled

    def acknowledge(self, seq: int) -> bool:
        """The page has everything up to `seq`. Whether that is news. ValueError: that was never sent."""
        if seq > self.sent:
            raise ValueError("never sent")
        if seq <= self.seen:
            return False
        self.seen = seq
        return True
