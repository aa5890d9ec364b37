"""Ratings where conversations are shown: a column, a filter, a section of the page, its JSON."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from desk.ratings.models import Rating, Score
from queueing.admin import extensions
from queueing.admin.extensions import PageExtension
from queueing.models import Conversation

TONES = {1: "bad", 2: "bad", 3: "warning", 4: "good", 5: "good"}


def rating_of(conversation: Conversation) -> Rating | None:
    """Read along with the conversation (`with_rating`)."""
    rating: Rating | None = getattr(conversation, "rating", None)
    return rating


def with_rating(rows: QuerySet[Conversation]) -> QuerySet[Conversation]:
    return rows.select_related("rating")


@admin.display(description=_("rating"), ordering="rating__score")
def column(conversation: Conversation) -> SafeString | str:
    rating = rating_of(conversation)
    if rating is None:
        return "–"
    return format_html(
        '<span class="ad-conversation-cell" data-tone="{}" title="{}">{}</span>{}',
        TONES[rating.score],
        rating.get_score_display(),
        rating.score,
        format_html('<span class="ad-conversation-under" dir="auto">{}</span>', _beginning(rating.comment))
        if rating.comment
        else "",
    )


class RatingFilter(admin.SimpleListFilter):
    title = _("rating")
    parameter_name = "rating"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        scores = [(str(score), f"{score} · {label}") for score, label in Score.choices]
        return [("any", _("Rated")), ("comment", _("With a comment")), *scores, ("none", _("Not rated"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value() or ""
        if chosen == "any":
            return queryset.filter(rating__isnull=False)
        if chosen == "comment":
            return queryset.filter(rating__isnull=False).exclude(rating__comment="")
        if chosen == "none":
            return queryset.filter(rating__isnull=True)
        return queryset.filter(rating__score=chosen) if chosen in map(str, Score) else queryset


def section(_request: HttpRequest, conversation: Conversation) -> str:
    rating = rating_of(conversation)
    if rating is None:
        return ""
    return render_to_string(
        "desk/rating_section.html", {"rating": rating, "tone": TONES[rating.score], "most": max(Score)}
    )


def exported(conversation: Conversation) -> dict[str, Any]:
    rating = rating_of(conversation)
    names = ("score", "comment", "given_at", "changed_at")
    return {"rating": None if rating is None else {name: getattr(rating, name) for name in names}}


def _beginning(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else f"{line[:59]}…"


extensions.add(
    PageExtension(
        columns=(column,),
        filters=(RatingFilter,),
        section=section,
        exported=exported,
        rows=with_rating,
        listed=lambda _request: bool(settings.RATINGS),
    )
)
