"""What notifications know of customers, taken away: cards and outbox rows keep their course, not the words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from notifications.models import OPEN_STATES, Card, OutboxMessage

PERSONAL = ("name", "topic")
BATCH = 200


def anonymise(conversations: Iterable[str]) -> int:
    """Empties names and topics in everything about these conversations; answers how many rows changed."""
    ids = list(conversations)
    return _empty(Card.objects.filter(conversation__in=ids)) + _empty(OutboxMessage.objects.filter(_about(ids)))


def anonymise_before(moment: datetime, limit: int) -> int:
    """The same for what is older than `moment` and no longer under way, at most `limit` rows of each kind."""
    cards = Card.objects.filter(created_at__lt=moment)
    messages = OutboxMessage.objects.filter(created_at__lt=moment).exclude(state__in=OPEN_STATES)
    return _empty(cards, limit) + _empty(messages, limit)


def about(conversations: Iterable[str]) -> list[dict[str, Any]]:
    """What was sent about these conversations, for an export: to whom, when, and of what the text was made."""
    fields = ("conversation", "kind", "channel", "admin_id", "state", "created_at", "sent_at", "context")
    return list(OutboxMessage.objects.filter(_about(list(conversations))).order_by("id").values(*fields))


def _about(ids: list[str]) -> Q:
    return Q(conversation__in=ids) | Q(card__conversation__in=ids)


def _empty(rows: QuerySet[Any], limit: int | None = None) -> int:
    """Rows whose context says something of a person, with that taken out."""
    named = rows.exclude(Q(context__name__isnull=True) | Q(context__name="")) | rows.exclude(
        Q(context__topic__isnull=True) | Q(context__topic="")
    )
    changed = 0
    for row in named.only("id", "context").order_by("id")[:limit].iterator(chunk_size=BATCH):
        context = {**row.context, **{name: "" for name in PERSONAL if name in row.context}}
        changed += type(row).objects.filter(pk=row.pk).update(context=context)
    return changed
