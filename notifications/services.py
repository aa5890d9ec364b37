"""What other apps call: put a notification into the outbox. Nothing here talks to Telegram."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from notifications import codes, messages, outbox
from notifications import recipients as registry
from notifications.models import OPEN_STATES, Channel, Kind, OutboxMessage, State
from notifications.recipients import Recipient, Recipients

NOBODY = Recipient("", "", "")


def enqueue(
    kind: str, *, context: dict[str, Any], dedupe_key: str, recipients: Recipients | None = None
) -> list[OutboxMessage]:
    """Adds one outbox row per recipient, inside the caller's database transaction.

    `recipients` None means everyone registered. The same `dedupe_key` again changes nothing and returns the rows that
    exist. `context` is checked against the kind (`messages.CustomerJoined`); ValueError for one that does not fit.
    Without any recipient one row of channel `log` is made, so that it stays visible that nobody was told.
    """
    checked = messages.check_context(kind, context)
    existing = list(OutboxMessage.objects.filter(notification=dedupe_key))
    if existing:
        return existing
    targets = registry.everyone() if recipients is None else recipients
    rows = [_row(kind, target, checked, dedupe_key) for target in targets or [NOBODY]]
    # ignore_conflicts rather than catching IntegrityError: that would spoil the caller's transaction on PostgreSQL.
    OutboxMessage.objects.bulk_create(rows, ignore_conflicts=True)
    return list(OutboxMessage.objects.filter(notification=dedupe_key))


def send_otp(
    admin_id: str, chat_id: str | None, language: str, code: str, ttl_secs: float | None = None
) -> OutboxMessage:
    """Sends a one-time code by the same road. The code goes under a Redis key that dies with it; the row has its name.

    An earlier code of this operator that is still on its way is dropped. Raises StoreUnavailable without Redis.
    """
    ttl = float(ttl_secs if ttl_secs is not None else settings.OTP_TTL_SECS)
    secret = codes.put(code, ttl)
    expires = timezone.now() + timedelta(seconds=ttl)
    target = Recipient(admin_id, str(chat_id or "").strip(), language or settings.LANGUAGE_CODE)
    context = {"secret": secret, "expires_at": expires.isoformat(), "ttl_s": ttl}
    with transaction.atomic():
        older = OutboxMessage.objects.filter(kind=Kind.OTP, admin_id=admin_id, state__in=OPEN_STATES)
        stale = [row.context["secret"] for row in older]
        older.update(state=State.FAILED, claim="", last_error="replaced by a newer code")
        row = _row(Kind.OTP, target, context, f"otp:{secret}")
        row.save()
        transaction.on_commit(lambda: codes.drop(*stale))
    return row


def send_test(admin_id: str) -> OutboxMessage | None:
    """Puts a test message to one operator into the outbox; None when there is no such operator."""
    target = registry.operator(admin_id)
    if target is None:
        return None
    return enqueue(Kind.TEST, context={}, dedupe_key=f"test:{uuid4().hex}", recipients=[target])[0]


def resend(message: OutboxMessage) -> bool:
    """Makes a finished message due again, with fresh attempts. False for one still under way, and for a code: a new
    one must be asked for."""
    return outbox.reopen(message, timezone.now())


def _row(kind: str, target: Recipient, context: dict[str, Any], notification: str) -> OutboxMessage:
    now = timezone.now()
    return OutboxMessage(
        notification=notification,
        dedupe_key=f"{notification}:{target.chat_id or Channel.LOG}",
        kind=kind,
        channel=Channel.TELEGRAM if target.chat_id else Channel.LOG,
        admin_id=target.admin_id,
        chat_id=target.chat_id,
        language=target.language or settings.LANGUAGE_CODE,
        conversation=str(context.get("conversation", "")),
        context=context,
        next_at=now,
        created_at=now,
    )
