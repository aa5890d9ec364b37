"""What other apps call: put a notification into the outbox. Nothing here talks to Telegram."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from infra import trace
from notifications import cards, escalation, factory, outbox, prompt
from notifications import recipients as known
from notifications.content import otp_delivery, templates
from notifications.models import OPEN_STATES, Card, Channel, Kind, OutboxMessage, Standing, State, Tier
from notifications.recipients import Recipient, Recipients
from notifications.transports import chats


def enqueue(
    kind: str, *, context: dict[str, Any], dedupe_key: str, recipients: Recipients | None = None
) -> list[OutboxMessage]:
    """Adds one outbox row per recipient, inside the caller's database transaction.

    `recipients` None means the first step of the escalation that has any. A customer who joined gets a card, which
    the escalation and edits follow. The same `dedupe_key` again changes nothing and returns the rows that exist.
    `context` is checked against the kind (`messages.CustomerJoined`); ValueError for one that does not fit. Without
    any recipient one row of channel `log` is made, so that it stays visible that nobody was told.
    """
    checked = _traced(templates.check_context(kind, context))
    existing = list(OutboxMessage.objects.filter(notification=dedupe_key))
    if existing:
        return existing
    tier, targets = escalation.first_step() if recipients is None else (Tier.OPERATOR, recipients)
    card = _card(checked, dedupe_key, tier) if kind == Kind.CUSTOMER_JOINED else None
    factory.add(factory.make(kind, target, checked, dedupe_key, card) for target in targets or [factory.NOBODY])
    prompt.sweep_on_commit()
    return list(OutboxMessage.objects.filter(notification=dedupe_key))


def conversation_changed(conversation: str, standing: str, by: str = "") -> None:
    """Tells how it stands with a customer (`models.Standing`: claimed, left, expired, ended).

    Every message about them is brought up to date. `by` is the name of the operator who took the customer. Repeated or
    late news changes nothing: a card only moves forward. Part of the caller's transaction.
    """
    if cards.change(conversation, Standing(standing), by):
        prompt.sweep_on_commit()


def send_otp(
    admin_id: str, chat_id: str | None, language: str, code: str, asker: str = "", ttl_secs: float | None = None
) -> OutboxMessage:
    """Sends a one-time code by the same road. The code goes under a Redis key that dies with it; the row has its name.

    `asker` names the browser that asked: an earlier code that is still on its way there is dropped, those of others
    are not. Raises StoreUnavailable without Redis.
    """
    ttl = float(ttl_secs if ttl_secs is not None else settings.OTP_TTL_SECS)
    secret = otp_delivery.put(code, ttl)
    expires = timezone.now() + timedelta(seconds=ttl)
    target = Recipient(admin_id, chats.current(str(chat_id or "")), language or settings.LANGUAGE_CODE)
    context = _traced({"secret": secret, "expires_at": expires.isoformat(), "ttl_s": ttl, "asker": asker})
    with transaction.atomic():
        older = OutboxMessage.objects.filter(kind=Kind.OTP, admin_id=admin_id, context__asker=asker)
        older = older.filter(state__in=OPEN_STATES)
        stale = [row.context["secret"] for row in older]
        older.update(state=State.FAILED, claim="", last_error="replaced by a newer code")
        row = factory.make(Kind.OTP, target, context, f"otp:{secret}")
        row.save()
        prompt.sweep_on_commit()
        transaction.on_commit(lambda: otp_delivery.drop(*stale))
    return row


def send_test(admin_id: str) -> OutboxMessage | None:
    """Puts a test message to one operator into the outbox; None when there is no such operator."""
    target = known.operator(admin_id)
    if target is None:
        return None
    return enqueue(Kind.TEST, context={}, dedupe_key=f"test:{uuid4().hex}", recipients=[target])[0]


def send_transcript(conversation: str, address: str, language: str) -> OutboxMessage:
    """Sends a conversation's chat to an address (`infra.mail.address`), by the same road. Part of the caller's
    transaction. Its text is written when it is sent; the address goes when the delivery has ended."""
    context = {"address": address, "conversation": conversation}
    name = f"transcript:{uuid4().hex}"
    row = factory.make(Kind.TRANSCRIPT, Recipient("", "", language), _traced(context), name)
    row.channel = Channel.EMAIL
    row.save()
    prompt.sweep_on_commit()
    return row


def last_transcript(conversation: str) -> OutboxMessage | None:
    """The one that was asked for last."""
    return OutboxMessage.objects.filter(conversation=conversation, kind=Kind.TRANSCRIPT).order_by("-id").first()


def resend(message: OutboxMessage) -> bool:
    """Makes a finished message due again, with fresh attempts. False for one still under way, for a code, and for a
    transcript: a new one must be asked for."""
    opened = outbox.reopen(message, timezone.now())
    if opened:
        prompt.sweep_on_commit()
    return opened


def _traced(context: dict[str, Any]) -> dict[str, Any]:
    """With the request id that is bound here, so that the delivery's log lines carry it."""
    request_id = trace.request_id()
    return {**context, "trace": request_id} if request_id else context


def _card(context: dict[str, Any], notification: str, tier: Tier) -> Card:
    since = parse_datetime(context.get("since") or "") or timezone.now()
    fields = {
        "conversation": context.get("conversation", ""),
        "context": context,
        "tier": tier,
        "escalate_at": escalation.deadline(since),
    }
    return Card.objects.get_or_create(notification=notification, defaults=fields)[0]
