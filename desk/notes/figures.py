"""Notes in the reports, and as they go into files: their number, never their words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Count, QuerySet
from django.utils.translation import gettext_lazy

from desk.notes.admin import count_of, counted
from queueing.history.models import Conversation
from queueing.reports.extensions import ReportExtension
from queueing.reports.formats import count
from queueing.reports.periods import Figures


def measure(rows: QuerySet[Conversation], group: list[str]) -> Mapping[Any, Mapping[str, Any]]:
    """`notes`: how many were written about the conversations."""
    noted, figures = rows.filter(notes__isnull=False), {"notes": Count("notes")}
    if not group:
        return {None: noted.aggregate(**figures)}
    return {row.pop(group[0]): row for row in noted.values(*group).annotate(**figures)}


def written(figures: Figures) -> int:
    return int(figures.more.get("notes") or 0)


EXTENSION = ReportExtension(
    measure=measure,
    operator_columns=((gettext_lazy("Notes"), lambda figures: count(written(figures))),),
    daily=(("notes", written),),
    conversations=(("notes", count_of),),
    rows=counted,
    shown=lambda whole: written(whole) > 0,
)
