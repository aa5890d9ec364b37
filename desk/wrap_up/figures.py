"""Outcomes and tags in the reports, and as they go into files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Avg, Count, Q, QuerySet
from django.utils.translation import gettext as _

from desk.wrap_up.models import LABELS_MOST, Label, Outcome, Tag, WrapUp
from queueing.history.models import Conversation
from queueing.reports.extensions import Table
from queueing.reports.formats import clock, count, share
from queueing.reports.periods import ANSWERED, ENDED, HANDLING

WITHOUT = ENDED & ANSWERED & Q(wrap_up__outcome__isnull=True)
"""Conversations that are over and of which nobody has said what came of them."""


def of(conversation: Conversation) -> WrapUp | None:
    found: WrapUp | None = getattr(conversation, "wrap_up", None)
    return found


def fetched(conversations: QuerySet[Conversation]) -> QuerySet[Conversation]:
    """With all that `of` and the files need."""
    return conversations.select_related("wrap_up__outcome").prefetch_related("wrap_up__tags")


def outcome_of(conversation: Conversation) -> str:
    row = of(conversation)
    return str(row.outcome) if row and row.outcome else ""


def tag_names(conversation: Conversation) -> list[str]:
    row = of(conversation)
    return [str(tag) for tag in row.tags.all()] if row else []


def tags_of(conversation: Conversation) -> str:
    return ", ".join(tag_names(conversation))


def exported(conversations: Sequence[str], _identity: str | None) -> dict[str, list[dict[str, Any]]]:
    rows = WrapUp.objects.filter(pk__in=list(conversations)).select_related("outcome").prefetch_related("tags")
    return {"wrap_ups": [{"conversation": row.pk, **_plain(row)} for row in rows.order_by("pk")]}


def as_json(conversation: Conversation) -> dict[str, Any]:
    row = of(conversation)
    return {"wrap_up": _plain(row) if row else None}


def tables(conversations: QuerySet[Conversation]) -> list[Table]:
    """By outcome and by tag, each where there are any."""
    found = []
    answered = conversations.filter(ANSWERED)
    columns = [_("Customers"), _("Share"), _("Handling, mean")]
    if outcomes := _by(answered, Outcome, "wrap_up__outcome"):
        without = conversations.filter(WITHOUT).aggregate(n=Count("pk"), handling=Avg(HANDLING))
        if without["n"]:
            outcomes.append((_("without outcome"), without["n"], without["handling"]))
        found.append(_table("outcomes", _("By outcome"), [_("Outcome"), *columns], outcomes, answered.count()))
    if tags := _by(answered, Tag, "wrap_up__tags"):
        found.append(_table("tags", _("By tag"), [_("Tag"), *columns], tags, answered.count()))
    return found


Row = tuple[str, int, float | None]


def _by(answered: QuerySet[Conversation], model: type[Label], path: str) -> list[Row]:
    """The most frequent first; a label that was not chosen is left out."""
    names = {label.pk: str(label) for label in model._default_manager.all()}
    rows = answered.filter(**{f"{path}__isnull": False}).values(path).annotate(n=Count("pk"), handling=Avg(HANDLING))
    return [(names[row[path]], row["n"], row["handling"]) for row in rows.order_by("-n", path)[: LABELS_MOST * 2]]


def _table(key: str, title: str, columns: list[str], rows: list[Row], whole: int) -> Table:
    shown = [[name, count(n), share(n / whole if whole else None), clock(handling)] for name, n, handling in rows]
    return Table(key, title, columns, shown, "")


def _plain(row: WrapUp) -> dict[str, Any]:
    tags = [str(tag) for tag in row.tags.all()]
    return {"outcome": str(row.outcome) if row.outcome else None, "tags": tags, "at": row.at.isoformat()}
