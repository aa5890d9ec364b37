"""Customers and operators as pages: what each of them knows, wants and says."""

from __future__ import annotations

import asyncio
import random
import secrets
import time
from dataclasses import dataclass, field

from harness.page import Page
from harness.wire_client import Frame

Line = tuple[int, str, bool]
"""The sender's id, the text, and whether the server took it."""


@dataclass
class Speaker(Page):
    """`lines`: what this page said, by conversation, as ids of sent frames."""

    lines: dict[str, list[int]] = field(default_factory=dict)
    files: dict[str, Frame] = field(default_factory=dict)
    """What the peer shared, by id."""

    def say(self, conversation: str, file: str = "") -> None:
        """One line that tells who said it, how many were before it, and when; `file`: id of one that goes with it."""
        mine = self.lines.setdefault(conversation, [])
        text = f"{conversation} {self.role} {len(mine) + 1} at {time.monotonic_ns()}"
        more = {"file": file} if file else {}
        mine.append(self.send({"type": "chat:message", "conversation": conversation, "text": text, **more}))

    def on_chat_message(self, frame: Frame) -> None:
        self.times("chat, one way", (time.monotonic_ns() - int(frame["text"].rsplit(" ", 1)[1])) / 1e9)
        if "file" in frame:
            self.files[frame["file"]["id"]] = frame["file"]
        super().on_chat_message(frame)

    def candidate(self, conversation: str) -> None:
        """One frame of the kind that calls are made of."""
        text = f"candidate:{self.numbered} 1 udp 1 192.0.2.1 9 typ host"
        candidate = {"candidate": text, "sdpMid": "0", "sdpMLineIndex": 0}
        self.send({"type": "rtc:ice:candidate", "conversation": conversation, "gen": 0, "candidate": candidate})

    def said(self, conversation: str) -> list[Line]:
        kept = [(number, self.sent[number]) for number in self.lines.get(conversation, []) if number in self.sent]
        return [(number, sent.frame["text"], sent.acked_at is not None) for number, sent in kept]

    @property
    def settled(self) -> bool:
        """Everything that was sent is stored."""
        return all(sent.acked_at is not None for sent in self.sent.values())


@dataclass
class Guest(Speaker):
    """A customer: joins, waits, talks until the operator hangs up, and never gives up."""

    role = "customer"
    line: str = ""
    """Key of the department, empty: none is named."""
    identity: str = ""
    """Signed by the site's own server, empty: none."""
    phase: str = "new"
    position: int | None = None
    reason: str = ""
    candidates: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        self.token: str | None = None
        self.join_key = secrets.token_hex(8)
        self.asked_at = 0.0
        self.joined_at = 0.0
        self.ready_at: list[float] = []
        self.places: list[tuple[float, int]] = []
        """When which place was shown, while `keep_places`."""
        self.keep_places = False

    def memory(self) -> Frame:
        if self.token is None:
            return {}
        return {"resume": {"token": self.token, "epoch": self.epoch, "last_seq": self.last_seq}}

    def on_welcome(self, frame: Frame) -> None:
        super().on_welcome(frame)
        if self.token is None:
            self.asked_at = time.monotonic()
            self._join()
        elif not frame["resumed"] and frame["epoch"] is None and self.phase != "ended":
            self.lost("the server knows the conversation no more")

    def _join(self) -> None:
        if self.token is None and self.welcomed:
            named = {"line": self.line, "identity": self.identity}
            more = {name: value for name, value in named.items() if value}
            self.tell({"type": "queue:join", "name": self.name, "media": "video", "join_key": self.join_key, **more})

    def on_error(self, frame: Frame) -> None:
        super().on_error(frame)
        if frame.get("ref") == "queue:join" and frame["retryable"]:
            # As pages do, on the same socket: it stays open while the store takes nothing.
            asyncio.get_running_loop().call_later((frame.get("retry_after") or 2) * random.uniform(1, 1.5), self._join)

    def lost(self, why: str) -> None:
        self.fault(f"was lost while {self.phase}: {why}")
        self.finish()

    def on_queue_joined(self, frame: Frame) -> None:
        self.joined_at = time.monotonic()
        self.times("join → joined", self.joined_at - self.asked_at)
        self.conversation, self.token, self.epoch = frame["conversation"], frame["token"], frame["epoch"]
        self.position = frame["position"]
        self.phase = "waiting"

    def on_queue_refused(self, frame: Frame) -> None:
        self.refusals.append(frame)
        self.finish()

    def on_queue_position(self, frame: Frame) -> None:
        self.position = frame["position"]
        if self.keep_places:
            self.places.append((time.monotonic(), frame["position"]))

    def on_queue_returned(self, frame: Frame) -> None:
        """Nobody answered, or the operator passes on."""
        self.phase, self.position = "waiting", frame["position"]

    def on_queue_ready(self, frame: Frame) -> None:
        if self.phase == "active":
            self.fault("was given to an operator while with one")
        self.phase = "active"
        self.ready_at.append(time.monotonic())

    def on_rtc_ice_candidate(self, frame: Frame) -> None:
        self.candidates += 1

    def on_call_ended(self, frame: Frame) -> None:
        self.phase, self.reason = "ended", frame["reason"]

    def on_queue_left(self, frame: Frame) -> None:
        self.lost(f"left the queue: {frame['reason']}")

    def drawn(self, state: Frame) -> None:
        self.phase = state["phase"] if state["phase"] != "idle" else self.phase
        self.reason = state["reason"] or self.reason

    def refused(self, frame: Frame) -> None:
        if frame["code"] not in ("not_in_call", "replaced"):  # said while the operator hung up
            super().refused(frame)


@dataclass
class Called(Guest):
    """A customer who had chosen a time, and comes by the link of the letter that calls."""

    handle: str = ""
    origin: str = ""

    def memory(self) -> Frame:
        if self.token is None:
            return {"resume": {"handle": self.handle, "origin": self.origin}}
        return super().memory()

    def on_welcome(self, frame: Frame) -> None:
        self.token = self.token or frame.get("token")
        if self.token is None:
            self.lost("the link takes no place")
        else:
            super().on_welcome(frame)


@dataclass
class Desk(Speaker):
    """An operator on shift: takes whoever comes, one at a time."""

    role = "operator"
    session: str = ""
    lines_served: frozenset[str] = frozenset({""})
    """Keys of its departments, empty: the default one."""
    wants: bool = False
    wrap_up: bool = False
    candidates: int = 0
    served: list[str] = field(default_factory=list)
    """Conversations in the order in which they came; one that came back stands there again."""
    passed: set[str] = field(default_factory=set)
    """Those of them that went on to somebody else."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.ready_at = 0.0
        self.known = False

    def headers(self) -> dict[str, str]:
        return {"Cookie": f"adminSession={self.session}"}

    def memory(self) -> Frame:
        return {} if self.epoch is None else {"resume": {"epoch": self.epoch, "last_seq": self.last_seq}}

    def work(self) -> None:
        """On shift, from now on and after every return."""
        self.wants = True
        self.tell({"type": "operator:available", "available": True})

    def on_operator_state(self, frame: Frame) -> None:
        self.known = True
        self.wrap_up = bool(frame.get("wrap_up_until"))
        if self.wants and not (frame["available"] or self.wrap_up or frame.get("conversation")):
            self.tell({"type": "operator:available", "available": True})

    def on_queue_ready(self, frame: Frame) -> None:
        if self.conversation not in (None, frame["conversation"]):
            self.fault(f"was given {frame['conversation']} while serving {self.conversation}")
        self._serve(frame["conversation"])

    def _serve(self, conversation: str) -> None:
        self.ready_at = time.monotonic()
        self.conversation = conversation
        self.served.append(conversation)

    def on_rtc_ice_candidate(self, frame: Frame) -> None:
        self.candidates += 1

    def on_call_ended(self, frame: Frame) -> None:
        if frame["conversation"] == self.conversation:
            self.conversation = None

    def drawn(self, state: Frame) -> None:
        now = state["conversation"] if state["phase"] == "active" else None
        if now is not None and now != self.conversation:
            self._serve(now)
        self.conversation = now

    def ring(self) -> None:
        """The match is on the screen, and nobody sits there."""
        self.tell({"type": "call:ringing", "conversation": self.conversation})

    def pass_on(self) -> None:
        """To whoever is free next."""
        self.passed.add(str(self.conversation))
        self.send({"type": "call:transfer", "conversation": self.conversation, "note": f"from {self.name}"})

    def hang_up(self) -> None:
        self.send({"type": "call:end", "conversation": self.conversation, "reason": "hangup"})

    def send_again(self, last_id: int) -> None:
        """What was for another conversation is over with it."""
        for number, sent in list(self.sent.items()):
            if sent.acked_at is None and sent.frame.get("conversation") != self.conversation:
                del self.sent[number]
        super().send_again(last_id)

    def refused(self, frame: Frame) -> None:
        if frame["code"] not in ("wrong_conversation", "not_in_call", "replaced"):
            super().refused(frame)
