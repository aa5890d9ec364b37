"""Says to conversations what this package keeps of them."""

from __future__ import annotations

from desk.wrap_up import admin, figures
from desk.wrap_up.models import Outcome, Tag, WrapUp
from queueing.admin import extensions as pages
from queueing.history.privacy import extensions as history
from queueing.reports import extensions as reports


def connect() -> None:
    history.exported_by(figures.exported, WrapUp)
    pages.add(
        pages.PageExtension(
            columns=(admin.outcome_column,),
            filters=(admin.OutcomeFilter, admin.TagFilter),
            section=admin.section,
            exported=figures.as_json,
            rows=figures.fetched,
            listed=lambda _request: Outcome.objects.exists() or Tag.objects.exists(),
        )
    )
    reports.add(
        reports.ReportExtension(
            tables=figures.tables,
            conversations=(("outcome", figures.outcome_of), ("tags", figures.tags_of)),
            rows=figures.fetched,
        )
    )
