"""Which entries of the journal belong into the fairness log, and what they say there in words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from infra.storable import storable
from infra.writing.text import isolate
from queueing.history import line_choice, words
from queueing.history.fairness_models import FairnessEntry

Kind = FairnessEntry.Kind
Data = dict[str, Any]

OTHERS_MAX = 20
"""Customers of one list of a claim: lib/choosing.lua names no more."""
NUMBER_MAX = 32
TO_MAX = 150
PLACES_MAX = 2_000_000_000
LONGEST_MS = 10**12


def entries_of(entry_id: str, kind: str, conversation: str, at: datetime, data: Data) -> list[FairnessEntry]:
    """The lines that this entry of the journal adds, unsaved; none for most."""
    rows = list(_READ[kind](conversation, data)) if kind in _READ else []
    for row in rows:
        row.entry_id, row.at = entry_id, at
    return rows


def why(row: FairnessEntry) -> str:
    """The reason in a sentence, without the customer's and the operator's names, which stand beside it."""
    if row.kind == Kind.SKIPPED:
        return _("Was not connected when the turn came; keeps the place")
    if row.kind == Kind.KEPT:
        return _("Was passed on to somebody else, who has a while to come")
    if row.kind == Kind.JUMPED:
        number = row.places or 0
        text = ngettext("%(count)s customer stood before", "%(count)s customers stood before", number)
        return text % {"count": number}
    if row.kind == Kind.URGENT:
        return _("Has a priority; some who had waited longer were passed")
    if row.kind == Kind.AHEAD:
        return _("The call before was lost to the network")
    if row.kind == Kind.BOOKED:
        number = row.places or 0
        text = ngettext(
            "Had chosen this time; goes before %(count)s customer who waited",
            "Had chosen this time; goes before %(count)s customers who waited",
            number,
        )
        return text % {"count": number}
    if row.kind == Kind.TRANSFERRED:
        return _("To %(name)s") % {"name": isolate(row.to)} if row.to else _("To whoever is free")
    if row.kind == Kind.TAKEN_ON:
        return _("Was passed on, and goes before those who wait")
    if row.kind == Kind.HOLD_OVER:
        return _("Nobody came in time: whoever is free may")
    if row.kind == Kind.SUPERVISED:
        return _stepped_in(row)
    return _("No answer for %(time)s; back at the head of the queue") % {"time": words.clock(row.after_s)}


def _stepped_in(row: FairnessEntry) -> str:
    return {
        "transfer": _("Passed on to %(name)s") % {"name": isolate(row.to)}
        if row.to
        else _("Passed on to whoever is free"),
        "end": _("Ended the conversation"),
        "take": _("Took the conversation over"),
        "break": _("Sent the operator on a break"),
    }.get(row.act, row.act or "–")


def _claimed(conversation: str, data: Data) -> Iterator[FairnessEntry]:
    operator = _text(data, "operator", "admin_id")
    for kind in (Kind.SKIPPED, Kind.KEPT):
        for passed in _numbers(data.get(kind.value)):
            yield _row(kind, passed, admin_id=operator, other_id=conversation)
    places = data.get("jumped")
    if isinstance(places, int) and not isinstance(places, bool) and places > 0:
        yield _row(Kind.JUMPED, conversation, admin_id=operator, places=min(places, PLACES_MAX))
    if data.get("over"):
        yield _row(Kind.URGENT, conversation, admin_id=operator)
    if data.get("passed_on"):
        yield _row(Kind.TAKEN_ON, conversation, admin_id=operator)


def _joined(conversation: str, data: Data) -> Iterator[FairnessEntry]:
    if data.get("returning_from"):
        yield _row(Kind.AHEAD, conversation)
    if data.get("booked"):
        yield _row(Kind.BOOKED, conversation, places=_places(data.get("behind")))


def _places(value: Any) -> int | None:
    return min(value, PLACES_MAX) if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _transferred(conversation: str, data: Data) -> Iterator[FairnessEntry]:
    to = _text(data, "to") or line_choice.kept_name_of(_text(data, "line", "to"))[:TO_MAX]
    given = {"admin_id": _text(data, "operator", "admin_id"), "to": to, "note": _text(data, "note")}
    yield _row(Kind.TRANSFERRED, conversation, after_s=_seconds(data), **given)


def _hold_over(conversation: str, data: Data) -> Iterator[FairnessEntry]:
    yield _row(Kind.HOLD_OVER, conversation, admin_id=_text(data, "operator", "admin_id"))


def _given_back(conversation: str, data: Data) -> Iterator[FairnessEntry]:
    yield _row(Kind.RETURNED, conversation, admin_id=_text(data, "operator", "admin_id"), after_s=_seconds(data))


def _supervised(conversation: str, data: Data) -> Iterator[FairnessEntry]:
    to = _text(data, "to") or _text(data, "line", "to")
    given = {"admin_id": _text(data, "by", "admin_id"), "act": _text(data, "act"), "to": to}
    yield _row(Kind.SUPERVISED, conversation, **given)


def _row(kind: FairnessEntry.Kind, conversation: str, **more: Any) -> FairnessEntry:
    return FairnessEntry(kind=kind.value, conversation_id=conversation, **more)


def _numbers(found: Any) -> list[str]:
    """Numbers of conversations, each once."""
    listed = found[:OTHERS_MAX] if isinstance(found, list) else []
    return list(dict.fromkeys(one for one in listed if isinstance(one, str) and 0 < len(one) <= NUMBER_MAX))


def _text(data: Data, name: str, column: str = "") -> str:
    """Cut to its column: SQLite does not look at lengths."""
    value = data.get(name)
    longest = FairnessEntry._meta.get_field(column or name).max_length  # type: ignore[union-attr]
    return storable(value)[:longest] if isinstance(value, str) else ""


def _seconds(data: Data) -> float | None:
    value = data.get("after_ms")
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    return min(max(value, 0), LONGEST_MS) / 1000


_READ = {
    "joined": _joined,
    "claimed": _claimed,
    "transferred": _transferred,
    "hold-over": _hold_over,
    "given-back": _given_back,
    "supervised": _supervised,
}
