"""What notifications know of customers, taken away: cards and outbox rows keep their course, not the words, and the
messages that chats have of them are edited, by the same road as every other edit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet

from infra import mail
from notifications.models import CARDED, OPEN_STATES, Card, Channel, Kind, OutboxMessage, State

PERSONAL = ("name", "topic", "address")
BATCH = 200


def anonymise(conversations: Iterable[str]) -> int:
    """Empties names, topics and addresses in everything about these conversations; answers how many rows changed. An
    e-mail that is under way then has nowhere to go, and is given up."""
    ids = list(conversations)
    return _empty(Card.objects.filter(conversation__in=ids)) + _empty(OutboxMessage.objects.filter(_about(ids)))


def anonymise_named(names: Iterable[str]) -> int:
    """The same for everything of these notifications."""
    known = list(names)
    rows = OutboxMessage.objects.filter(notification__in=known)
    return _empty(Card.objects.filter(notification__in=known)) + _empty(rows)


def anonymise_addressed(mailbox: str) -> int:
    """The same for letters that have not gone yet: they have nowhere to go then, and are given up."""
    return _empty(_addressed(mailbox))


def anonymise_before(moment: datetime, limit: int) -> int:
    """The same for what is older than `moment` and no longer under way, at most `limit` rows of each kind."""
    cards = Card.objects.filter(created_at__lt=moment)
    messages = OutboxMessage.objects.filter(created_at__lt=moment).exclude(state__in=OPEN_STATES)
    return _empty(cards, limit) + _empty(messages, limit)


@dataclass(frozen=True)
class Shown:
    """What chats hold of some conversations: `telegram` messages that were delivered, how many of them still have to be
    edited (`pending`), which edits were `refused`, and how many went by a `fallback` that nobody can edit."""

    telegram: int
    pending: int
    refused: list[dict[str, Any]]
    fallback: int


def shown(conversations: Iterable[str]) -> Shown:
    ids = list(conversations)
    messages = OutboxMessage.objects.filter(card__conversation__in=ids)
    delivered = messages.filter(kind__in=CARDED, state=State.SENT)
    telegram = delivered.filter(channel=Channel.TELEGRAM, telegram_message_id__isnull=False)
    behind = Q(version__lt=F("card__version")) | Q(edit__state__in=OPEN_STATES)
    refused = messages.filter(kind=Kind.CARD_EDIT, state__in=(State.FAILED, State.BLOCKED)).order_by("id")
    return Shown(
        telegram=telegram.count(),
        pending=telegram.filter(behind).count(),
        refused=[
            {
                **{"operator": row.admin_id, "chat_id": row.chat_id, "why": row.last_error},
                "message_id": row.edits.telegram_message_id if row.edits else None,
            }
            for row in refused.select_related("edits")[:BATCH]
        ],
        fallback=delivered.filter(channel=Channel.FALLBACK).count(),
    )


def redraw_refused(conversations: Iterable[str]) -> int:
    """Edits that were given up are made once more; how many cards have some."""
    failed = OutboxMessage.objects.filter(kind=Kind.CARD_EDIT, state__in=(State.FAILED, State.BLOCKED))
    cards = Card.objects.filter(conversation__in=list(conversations), pk__in=failed.values("card"))
    return cards.update(version=F("version") + 1, redraw=True)


def about(conversations: Iterable[str]) -> list[dict[str, Any]]:
    """What was sent about these conversations, for an export: to whom, when, and of what the text was made."""
    fields = ("conversation", "kind", "channel", "admin_id", "state", "created_at", "sent_at", "context")
    return list(OutboxMessage.objects.filter(_about(list(conversations))).order_by("id").values(*fields))


def addressed(mailbox: str) -> list[dict[str, Any]]:
    """Letters under way to an address of it; the address of one that has ended is not kept."""
    fields = ("id", "conversation", "kind", "state", "created_at", "context")
    return list(_addressed(mailbox).order_by("id").values(*fields))


def _addressed(mailbox: str) -> QuerySet[OutboxMessage]:
    letters = OutboxMessage.objects.filter(channel=Channel.EMAIL)
    near = letters.filter(context__address__istartswith=mail.name_in(mailbox)).values_list("pk", "context__address")
    return OutboxMessage.objects.filter(pk__in=[pk for pk, address in near if mail.is_of(mailbox, address)])


def _about(ids: list[str]) -> Q:
    return Q(conversation__in=ids) | Q(card__conversation__in=ids)


def _empty(rows: QuerySet[Any], limit: int | None = None) -> int:
    """Rows whose context says something of a person, with that taken out."""
    named = rows.none()
    for name in PERSONAL:
        named |= rows.exclude(Q(**{f"context__{name}__isnull": True}) | Q(**{f"context__{name}": ""}))
    changed = 0
    for row in named.only("id", "context").order_by("id")[:limit].iterator(chunk_size=BATCH):
        context = {**row.context, **{name: "" for name in PERSONAL if name in row.context}}
        changes: dict[str, Any] = {"context": context}
        if isinstance(row, Card):
            # A newer version: the chats that show the older one are edited.
            changes |= {"version": F("version") + 1, "redraw": True}
        changed += type(row).objects.filter(pk=row.pk).update(**changes)
    return changed
