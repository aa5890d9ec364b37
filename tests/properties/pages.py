"""What a browser knows and checks: the receiving end of the mailbox, as protocol.md describes it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from tests.properties.fleet import Process

SIDE = {"c": "customer", "o": "operator"}
Line = tuple[int, str]


class Violation(AssertionError):
    """An invariant does not hold."""


@dataclass
class Socket:
    """A connection as the server knows it. `party`: whom it speaks for, once it was attached."""

    process: Process
    conn: str
    party: str = ""


@dataclass
class Outgoing:
    cid: str
    number: int
    text: str
    acked: bool = False


@dataclass
class Page:
    """`phase`: idle (operators), new, waiting, active or ended. `lines`: the peer's, per conversation told of."""

    name: str
    side: str
    mobile: bool = False
    join_key: str = ""
    token: str = ""
    ticket: float = 0.0
    cid: str | None = None
    phase: str = "new"
    socket: Socket | None = None
    epoch: int | None = None
    last_seq: int = 0
    gap: bool = False
    certain: bool = True
    on_shift: bool = False
    lines: dict[str, list[Line]] = field(default_factory=dict)
    sent: list[Outgoing] = field(default_factory=list)
    used: set[int] = field(default_factory=set)
    attached_at: int = 0
    attaching: bool = False
    must_redraw: bool = False
    flooded: bool = False
    serves: str = "=1"
    """An operator's lines, as scripts have them: "<line>=<level> …"."""

    @property
    def served(self) -> set[str]:
        return {word.partition("=")[0] for word in self.serves.split(" ")}

    @property
    def party(self) -> str:
        return f"o:{self.name}" if self.side == "o" else f"c:{self.cid}"

    def fresh_id(self, gap: int = 0, back: int = 0) -> int:
        """An id not used before: ids may leave gaps and come in any order."""
        number = max(1, max(self.used, default=0) + 1 + gap - back)
        while number in self.used:
            number += 1
        self.used.add(number)
        return number

    # -- frames ----------------------------------------------------------------------------------------------------

    def letter(self, seq: int, epoch: int, cid: str, frame: str) -> None:
        """A frame as published. Numbered ones are taken in order only; a gap is remembered."""
        if seq == 0:
            self._notice(cid, json.loads(frame))
        elif epoch == self.epoch:
            self.numbered(seq, cid, frame)

    def numbered(self, seq: int, cid: str, frame: str) -> None:
        if seq <= self.last_seq:
            return
        if seq > self.last_seq + 1:
            self.gap = True
            return
        self.last_seq = seq
        self._take(cid, json.loads(frame))

    def _notice(self, cid: str, frame: dict[str, Any]) -> None:
        if self.side == "c" and cid and cid != self.cid:
            raise Violation(f"{self.party} was told {frame} of {cid}")

    def _take(self, cid: str, frame: dict[str, Any]) -> None:
        kind = frame["type"]
        if self.side == "c" and cid != self.cid:
            raise Violation(f"{self.party} got {frame} of {cid}")
        if kind == "queue:ready":
            if self.phase == "active":
                raise Violation(f"{self.party} got {cid} ready while in {self.cid}")
            self.phase, self.cid = "active", cid
            self.lines.setdefault(cid, [])
        elif kind in ("call:ended", "queue:left"):
            if self.phase not in ("active", "waiting") or cid != self.cid:
                raise Violation(f"{self.party} is {self.phase} in {self.cid} and got {frame} of {cid}")
            self._over()
            if frame["reason"] in ("unanswered", "transferred"):
                self.lines.pop(cid)  # it goes on with somebody else
        elif kind == "queue:returned":
            if self.side != "c" or self.phase != "active":
                raise Violation(f"{self.party} is {self.phase} and got {frame}")
            self.phase = "waiting"
        elif kind == "chat:message":
            self._line(cid, frame)

    def _over(self) -> None:
        if self.side == "o":
            self.phase, self.cid = "idle", None
        else:
            self.phase = "ended"

    def _line(self, cid: str, frame: dict[str, Any]) -> None:
        meant = frame["text"].split(" ")[0]
        if meant != cid:
            raise Violation(f"a line for {meant} reached {self.party} in {cid}")
        if cid not in self.lines:
            raise Violation(f"{self.party} got a line of {cid}, which it was never told of")
        line = (frame["id"], frame["text"])
        if line in self.lines[cid]:
            raise Violation(f"{self.party} got {line} twice")
        self.lines[cid].append(line)

    def joined(self, reply: Any) -> None:
        """The answer to a join, for a page that knew nothing: the whole mailbox, or the state."""
        self.cid, self.epoch, self.last_seq = reply.conversation, reply.attached.epoch, 0
        self.ticket = float(reply.ticket)
        self.phase, self.lines, self.gap, self.certain = "waiting", {}, False, True
        self.must_redraw = False
        if reply.attached.resumed:
            for seq, cid, frame in reply.attached.frames:
                self.numbered(seq, cid, frame.decode())
            if self.last_seq != reply.attached.seq:
                raise Violation(f"{self.party} joined with {reply.attached} and got up to {self.last_seq}")
        else:
            self.draw(reply.attached.state)

    # -- attach ----------------------------------------------------------------------------------------------------

    def attached(self, answer: Any, sent_epoch: int | None, sent_seq: int | None) -> None:
        """The answer to a hello: exactly the missed frames, or a whole new state under a new epoch."""
        if answer.resumed:
            self._resumed(answer, sent_epoch, sent_seq)
        else:
            self._redrawn(answer, sent_epoch)
        self.certain = True
        self.gap = False

    def _resumed(self, answer: Any, sent_epoch: int | None, sent_seq: int | None) -> None:
        numbers = [seq for seq, _cid, _frame in answer.frames]
        if self.must_redraw:
            raise Violation(f"{self.party} resumed, though Redis may have forgotten frames")
        if sent_seq is None or answer.epoch != sent_epoch:
            raise Violation(f"{self.party} resumed {answer.epoch}, it had {sent_epoch}")
        if numbers != list(range(sent_seq + 1, answer.seq + 1)):
            raise Violation(f"{self.party} resumed after {sent_seq} up to {answer.seq} with {numbers}")
        for seq, cid, frame in answer.frames:
            self.numbered(seq, cid, frame.decode())

    def _redrawn(self, answer: Any, sent_epoch: int | None) -> None:
        if answer.epoch == sent_epoch:
            raise Violation(f"{self.party} was redrawn under its old epoch {sent_epoch}")
        if answer.seq or answer.frames or answer.state is None:
            raise Violation(f"{self.party} was redrawn with {answer}")
        self.epoch, self.last_seq, self.must_redraw = answer.epoch, 0, False
        self.draw(answer.state)

    def draw(self, state: dict[str, Any]) -> None:
        self.phase = state["phase"]
        self.cid = state["conversation"] if self.side == "o" else self.cid
        peer = SIDE["o" if self.side == "c" else "c"]
        self.lines = {}
        if self.cid is not None:
            self.lines[self.cid] = [(line["id"], line["text"]) for line in state["transcript"] if line["from"] == peer]
