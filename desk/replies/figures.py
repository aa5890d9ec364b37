"""Canned replies in the reports, and as they go into files: how often, and which."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desk.replies.models import ReplyUse
from queueing.history.models import Conversation
from queueing.reports.extensions import ReportExtension, Table
from queueing.reports.formats import count
from queueing.reports.periods import Figures

SHOWN_MOST = 30


def fetched(conversations: QuerySet[Conversation]) -> QuerySet[Conversation]:
    """With all that `shortcuts_of` needs."""
    return conversations.prefetch_related("reply_uses")


def shortcuts_of(conversation: Conversation) -> list[str]:
    """In the order in which they were taken."""
    uses: Any = conversation
    return [f"/{use.shortcut}" for use in uses.reply_uses.all()]


def as_json(conversation: Conversation) -> dict[str, Any]:
    return {"canned_replies": shortcuts_of(conversation)}


def measure(rows: QuerySet[Conversation], group: list[str]) -> Mapping[Any, Mapping[str, Any]]:
    """`replies_used`: how often one was taken."""
    figures = {"replies_used": Count("reply_uses")}
    used = rows.filter(reply_uses__isnull=False)
    if not group:
        return {None: used.aggregate(**figures)}
    return {row.pop(group[0]): row for row in used.values(*group).annotate(**figures)}


def used(figures: Figures) -> int:
    return int(figures.more.get("replies_used") or 0)


def tables(conversations: QuerySet[Conversation]) -> list[Table]:
    """The most used ones of the period, by their shortcut: also those that are gone by now."""
    uses = ReplyUse.objects.filter(conversation__in=conversations.values("pk")).order_by()
    rows = uses.values("shortcut").annotate(n=Count("pk"), customers=Count("conversation", distinct=True))
    shown = [
        [f"/{row['shortcut']}", count(row["n"]), count(row["customers"])]
        for row in rows.order_by("-n", "shortcut")[:SHOWN_MOST]
    ]
    columns = [_("Canned reply"), _("Used"), _("Customers")]
    return [Table("replies", _("Canned replies"), columns, shown, "")] if shown else []


EXTENSION = ReportExtension(
    measure=measure,
    tables=tables,
    operator_columns=((gettext_lazy("Canned replies"), lambda figures: count(used(figures))),),
    daily=(("canned_replies", used),),
    conversations=(("canned_replies", lambda conversation: " ".join(shortcuts_of(conversation))),),
    rows=fetched,
    shown=lambda whole: used(whole) > 0,
)
