"""The figures of a call: samples as the journal brings them, and what is left of them when the call is over."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Avg, Max

from queueing.history.models import CallSample, Conversation, ConversationEvent
from queueing.live.grades import FLOORS
from queueing.live.reasons import LOST

Interval = tuple[datetime, datetime]

POOR_QUALITY = FLOORS["fair"]
"""A mean opinion score below this is what most people call a bad connection."""
POOR_RUNG = 3
"""From here on the picture is a stamp, or gone."""
MOST_ATTEMPTS = 100_000
"""Of one interruption, as on the wire."""
MOST_COUNTED = 2**31 - 1
"""What the column holds."""
ATTEMPTS = ("restart", "restart-relay", "rebuild")


RANGES = {
    "rtt_ms": (0, 3_600_000),
    "jitter_ms": (0, 3_600_000),
    "loss_pct": (0, 100),
    "bitrate_kbps": (0, 10_000_000),
    "quality": (0, 5),
    "rung": (0, 9),
}
"""What a figure can be. Anything else was not measured, and would spoil every mean that it is part of."""
SUMMARY = frozenset(
    {
        *("reconnects", "interrupted_s", "attempts", "worst_rung", "mean_rtt_ms", "mean_quality"),
        *("region_customer", "region_operator", "had_trouble"),
    }
)
"""The fields that `summarise` fills."""


def sample_of(conversation: Conversation, entry_id: str, at: datetime, data: dict[str, Any]) -> CallSample:
    """The row of a `call:sample` entry, not saved; what is no figure there is left out."""
    figures = {name: _number(name, data.get(name)) for name in RANGES}
    rung = figures.pop("rung")
    return CallSample(
        conversation=conversation,
        entry_id=entry_id,
        side=CallSample.Side(data["from"]),
        at=at,
        **figures,
        rung=None if rung is None else int(rung),
        region=_word(data.get("region")),
        candidate_type=_word(data.get("candidate_type")),
        codec=_word(data.get("codec")),
    )


def summarise(conversation: Conversation, until: datetime | None = None) -> None:
    """Fills the fields that follow from the call's events and samples; the caller saves.

    Call it when the conversation has ended, or with the present moment for a look at a running one.
    """
    until = until or conversation.ended_at
    if conversation.claimed_at is None or until is None:
        return
    events = list(conversation.events.filter(kind__in=("call:state", "call:region", "call:rung")))
    outages = interruptions(events, until)
    means = conversation.samples.aggregate(rtt=Avg("rtt_ms"), quality=Avg("quality"), rung=Max("rung"))
    rungs = [_whole(event.data.get("rung"), 9) for event in events if event.kind == "call:rung"]
    conversation.reconnects = len(outages)
    conversation.interrupted_s = round(sum((end - start).total_seconds() for start, end in outages), 1)
    conversation.attempts = _attempts(events)
    conversation.worst_rung = max([*rungs, means["rung"] or 0]) if rungs or means["rung"] is not None else None
    conversation.mean_rtt_ms = _rounded(means["rtt"], 1)
    conversation.mean_quality = _rounded(means["quality"], 2)
    regions = {event.data.get("from"): event.data.get("region", "") for event in events if event.kind == "call:region"}
    conversation.region_customer = _word(regions.get("customer"))
    conversation.region_operator = _word(regions.get("operator"))
    conversation.had_trouble = bool(
        outages
        or (conversation.worst_rung or 0) >= POOR_RUNG
        or (conversation.mean_quality is not None and conversation.mean_quality < POOR_QUALITY)
        or conversation.reason in LOST
    )


def interruptions(events: Iterable[ConversationEvent], end: datetime) -> list[Interval]:
    """When media was lost after it had come for the first time, in order.

    Both sides notice an interruption, not always at once: what overlaps is one. One that lasts runs until `end`.
    """
    since: dict[str, datetime] = {}
    found: list[Interval] = []
    talked = False
    for event in events:
        side, state = str(event.data.get("from")), event.data.get("state")
        if event.kind != "call:state":
            continue
        if state == "connected":
            talked = True
            if side in since:
                found.append((since.pop(side), event.at))
        elif talked and state in ("reconnecting", "failed"):
            since.setdefault(side, event.at)
    found += [(start, end) for start in since.values()]
    return _merged(found)


def _merged(intervals: list[Interval]) -> list[Interval]:
    merged: list[Interval] = []
    for start, end in sorted(intervals):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def _attempts(events: Iterable[ConversationEvent]) -> int:
    """Attempts of both sides: as a side counted them when it was back, else the steps it told of."""
    total, open_steps = 0, {"customer": 0, "operator": 0}
    for event in events:
        side = event.data.get("from")
        if event.kind != "call:state" or side not in open_steps:
            continue
        if event.data.get("state") == "connected":
            total += _whole(event.data.get("attempts"), MOST_ATTEMPTS)
            open_steps[side] = 0
        elif event.data.get("step") in ATTEMPTS:
            open_steps[side] += 1
    return min(total + sum(open_steps.values()), MOST_COUNTED)


def _number(name: str, value: Any) -> float | None:
    least, most = RANGES[name]
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        return None
    return float(value)


def _whole(value: Any, most: int) -> int:
    """A count that a page told, as one that can be added up."""
    return min(max(0, int(value)), most) if isinstance(value, int | float) else 0


def _word(value: Any) -> str:
    return value[:64] if isinstance(value, str) else ""


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
