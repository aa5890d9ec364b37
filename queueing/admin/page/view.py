"""What the template of a conversation's page shows, as plain values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from infra.writing import language
from queueing.admin.page import charts, visit
from queueing.history import line_choice, words
from queueing.history.answers import answered
from queueing.history.models import ChatMessage, Conversation, ConversationEvent, Media, Status
from queueing.history.recording.call_stats import interruptions, summarise
from queueing.history.transcript import with_file
from queueing.live.grades import quality_grade
from sites import lookup as sites

IDENTITY = "identity"
"""The attribute that holds what the site has signed; no customer can send one of this name (queueing/admission.py)."""
EVENTS_SHOWN = 400
"""Of a longer timeline the beginning is shown; the JSON export has all of it."""
MESSAGES_SHOWN = 1000


@dataclass(frozen=True)
class Fact:
    """`tone`: plain, good, warning or bad. `note` stands below the value."""

    label: str
    value: str
    note: str = ""
    tone: str = "plain"


@dataclass(frozen=True)
class Moment:
    """A line of the timeline; `after` is the time since the customer joined."""

    at: datetime
    after: str
    who: str
    side: str
    description: words.Entry


@dataclass(frozen=True)
class ShownLine:
    """`extra`: safe HTML above the text."""

    text: str
    sent_at: datetime
    extra: str = ""


@dataclass(frozen=True)
class ChatGroup:
    """What one side wrote on one day without a word of the other in between. `day` is set where another day begins."""

    side: str
    name: str
    lines: list[ShownLine]
    day: date | None = None


Extras = Callable[[list[ChatMessage]], dict[int, str]]
"""Lines of the chat → what stands above their texts, safe HTML, by their keys."""


def context(conversation: Conversation, extras: Extras) -> dict[str, Any]:
    """For `admin/queueing/conversation/change_form.html`. A running call is summed up so far; nothing is saved."""
    if conversation.status == Status.ACTIVE:
        summarise(conversation, timezone.now())
    events = list(conversation.events.all())
    samples = list(conversation.samples.all())
    start = conversation.claimed_at or conversation.joined_at
    last = max([event.at for event in events[-1:]] + [sample.at for sample in samples[-1:]], default=start)
    span = charts.Span(start, max(conversation.ended_at or last, start))
    outages = interruptions(events, span.end)
    steps = [(event.at, str(event.data.get("from")), int(event.data.get("rung") or 0)) for event in _of(events, "rung")]
    messages = list(conversation.messages.all()[: MESSAGES_SHOWN + 1])
    return {
        "conversation": conversation,
        "facts": facts(conversation),
        "site": sites.current().name_of(conversation.site) if conversation.site or sites.current().several else "",
        "line": line_choice.name_of(conversation.line),
        "language": language.name_of(conversation.locale),
        "identity": _identity(conversation.attributes),
        "visit": visit.facts(conversation),
        "answers": answered(conversation.answers),
        "attributes": sorted((str(k), str(v)) for k, v in conversation.attributes.items() if k != IDENTITY),
        "outcome": outcome(conversation),
        "media_icon": {"video": "video", "audio": "mic"}.get(conversation.media, "chat"),
        "moments": [moment(event, conversation) for event in events[:EVENTS_SHOWN]],
        "moments_left_out": max(0, len(events) - EVENTS_SHOWN),
        "status_tone": status_tone(conversation),
        "chat_groups": chat_groups(messages[:MESSAGES_SHOWN], conversation, extras(messages[:MESSAGES_SHOWN])),
        "messages_left_out": len(messages) > MESSAGES_SHOWN,
        "charts": charts.charts(samples, span, outages),
        "ladders": charts.ladders(steps, span),
        "ladder_lost": charts.lost_bands(outages, span),
        "ticks": span.ticks,
        "box": {"width": charts.WIDTH, "height": charts.HEIGHT},
    }


def outcome(conversation: Conversation) -> str:
    """One sentence on how it stands, or how and why it ended."""
    if conversation.status == Status.WAITING:
        return _("Waits in the queue")
    if conversation.status == Status.ACTIVE:
        return _("Talks with an operator now")
    why = words.reason(conversation.reason)
    return f"{_('Never reached an operator')}: {why}" if conversation.claimed_at is None else f"{_('Ended')}: {why}"


def facts(conversation: Conversation) -> list[Fact]:
    found = [_wait(conversation)]
    if conversation.claimed_at is not None:
        found.append(Fact(_("Talked"), words.clock(conversation.duration_s), operator_of(conversation)))
    if conversation.claimed_at is not None and conversation.media != Media.CHAT:
        found += _call(conversation)
    return found


def operator_of(conversation: Conversation) -> str:
    return str(conversation.operator) if conversation.operator else conversation.admin_id


def status_tone(conversation: Conversation) -> str:
    """For the word of its state: info while somebody waits, good while somebody talks."""
    return {Status.WAITING: "info", Status.ACTIVE: "good"}.get(Status(conversation.status), "plain")


def moment(event: ConversationEvent, conversation: Conversation) -> Moment:
    side = _side(event)
    name = {"customer": _("Customer"), "operator": _("Operator"), "": _("System")}[side]
    after = words.clock((event.at - conversation.joined_at).total_seconds())
    return Moment(event.at, after, name, side or "system", words.describe(event))


def chat_groups(messages: list[ChatMessage], conversation: Conversation, extras: dict[int, str]) -> list[ChatGroup]:
    names = {
        "customer": conversation.name or _("Customer"),
        "operator": operator_of(conversation) or _("Operator"),
    }
    groups, before = [], timezone.localdate(conversation.joined_at)
    for (side, day), lines in groupby(messages, key=lambda line: (line.sender, timezone.localdate(line.sent_at))):
        shown = [ShownLine(_text(line, extras), line.sent_at, extras.get(line.pk, "")) for line in lines]
        groups.append(ChatGroup(side, names.get(side, side), shown, day if day != before else None))
        before = day
    return groups


def _text(line: ChatMessage, extras: dict[int, str]) -> str:
    """Of a file that nothing shows, what it was called."""
    return (
        line.text if line.pk in extras or not line.file_name else with_file(line.text, line.file_name, line.file_size)
    )


def wait_verdict(conversation: Conversation) -> tuple[str, str]:
    """(sentence, tone): what was promised, compared with what came."""
    low, high, waited = conversation.promised_low_s, conversation.promised_high_s, conversation.waited_s
    if low is None or high is None:
        return _("nothing was promised"), "plain"
    promised = _("promised %(low)s to %(high)s") % {"low": words.clock(low), "high": words.clock(high)}
    if waited is None:
        return promised, "plain"
    if waited > high:
        late = _("%(time)s longer") % {"time": words.clock(waited - high)}
        return f"{promised} · {late}", "warning"
    return promised, "good"


GRADE_TONES = {"good": "good", "fair": "good", "poor": "warning", "bad": "bad", "unknown": "plain"}


def grade_words() -> dict[str, str]:
    return {
        "good": _("good"),
        "fair": _("fair"),
        "poor": _("poor"),
        "bad": _("bad"),
        "unknown": _("not measured"),
    }


def _wait(conversation: Conversation) -> Fact:
    note, tone = wait_verdict(conversation)
    return Fact(_("Waited"), words.clock(conversation.waited_s), note, tone)


def _call(conversation: Conversation) -> list[Fact]:
    grade = quality_grade(conversation.mean_quality)
    quality = "–" if conversation.mean_quality is None else f"{conversation.mean_quality:.1f}"
    rtt = "–" if conversation.mean_rtt_ms is None else f"{conversation.mean_rtt_ms:.0f} {_('ms')}"
    lost = conversation.reconnects
    about = _("%(time)s in all, %(attempts)s attempts") % {
        "time": words.clock(conversation.interrupted_s),
        "attempts": conversation.attempts,
    }
    direct = _("direct")
    regions = f"{conversation.region_customer or direct} / {conversation.region_operator or direct}"
    lowest = conversation.worst_rung
    return [
        Fact(_("Quality"), quality, grade_words()[grade], GRADE_TONES[grade]),
        Fact(_("Interruptions"), str(lost), about if lost else _("none"), "warning" if lost else "good"),
        Fact(_("Round trip"), rtt, _("mean of both sides")),
        Fact(_("Ways"), regions, _("TURN region: customer / operator")),
        Fact(
            _("Adaptation"),
            "–" if lowest is None else str(lowest),
            "" if lowest is None else words.rung(lowest),
            "warning" if lowest else "plain",
        ),
    ]


def _of(events: list[ConversationEvent], kind: str) -> list[ConversationEvent]:
    return [event for event in events if event.kind == f"call:{kind}"]


def _side(event: ConversationEvent) -> str:
    """customer, operator, or empty for what the system did."""
    if event.kind == "joined":
        return "customer"
    if event.kind in ("claimed", "call:control"):
        return "operator"
    by = event.data.get("by") if event.kind == "ended" else event.data.get("from")
    return by if by in ("customer", "operator") else ""


def _identity(attributes: dict[str, Any]) -> str:
    """What the site has signed, in one line; empty where it has signed nothing."""
    signed = attributes.get(IDENTITY)
    return " · ".join(str(value) for value in signed.values() if value) if isinstance(signed, dict) else ""
