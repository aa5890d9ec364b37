"""Ratings in the reports, and as columns of their files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import Avg, Count, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desk.ratings.admin import rating_of, with_rating
from desk.ratings.models import Score
from queueing.models import Conversation
from queueing.reports.charts import Chart, Series, lined, stacked
from queueing.reports.extensions import ReportExtension
from queueing.reports.formats import count, score, share
from queueing.reports.periods import Figures, Report

NAMES = {one: f"rated_{one.value}" for one in Score}
KINDS = {1: "bad", 2: "warn", 3: "quiet", 4: "now", 5: "good"}


def measure(rows: QuerySet[Conversation], group: list[str]) -> Mapping[Any, Mapping[str, Any]]:
    """`rating_mean` (None where nobody rated), `ratings`, and `rated_1` … `rated_5`, each a number of ratings."""
    counted: dict[str, Any] = {name: Count("pk", filter=Q(rating__score=one)) for one, name in NAMES.items()}
    rated = rows.filter(rating__isnull=False)
    figures = {"rating_mean": Avg("rating__score"), "ratings": Count("pk"), **counted}
    if not group:
        return {None: rated.aggregate(**figures)}
    return {row.pop(group[0]): row for row in rated.values(*group).annotate(**figures)}


def rating(figures: Figures) -> float | None:
    """The mean."""
    value: float | None = figures.more.get("rating_mean")
    return value


def ratings(figures: Figures, only: Score | None = None) -> int:
    return int(figures.more.get("ratings" if only is None else NAMES[only]) or 0)


def rated_share(figures: Figures) -> float | None:
    """Of the customers who were answered, those who rated."""
    return ratings(figures) / figures.answered if figures.answered else None


def _of(one: Score) -> Callable[[Figures], int]:
    return lambda figures: ratings(figures, one)


def tiles(whole: Figures) -> list[tuple[str, str, str]]:
    note = _("%(n)s ratings, %(share)s of those answered")
    return [
        (_("Rating"), score(rating(whole)), note % {"n": count(ratings(whole)), "share": share(rated_share(whole))})
    ]


def charts(report: Report) -> list[Chart]:
    parts = [Series(KINDS[one], one.label, _of(one)) for one in Score]
    mean = [Series("first", gettext_lazy("mean rating"), rating)]
    given = _("What customers gave on the days on which they came, from 1 (very bad) to 5 (very good).")
    return [
        stacked("ratings", _("Ratings"), given, report.days, parts, count),
        lined("rating", _("Mean rating"), given, report.days, mean, score, lambda _highest: 5.0),
    ]


def _score_of(conversation: Conversation) -> int | None:
    found = rating_of(conversation)
    return found.score if found else None


def _comment_of(conversation: Conversation) -> str:
    found = rating_of(conversation)
    return found.comment if found else ""


EXTENSION = ReportExtension(
    measure=measure,
    tiles=tiles,
    charts=charts,
    operator_columns=(
        (gettext_lazy("Rating"), lambda figures: score(rating(figures))),
        (gettext_lazy("Rated by"), lambda figures: share(rated_share(figures))),
    ),
    daily=(
        ("rating", rating),
        ("ratings", ratings),
        *((name, _of(one)) for one, name in NAMES.items()),
    ),
    conversations=(("rating", _score_of), ("rating_comment", _comment_of)),
    rows=with_rating,
    shown=lambda whole: ratings(whole) > 0,
)
