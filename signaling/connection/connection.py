"""One connection: who it is for, what it has been sent, and the means to write to it.

It is made of parts: a cursor (which frame is next) and a send buffer (how bytes leave). What frames mean is for its
side to say, and what got lost is for others to find: both are called through the protocols below.
"""

from __future__ import annotations

import asyncio
from typing import Any, Protocol

from django.utils import translation
from django.utils.translation import gettext as _

from infra.errors import DomainError
from signaling import metrics
from signaling.connection.cursor import Cursor, Step
from signaling.connection.send_buffer import SendBuffer
from signaling.wire.envelope import OTHER, Envelope
from signaling.wire.parse import encode


class Repairs(Protocol):
    """Who reads from the store what did not come, and tells it what has arrived."""

    def repair(self, connection: Connection) -> None:
        """Fills the gap that the cursor saw; frames are held meanwhile."""

    def check(self, connection: Connection) -> None:
        """Looks whether frames got lost behind the last one."""

    def note_ack(self, connection: Connection) -> None:
        """The page has acknowledged more than the store knows."""


class Side(Protocol):
    """What a connection means to its role: the customer's side of a conversation, or the operator's."""

    def observe(self, envelope: Envelope) -> Envelope:
        """A numbered frame that is not OTHER is about to be written. Returns it as the page gets it."""

    def hello_due(self) -> None:
        """Five seconds after opening."""

    def beat(self, now: float) -> None:
        """Called with every ping; `now` is the loop's time."""

    def on_push(self, event: dict[str, Any]) -> None:
        """A rare event for every process."""

    async def redraw(self) -> None:
        """The store says that what the page shows is no longer so."""


class Connection:
    """Times are the event loop's. `party` is whom it speaks for, `conn` its name in the store: the newest is heard."""

    __slots__ = (
        "address",
        "board_seen",
        "buffer",
        "conn",
        "conversation",
        "cursor",
        "greeted",
        "heard_at",
        "language",
        "opened_at",
        "page_language",
        "party",
        "repairs",
        "replaced",
        "side",
        "task",
    )

    side: Side

    def __init__(self, repairs: Repairs) -> None:
        self.repairs = repairs
        self.cursor = Cursor()
        self.buffer = SendBuffer(self)
        self.task: asyncio.Task[Any] | None = None
        """The one that serves it."""
        self.party: str | None = None
        self.conversation: str | None = None
        self.conn = ""
        self.address = ""
        self.language: str | None = None
        self.page_language: str | None = None
        self.greeted = self.replaced = False
        self.heard_at = self.opened_at = 0.0
        self.board_seen: Any = None

    @property
    def closing(self) -> bool:
        """Whether nothing is written or handled any more."""
        return self.buffer.closing

    # -- numbered frames -----------------------------------------------------------------------------------------

    def deliver(self, envelope: Envelope) -> None:
        """Writes a frame in its place: a duplicate is dropped, a gap is filled first."""
        if self.buffer.is_full:
            self.cursor.leave(envelope)
            return
        step = self.cursor.deliver(envelope)
        if step is Step.WRITE:
            if envelope.seq:
                metrics.delivered.n += 1
                if envelope.kind != OTHER:
                    envelope = self.side.observe(envelope)
            self.buffer.write(envelope.addressed())
        elif step is Step.GAP:
            self.repairs.repair(self)

    def pass_on(self, seq: int, epoch: bytes, conversation: bytes, frame: bytes) -> bool:
        """`deliver` for the common case: the next numbered frame, of the kind OTHER. False: not that."""
        if self.buffer.is_waiting or not self.cursor.advance(seq, epoch):
            return False
        metrics.delivered.n += 1
        self.buffer.write(b'{"conversation":"%b","seq":%d,%b' % (conversation, seq, frame[1:]))
        return True

    def refill(self, missing: list[Envelope]) -> bool:
        """Delivers what was missing and then what was held. False when a gap remains."""
        for envelope in self.cursor.refill(missing):
            if self.cursor.is_beyond_gap(envelope):
                return False
            self.deliver(envelope)
        return True

    def acknowledge(self, seq: int) -> None:
        """The page has everything up to `seq`. DomainError `bad_ack` beyond what was sent."""
        try:
            is_news = self.cursor.acknowledge(seq)
        except ValueError:
            raise DomainError("bad_ack", _("That number was never sent to you.")) from None
        if is_news:
            self.repairs.note_ack(self)

    def drained(self) -> None:
        """The send buffer is empty again after a slow spell."""
        if self.cursor.caught_up():
            self.repairs.check(self)

    def overflowed(self) -> None:
        """The page does not read: the connection is given up, its mailbox keeps what it has not seen."""
        if self.task is not None:
            self.task.cancel()

    # -- answers and the end -------------------------------------------------------------------------------------

    def write(self, text: bytes, *, patient: bool = False) -> None:
        """Sends one text frame. `patient`: it may wait some milliseconds for others to leave with."""
        self.buffer.write(text, patient=patient)

    def send(self, frame: Any) -> None:
        """Sends one frame of plain values."""
        self.buffer.write(encode(frame))

    def fail(self, error: DomainError, ref: int | str | None = None) -> None:
        """Sends one `error` frame."""
        metrics.frame_errors.labels(error.code).inc()
        body = {"type": "error", **error.as_dict()}
        if ref is not None:
            body["ref"] = ref
        self.send(body)

    def close(self, code: int, error: DomainError | None = None, ref: int | str | None = None) -> None:
        """Closes for good; `error` says why to servers that cannot carry a reason."""
        if self.buffer.closing:
            return
        if error is not None:
            self.fail(error, ref)
        metrics.closes.labels(str(code)).inc()
        self.buffer.close(code)

    def close_replaced(self) -> None:
        """A newer socket speaks for the party."""
        if not self.replaced:
            self.replaced = True
            metrics.takeovers.inc()
            self.close(4409)

    def in_own_language(self) -> Any:
        """For texts made outside the connection's own task."""
        return translation.override(self.language)
