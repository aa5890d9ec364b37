"""What scripts answer, as typed values."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any

from infra.redis.scripts import text
from queueing.live.estimate import Forecast, Load, Outlook, Wrap, outlook
from queueing.live.files import FileInfo, file_of, infos_of
from queueing.live.promises import Margins, margins_of

Frames = list[tuple[int, str, bytes]]


@dataclass(frozen=True)
class Attached:
    """A socket speaks for its party now. `seq` is the last number in the mailbox; `frames` is what to replay up to it.

    Either `resumed` (with exactly the missed frames) or with `state`, enough to draw the page from nothing.
    `status` of a customer's conversation: waiting, active or ended; empty for an operator.
    """

    epoch: int
    resumed: bool
    seq: int
    last_id: int
    gen: int
    conversation: str | None
    frames: Frames
    state: dict[str, Any] | None
    status: str = ""

    @staticmethod
    def parse_frames(flat: Any) -> Frames:
        """(seq, conversation, frame as JSON bytes) from the flat list {seq, "conversation\\nframe", …}."""
        found = []
        for index in range(0, len(flat), 2):
            stored = flat[index + 1]
            conversation, frame = (stored if isinstance(stored, bytes) else stored.encode()).split(b"\n", 1)
            found.append((int(flat[index]), conversation.decode(), frame))
        return found


def parse_attached(reply: Any) -> Attached:
    resumed, epoch, seq, last_id, gen, conversation, frames, snapshot, status = reply
    cid = text(conversation) or None
    resumed = bool(int(resumed))
    return Attached(
        epoch=int(epoch),
        resumed=resumed,
        seq=int(seq or 0),
        last_id=int(last_id or 0),
        gen=int(gen or 0),
        conversation=cid,
        frames=Attached.parse_frames(frames),
        state=None if resumed else _state(snapshot),
        status=text(status),
    )


def _state(snapshot: Any) -> dict[str, Any]:
    if not snapshot:
        return {"phase": "idle", "conversation": None, "transcript": []}
    raw, rank, waiting, operator_name, gen, lines, files, device = snapshot
    infos = infos_of(files)
    record: dict[str, Any] = json.loads(raw) if raw else {}
    phase = record.get("status", "ended")
    return {
        "phase": phase,
        "conversation": record.get("id"),
        "position": int(rank) + 1 if phase == "waiting" and int(rank) >= 0 else None,
        "waiting": int(waiting),
        "estimate": None,
        "media": record.get("media"),
        "since": record.get("claimed_at") if phase == "active" else record.get("joined_at"),
        "reason": record.get("reason"),
        "invitation": _invitation(record) if phase == "active" else None,
        "callback": _callback(record) if phase == "waiting" else None,
        "gen": int(gen or 0),
        "transcript": [_line(line, infos) for line in lines],
        "customer": _customer(record, text(device)),
        "operator": text(operator_name) or None,
    }


def _invitation(record: dict[str, Any]) -> dict[str, Any] | None:
    """The open one, as `call:invite` told of it."""
    if not (open_one := record.get("invitation")):
        return None
    return {"invitation": open_one["number"], "media": open_one["media"], "by": open_one["by"]}


def _callback(record: dict[str, Any]) -> dict[str, Any] | None:
    return {"channel": record["callback"]["channel"]} if record.get("callback") else None


def _customer(record: dict[str, Any], device: str) -> dict[str, Any]:
    """As lua/lib/claiming.lua tells the operator when they are matched."""
    about = {name: record.get(name) for name in ("name", "topic", "locale")}
    if "site_name" in record:
        about["site"] = record["site_name"]
    if "line_name" in record:
        about["line"] = record["line_name"]
    for name in ("attributes", "answers", "visit"):
        if name in record:
            about[name] = json.loads(record[name])
    if device:
        about["device_check"] = json.loads(device)
    if "sender" in record:
        about["transfer"] = {"from": record["sender"], "note": record.get("note", "")}
    return about


def _line(raw: Any, infos: dict[str, FileInfo]) -> dict[str, Any]:
    line = json.loads(raw)
    shown = {"from": line["from"], "id": line.get("id"), "text": line.get("text", ""), "at": line["at"]}
    if file := file_of(line, infos):
        shown["file"] = file.shown()
    return shown


def for_party(state: dict[str, Any], *, customer: bool) -> dict[str, Any]:
    """The snapshot as one side sees it: `peer` is the other one, and only the customer is polite."""
    view = dict(state)
    caller, operator = view.pop("customer", None), view.pop("operator", None)
    active = view["phase"] == "active"
    view["peer"] = ({"name": operator} if customer else caller) if active else None
    view["polite"] = customer
    return view


@dataclass(frozen=True)
class JoinReply:
    """`record` is what the first join stored: the token is made of it, so that a repeated join gives the same one."""

    existing: bool
    conversation: str
    ticket: str
    position: int
    waiting: int
    attached: Attached
    record: dict[str, Any]

    @classmethod
    def parse(cls, reply: Any) -> JoinReply:
        existing, conversation, ticket, position, waiting, attached, record = reply
        return cls(
            bool(int(existing)),
            text(conversation),
            text(ticket),
            int(position),
            int(waiting),
            parse_attached(attached),
            json.loads(record),
        )


@dataclass(frozen=True)
class OperatorState:
    """`wrap_up_until_ms` is a time of day (ms since 1970). `break_reason`: why it is on a break that it did not ask
    for, a word of `reasons`; empty otherwise."""

    available: bool
    wrap_up_until_ms: int | None
    conversation: str | None
    break_reason: str = ""

    @classmethod
    def parse(cls, reply: Any) -> OperatorState:
        available, until, conversation, reason = reply
        return cls(bool(int(available)), int(float(until)) or None, text(conversation) or None, text(reason))


@dataclass(frozen=True)
class Noted:
    """`new_region`: the report names a TURN region that is new for this party and call.

    `faults`: TURN regions that the party could reach, or never tried, and now can not, while another one works.
    """

    in_call: bool
    new_region: bool
    faults: tuple[str, ...]

    @classmethod
    def parse(cls, reply: Any) -> Noted:
        code, *faults = reply
        return cls(int(code) > 0, int(code) == 2, tuple(text(region) for region in faults))


@dataclass(frozen=True)
class Tick:
    """`lapsed`: the others gave this process up; its sockets must come again."""

    lapsed: bool
    ended: int
    matched: int

    @classmethod
    def parse(cls, reply: Any) -> Tick:
        lapsed, ended, matched = (int(value) for value in reply)
        return cls(bool(lapsed), ended, matched)


@dataclass(frozen=True)
class LineView:
    """One line as a process needs it: places of its own customers, and estimates computed once for all of them."""

    line: str
    now_ms: int
    waiting: int
    ranks: dict[str, int]
    load: Load
    margins: Margins
    _outlooks: list[tuple[int, Outlook | None]] = field(default_factory=list, compare=False, repr=False)
    """The one that was asked for last, and for how many places."""

    @property
    def staffed(self) -> bool:
        """Whether anybody takes customers now: free, in a call or in the wrap-up after one."""
        return bool(self.load.available or self.load.running or self.load.wrapping)

    def position(self, conversation: str) -> int | None:
        """1 is next; None for one who does not wait."""
        rank = self.ranks.get(conversation)
        return None if rank is None else rank + 1

    def estimate(self, conversation: str) -> dict[str, int] | None:
        rank = self.ranks.get(conversation)
        return None if rank is None else self.estimate_at(rank)

    def estimate_at(self, rank: int) -> dict[str, int] | None:
        """The range for a place (0 is next), or None when it is unknown."""
        forecast = self.forecast_at(rank)
        return None if forecast is None else self.margins.told(forecast).as_dict()

    def forecast_at(self, rank: int) -> Forecast | None:
        """What the range is made of, before it is widened."""
        if not self._outlooks or self._outlooks[0][0] <= rank:
            places = max([rank, *self.ranks.values()]) + 1
            self._outlooks[:] = [(places, outlook(self.load, places))]
        found = self._outlooks[0][1]
        return None if found is None else found.at(rank)


@dataclass(frozen=True)
class Places:
    """`lines`: the one that somebody is about to join, if any, then the others in which the process' customers wait."""

    lines: list[LineView]
    _view_of: dict[str, LineView]

    @classmethod
    def none(cls) -> Places:
        return cls([], {})

    @classmethod
    def parse(cls, reply: Any, conversations: list[str], wrap_up: int, kept: Places) -> Places:
        """`conversations` were asked for; of `kept` places and lengths are still true, all else of them comes anew."""
        now, ranks, numbers, loads, samples, wrap_ups, promises = reply
        before = {view.line: view for view in kept.lines}
        seconds = [int(value) for value in samples]
        taken = [int(value) for value in wrap_ups]
        told = tuple(text(promise) for promise in promises)
        lines = []
        for waiting, running, wrapping, available, raw in loads:
            line = text(raw)
            same = before.get(line)
            left = [int(value) for value in wrapping]
            load = Load(
                running=[int(value) for value in running],
                wrapping=[Wrap(*pair) for pair in zip(left[::2], left[1::2], strict=True)],
                available=int(available),
                samples=seconds,
                wrap_up=wrap_up,
                wrap_ups=taken,
            )
            length = same.waiting if same is not None and int(waiting) < 0 else int(waiting)
            places = dict(same.ranks) if same is not None else {}
            lines.append(LineView(line, int(now), length, places, load, margins_of(told, line)))
        views = {cid: view for view in lines for cid in view.ranks}
        for cid, number, rank in zip(conversations, numbers, ranks, strict=True):
            views[cid] = lines[int(number) - 1]
            if int(rank) >= 0:
                views[cid].ranks[cid] = int(rank)
        return cls(lines, views)

    def without(self, changed: set[str]) -> Places:
        """What is left when the places of these lines are others now."""
        return self._of([view for view in self.lines if view.line not in changed])

    def only(self, conversations: list[str]) -> Places:
        """Of these conversations alone, as far as they have places."""
        wanted = set(conversations)
        views = [
            replace(view, ranks={cid: rank for cid, rank in view.ranks.items() if cid in wanted}) for view in self.lines
        ]
        return self._of([view for view in views if view.ranks])

    @classmethod
    def _of(cls, views: list[LineView]) -> Places:
        return cls(views, {cid: view for view in views for cid in view.ranks})

    @property
    def joined(self) -> LineView:
        """The line that somebody is about to join."""
        return self.lines[0]

    def of(self, conversation: str) -> LineView | None:
        """Its line; None for one that was not asked for."""
        return self._view_of.get(conversation)
