"""One connection: who it is for, what it has been sent, and the numbering that makes delivery exact."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils import translation
from django.utils.translation import gettext as _

from infra.errors import DomainError
from signaling import metrics
from signaling.connection.send_buffer import Outbox
from signaling.wire.parse import encode

if TYPE_CHECKING:
    from signaling.hub.hub import Hub


MEANT_FOR_US = (b'{"type":"queue:', b'{"type":"call:ended"')
"""Beginnings of the frames that change what this side knows; all others only pass through."""


class Letter(NamedTuple):
    """A frame on its way to a party. `seq` 0: not numbered. `frame` is its JSON without the routing fields."""

    seq: int
    epoch: bytes  # decimal
    conversation: str
    frame: bytes


class Socket(Outbox):
    """State of a connection. Subclasses add what its role means; the hub owns when things happen."""

    __slots__ = (
        "address",
        "bad_frames",
        "bad_since",
        "board_seen",
        "conn",
        "conversation",
        "epoch",
        "greeted",
        "heard_at",
        "held",
        "hub",
        "language",
        "opened_at",
        "page_language",
        "party",
        "replaced",
        "seen_seq",
        "sent_seq",
        "stalled",
        "stored_seq",
        "tokens",
        "tokens_at",
    )

    hub: Hub

    def __init__(self) -> None:
        super().__init__()
        self.party: str | None = None
        self.conversation: str | None = None
        self.conn = ""
        self.address = ""
        self.language: str | None = None
        self.page_language: str | None = None
        self.epoch = b""
        self.greeted = False
        self.replaced = self.stalled = False
        self.held: list[Letter] | None = None
        self.sent_seq = 0
        self.seen_seq = 0  # acknowledged by the peer
        self.stored_seq = 0  # … and told to the store
        self.heard_at = self.opened_at = self.tokens_at = self.bad_since = 0.0
        self.tokens = 0.0
        self.bad_frames = 0
        self.board_seen: Any = None

    def deliver(self, letter: Letter) -> None:
        """Writes a frame in its place: a duplicate is dropped, a gap is filled first."""
        if self.held is not None or self.is_full:
            self._hold(letter)
            return
        seq = letter.seq
        if seq:
            # A frame of an older mailbox, still on its way when the mailbox was rebuilt; the new state has it.
            if seq <= self.sent_seq or letter.epoch != self.epoch:
                return
            if seq > self.sent_seq + 1:
                self.held = [letter]
                self.hub.delivery.repair(self)
                return
            self.sent_seq = seq
        self.write(self.addressed(letter))

    def pass_on(self, seq: int, epoch: bytes, conversation: bytes, frame: bytes) -> bool:
        """`deliver` for the common case: the next numbered frame, which means nothing to this side. False: not that."""
        if (
            seq != self.sent_seq + 1
            or epoch != self.epoch
            or self.held is not None
            or self._queue is not None
            or frame.startswith(MEANT_FOR_US)
        ):
            return False
        self.sent_seq = seq
        metrics.delivered.n += 1
        self.write(b'{"conversation":"%b","seq":%d,%b' % (conversation, seq, frame[1:]))
        return True

    def _hold(self, letter: Letter) -> None:
        """Keeps a frame until a gap is filled. A slow reader's frames are not kept: the store has them."""
        if self.is_full:
            self.stalled = self.stalled or letter.seq > self.sent_seq
        elif self.held is not None:
            self.held.append(letter)

    def drained(self) -> None:
        if self.stalled:
            self.stalled = False
            self.hub.delivery.check(self)

    def addressed(self, letter: Letter) -> bytes:
        """The text for the wire: routing fields spliced in front, no JSON is parsed."""
        conversation, body = letter.conversation.encode(), letter.frame[1:]
        if letter.seq:
            return b'{"conversation":"%b","seq":%d,%b' % (conversation, letter.seq, body)
        return b'{"conversation":"%b",%b' % (conversation, body) if conversation else letter.frame

    def refill(self, missing: list[tuple[int, str, bytes]]) -> bool:
        """Delivers what was missing and then what was held. False when a gap remains."""
        held, self.held = self.held or [], None
        held += [Letter(seq, self.epoch, conversation, frame) for seq, conversation, frame in missing]
        numbered = sorted((letter for letter in held if letter.seq), key=lambda letter: letter.seq)
        for letter in numbered:
            if letter.seq > self.sent_seq + 1 and not self.stalled:
                return False
            self.deliver(letter)
        for letter in held:
            if not letter.seq:
                self.deliver(letter)
        return True

    def acknowledge(self, seq: int) -> None:
        """Notes what the peer has; the hub tells the store now and then. DomainError `bad_ack` beyond what was sent."""
        if seq > self.sent_seq:
            raise DomainError("bad_ack", _("That number was never sent to you."))
        if seq > self.seen_seq:
            self.seen_seq = seq
            self.hub.delivery.note_ack(self)

    def fail(self, error: DomainError, ref: int | str | None = None) -> None:
        """Sends one `error` frame."""
        metrics.frame_errors.labels(error.code).inc()
        body = {"type": "error", **error.as_dict()}
        if ref is not None:
            body["ref"] = ref
        self.send(body)

    def send(self, frame: Any) -> None:
        """Sends one frame of plain values."""
        self.write(encode(frame))

    def close(self, code: int, error: DomainError | None = None, ref: int | str | None = None) -> None:
        """Closes for good; `error` says why to servers that cannot carry a reason."""
        if self.closing:
            return
        if error is not None:
            self.fail(error, ref)
        metrics.closes.labels(str(code)).inc()
        self.write_close(code)

    def close_replaced(self) -> None:
        """A newer socket speaks for the party."""
        if not self.replaced:
            self.replaced = True
            metrics.takeovers.inc()
            self.close(4409)

    def greeting_due(self) -> None:
        """Five seconds after opening."""

    def beat(self, now: float) -> None:
        """Called with every ping; `now` is the loop's time."""

    def on_push(self, event: dict[str, Any]) -> None:
        """A rare event for every process."""

    async def redraw(self) -> None:
        """The store says that what the page shows is no longer so: by default only a new hello settles that."""
        self.close(1012)

    def in_own_language(self) -> Any:
        """For texts made outside the socket's own task."""
        return translation.override(self.language)
