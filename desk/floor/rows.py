"""What the floor's page shows: live state as rows in the reader's words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infra.redis.client import execute
from queueing.history import line_choice, words
from queueing.history.models import Media
from queueing.live import floor, store
from sites import lookup as sites

WAITING_ROWS = 50
TONES = {"good": "good", "fair": "good", "poor": "warning", "bad": "bad", "unknown": "plain"}
STATE_TONES = {"free": "good", "call": "info", "wrap-up": "info", "break": "plain", "away": "warning"}
WORST = ("bad", "poor", "fair", "good", "unknown")
CALLBACKS = {"away": gettext_lazy("away, to be called"), "called": gettext_lazy("away, called")}
"""Of who has left the page to be called when it is their turn."""


@dataclass(frozen=True)
class Waiting:
    conversation: str
    name: str
    topic: str
    line: str
    """Name of the department; empty where there is none."""
    media: str
    position: int
    waited: str
    held_for: str
    callback: str


@dataclass(frozen=True)
class Talking:
    conversation: str
    name: str
    topic: str
    line: str
    media: str
    operator: str
    operator_name: str
    lasted: str
    grade: str
    """A word: of the side that has it worse."""
    tone: str
    sides: str
    """The grades of both sides in a sentence; empty for a chat."""


@dataclass(frozen=True)
class AtDesk:
    admin_id: str
    name: str
    state: str
    tone: str
    since: str
    on_shift: bool
    lines: str
    """Names of the departments that the operator serves; empty where there are none."""


@dataclass(frozen=True)
class Floor:
    """The rows, and how many there are in all: of a very large floor only the first ones are shown."""

    waiting: list[Waiting]
    waiting_total: int
    talking: list[Talking]
    talking_total: int
    desks: list[AtDesk]
    desks_total: int
    passes_on: bool
    """False where TRANSFER_HOLD_SECS is 0."""

    @property
    def waiting_more(self) -> int:
        return self.waiting_total - len(self.waiting)

    @property
    def takers(self) -> list[AtDesk]:
        """To whom a conversation can be passed on."""
        return [desk for desk in self.desks if desk.on_shift]


def read() -> Floor:
    """Two steps of Redis, so a customer may stand in both lists for one look. Raises StoreUnavailable."""
    board = execute(store.board(WAITING_ROWS))
    live = execute(floor.floor())
    talking = sorted(live["calls"], key=lambda call: (call.get("since") or 0, call["conversation"]))
    desks = sorted(live["operators"], key=lambda desk: (desk["name"].casefold(), desk["id"]))
    return Floor(
        waiting=[_waiting(row) for row in board["waiting"]],
        waiting_total=board["waiting_total"],
        talking=[_talking(call, live["now"]) for call in talking],
        talking_total=live["calls_total"],
        desks=[_desk(desk, live["now"]) for desk in desks],
        desks_total=live["operators_total"],
        passes_on=settings.TRANSFER_HOLD_SECS > 0,
    )


def _waiting(row: dict[str, Any]) -> Waiting:
    return Waiting(
        conversation=row["conversation"],
        name=row.get("name") or row["conversation"],
        topic=row.get("topic") or "",
        line=row.get("line") or "",
        media=_media(row.get("media")),
        position=row["position"],
        waited=words.clock(row["waited_s"]),
        held_for=row.get("held_for") or "",
        callback=str(CALLBACKS.get(row.get("callback") or "", "")),
    )


def _talking(call: dict[str, Any], now: int) -> Talking:
    customer, operator = call["grades"]
    measured = call.get("media") != Media.CHAT
    worst = min(customer, operator, key=WORST.index)
    sentence = _("customer: %(customer)s, operator: %(operator)s")
    sides = {"customer": grade_word(customer), "operator": grade_word(operator)}
    return Talking(
        conversation=call["conversation"],
        name=call.get("customer") or call["conversation"],
        topic=call.get("topic") or "",
        line=call.get("line") or "",
        media=_media(call.get("media")),
        operator=call["operator"],
        operator_name=call["name"],
        lasted=_since(call.get("since"), now),
        grade=grade_word(worst) if measured else "",
        tone=TONES[worst],
        sides=sentence % sides if measured else "",
    )


def _desk(desk: dict[str, Any], now: int) -> AtDesk:
    since = _since(desk.get("since"), now)
    if desk.get("until"):
        since = _("for another %(time)s") % {"time": words.clock(max(0, desk["until"] - now) / 1000)}
    return AtDesk(
        admin_id=desk["id"],
        name=desk["name"],
        state=state_word(desk["state"]),
        tone=STATE_TONES.get(desk["state"], "plain"),
        since=since,
        on_shift=desk["on_shift"],
        lines=_lines_of(desk["id"]),
    )


def _lines_of(admin_id: str) -> str:
    lines = sites.current().lines
    keys = [word.split("=")[0] for word in lines.served_by(admin_id).split(" ")]
    return ", ".join(line_choice.name_of(key) or _("no department") for key in keys) if lines.several else ""


def grade_word(grade: str) -> str:
    known = {"good": _("good"), "fair": _("fair"), "poor": _("poor"), "bad": _("bad")}
    return known.get(grade, _("not measured"))


def state_word(state: str) -> str:
    return {
        "free": _("free"),
        "call": _("in a conversation"),
        "wrap-up": _("wrapping up"),
        "break": _("on a break"),
        "away": _("connection lost"),
    }.get(state, state)


def _media(word: Any) -> str:
    return str(Media(word).label) if word in Media.values else ""


def _since(moment: Any, now: int) -> str:
    return words.clock((now - moment) / 1000) if moment else ""
