"""Other conversations of the same person: whom the site has signed, never whom somebody says to be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from desk.notes import admin as notes
from desk.ratings import admin as ratings
from desk.wrap_up import figures
from queueing.admin.page.view import operator_of
from queueing.history.models import Conversation, person_in

SHOWN_MOST = 20


@dataclass(frozen=True)
class Others:
    """`rows`: the newest first, with all that `as_dict` needs; `total`: how many there are."""

    rows: tuple[Conversation, ...] = ()
    total: int = 0


def others(conversation: Conversation) -> Others:
    person = conversation.person or person_in(conversation.attributes)
    if not person:
        return Others()
    rows = Conversation.objects.filter(person=person).exclude(pk=conversation.pk)
    return Others(tuple(_whole(rows).order_by("-joined_at", "-pk")[:SHOWN_MOST]), rows.count())


def _whole(rows: QuerySet[Conversation]) -> QuerySet[Conversation]:
    return notes.counted(ratings.with_rating(figures.fetched(rows.select_related("operator"))))


def score_of(row: Conversation) -> int | None:
    rating = ratings.rating_of(row)
    return rating.score if rating else None


def as_dict(row: Conversation) -> dict[str, Any]:
    """For the console. `duration_s`: with the operator, null where nobody talked; `joined_at`: ISO 8601."""
    return {
        "id": row.pk,
        "joined_at": row.joined_at.isoformat(),
        "status": row.status,
        "media": row.media,
        "duration_s": row.duration_s,
        "operator": operator_of(row),
        "outcome": figures.outcome_of(row),
        "tags": figures.tag_names(row),
        "notes": notes.count_of(row),
        "rating": score_of(row),
        "url": address_of(row),
    }


def address_of(row: Conversation) -> str:
    """Of its record in the admin."""
    return reverse("admin:queueing_conversation_change", args=[row.pk])
