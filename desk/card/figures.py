"""From which pages customers asked, in the reports."""

from __future__ import annotations

from django.db.models import Count, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.utils.translation import gettext as _

from queueing.history.models import Conversation
from queueing.reports.extensions import ReportExtension, Table
from queueing.reports.formats import count, share
from queueing.reports.periods import ANSWERED

SHOWN_MOST = 20


def tables(conversations: QuerySet[Conversation]) -> list[Table]:
    """The pages that most came from; of conversations whose personal data is erased nobody knows any more."""
    seen = conversations.annotate(page=KeyTextTransform("page", "visit")).filter(page__isnull=False)
    rows = seen.values("page").annotate(n=Count("pk"), answered=Count("pk", filter=ANSWERED))
    shown = [
        [row["page"], count(row["n"]), share(row["answered"] / row["n"])]
        for row in rows.order_by("-n", "page")[:SHOWN_MOST]
    ]
    columns = [_("Page"), _("Customers"), _("Answered")]
    return [Table("pages", _("By page"), columns, shown, "")] if shown else []


EXTENSION = ReportExtension(tables=tables)
