"""How a row of the outbox is made: for a notification, or for the edit of a card that was delivered."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.utils import timezone

from notifications.models import Card, Channel, Kind, OutboxMessage, PushSubscription, Tier
from notifications.telling.recipients import Recipient

NOBODY = Recipient("", "", "")
PUSH = "push:"
"""Before the number of a subscription, as the chat id of what goes there."""
CHAT = "chat:"
"""Before a conversation, in the place of the id of its customer's chat."""
BEFORE = {Channel.EMAIL: "", Channel.PUSH: PUSH, Channel.CHAT: CHAT}
"""Ways to a customer → what stands before whom it is about, in the place of a chat id."""
OF_CUSTOMERS = (Kind.TRANSCRIPT, Kind.REPLY, Kind.CALLBACK, Kind.CALLBACK_KEPT, Kind.APPOINTMENT)
"""Kinds that go to customers. They are sent once: afterwards what they were sent with is gone, or their time."""


def make(
    kind: str, target: Recipient, context: dict[str, Any], notification: str, card: Card | None = None
) -> OutboxMessage:
    """A row that is due now, not saved yet. With a card it belongs to the step that the card stands on."""
    now = timezone.now()
    return OutboxMessage(
        notification=notification,
        dedupe_key=f"{notification}:{target.chat_id or Channel.LOG}",
        kind=kind,
        channel=_channel(target, card),
        tier=card.tier if card else "",
        card=card,
        admin_id=target.admin_id,
        chat_id=target.chat_id,
        language=target.language or settings.LANGUAGE_CODE,
        conversation=str(context.get("conversation", "")),
        context=context,
        next_at=now,
        created_at=now,
    )


def make_push(kind: str, subscription: PushSubscription, context: dict[str, Any], notification: str) -> OutboxMessage:
    """The same for a browser. It belongs to no card: nothing of it can be edited, and no step waits for it."""
    target = Recipient(subscription.admin_id, f"{PUSH}{subscription.pk}", subscription.language)
    row = make(kind, target, context, notification)
    row.channel = Channel.PUSH
    return row


def make_for_customer(
    kind: Kind, channel: Channel, about: str, language: str, context: dict[str, Any], notification: str
) -> OutboxMessage:
    """The same for a customer, of one of OF_CUSTOMERS. `about`: the conversation or the appointment whose browser or
    chat is told; empty for an e-mail, whose address stands in the context."""
    row = make(kind, Recipient("", f"{BEFORE[channel]}{about}", language), context, notification)
    row.channel = channel
    return row


def make_edit(shown: OutboxMessage) -> OutboxMessage:
    """The row that brings a delivered card up to date. There is one for each, used again for every change."""
    now = timezone.now()
    return OutboxMessage(
        notification=shown.notification,
        dedupe_key=f"edit:{shown.pk}",
        kind=Kind.CARD_EDIT,
        channel=Channel.TELEGRAM,
        tier=shown.tier,
        card_id=shown.card_id,
        edits=shown,
        admin_id=shown.admin_id,
        chat_id=shown.chat_id,
        language=shown.language,
        conversation=shown.conversation,
        next_at=now,
        created_at=now,
    )


def add(rows: Iterable[OutboxMessage]) -> None:
    """Saves those that do not exist yet, in the caller's transaction.

    ignore_conflicts rather than catching IntegrityError: that would spoil the transaction on PostgreSQL.
    """
    OutboxMessage.objects.bulk_create(rows, ignore_conflicts=True)


def _channel(target: Recipient, card: Card | None) -> Channel:
    if not target.chat_id:
        return Channel.LOG
    return Channel.FALLBACK if card and card.tier == Tier.FALLBACK else Channel.TELEGRAM
