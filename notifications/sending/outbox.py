"""The state machine of an outbox row. Every step is one compare-and-set UPDATE; whoever loses it returns quietly.

    pending|retrying --claim--> sending --count_attempt--> sending (attempt counted)
        --> sent | logged | retrying (next_at) | failed | blocked | refused
    sending with a lapsed lease --claim--> sending: its worker died or was paused

The claim is a random word written by the claimer: work handed over with an older one finds nothing to do.
"""

from datetime import datetime, timedelta
from uuid import uuid4

from django.db import transaction
from django.db.models import F, Q, QuerySet

from notifications import policy, private_chats
from notifications.models import (
    OPEN_STATES,
    WAITING_STATES,
    Card,
    Channel,
    DeliveryCounter,
    Kind,
    OutboxMessage,
    State,
)
from notifications.sending import delays
from notifications.telling import escalation, factory, pushes

ERROR_LENGTH = 300
ONCE = (Kind.OTP, *factory.OF_CUSTOMERS)


def claim_due(now: datetime) -> list[tuple[int, str]]:
    """Claims due rows, oldest first, as many as may be in flight; returns (row id, claim) of those that are ours.

    Rows whose lease lapsed are due again, or failed when their worker died in the last attempt.
    """
    _fail_spent(now)
    mail, push, chat = Q(channel=Channel.EMAIL), Q(channel=Channel.PUSH), Q(channel=Channel.CHAT)
    return (
        _claim(~mail & ~push & ~chat, policy.IN_FLIGHT, now)
        + _claim(push, policy.PUSH_IN_FLIGHT, now)
        + _claim(chat, policy.CHAT_IN_FLIGHT, now)
        + _claim(mail, policy.MAIL_IN_FLIGHT, now)
    )


def _claim(which: Q, most: int, now: datetime) -> list[tuple[int, str]]:
    busy = OutboxMessage.objects.filter(which, state=State.SENDING, claimed_until__gt=now).count()
    room = most - busy
    if room <= 0:
        return []
    won = []
    seen = list(_due(now).filter(which).order_by("next_at", "id").values_list("id", "state", "claim")[:room])
    for row_id, state, old_claim in seen:
        claim = _take(row_id, state, old_claim, now)
        if claim:
            won.append((row_id, claim))
    return won


def claim_one(row_id: int, now: datetime) -> str | None:
    """Claims one row if it is due, for a delivery without a worker; the claim, or None."""
    row = _due(now).filter(pk=row_id).first()
    return _take(row.pk, row.state, row.claim, now) if row else None


def claimed(row_id: int, claim: str, now: datetime) -> OutboxMessage | None:
    """The row, if `claim` still holds it and the lease leaves time for a send."""
    needed = now + timedelta(seconds=policy.SEND_TIMEOUT_SECS)
    return _mine(row_id, claim).filter(claimed_until__gt=needed).select_related("card", "edits").first()


def count_attempt(message: OutboxMessage) -> bool:
    """Counts the attempt before it is made, so that a message that kills its worker cannot be tried forever."""
    if not _mine(message.pk, message.claim).update(attempts=F("attempts") + 1):
        return False
    message.attempts += 1
    return True


def release(row_id: int, claim: str, at: datetime) -> None:
    """Gives a claim back without an attempt: no send slot was free, or the store was out."""
    _mine(row_id, claim).update(state=State.RETRYING, claim="", claimed_until=None, next_at=at)


def retry_at(message: OutboxMessage, at: datetime, error: str) -> bool:
    """Plans the next attempt. False when the claim is no longer ours."""
    return bool(
        _mine(message.pk, message.claim).update(
            state=State.RETRYING, claim="", claimed_until=None, next_at=at, last_error=error[:ERROR_LENGTH]
        )
    )


def hold_chat(chat_id: str, until: datetime) -> None:
    """Telegram asked for a pause in this chat: nothing else of ours goes there earlier."""
    OutboxMessage.objects.filter(state__in=WAITING_STATES, chat_id=chat_id, next_at__lt=until).update(next_at=until)


def move_chat(chat_id: str, new_chat_id: str) -> None:
    """A group became a supergroup: everything still on its way follows to the new id."""
    OutboxMessage.objects.filter(state__in=OPEN_STATES, chat_id=chat_id).update(chat_id=new_chat_id)


def finish(
    message: OutboxMessage, state: State, now: datetime, *, message_id: int | None = None, error: str = ""
) -> bool:
    """Ends the delivery and counts its outcome in one transaction. False when another has ended it or holds it.

    The version that the message now shows is written with it; an edit passes it on to the message it edits, also when
    it was given up: the next change tries again, this one does not. A success is written whoever holds the row by
    now: the recipient has the message, so nobody must send it again. Whom an e-mail was for is forgotten.
    """
    delivered = state in (State.SENT, State.LOGGED)
    with transaction.atomic():
        rows = OutboxMessage.objects.filter(pk=message.pk).exclude(state__in=(State.SENT, State.LOGGED))
        if not delivered:
            rows = rows.filter(state=State.SENDING, claim=message.claim)
        changed = rows.update(
            state=state,
            claim="",
            claimed_until=None,
            last_error=error[:ERROR_LENGTH],
            telegram_message_id=message_id,
            sent_at=now if delivered else None,
            version=message.version,
            **({"context": {}} if message.channel == Channel.EMAIL else {}),
        )
        if not changed:
            return False
        if message.edits_id is not None:
            OutboxMessage.objects.filter(pk=message.edits_id).update(version=message.version)
        count(outcome_of(message, state))
        if state == State.SENT:
            delays.count(message, now, count)
        message.state, message.last_error = state, error[:ERROR_LENGTH]
        # Whom there is nothing to tell any more, or who wants none, is nobody to look after.
        if not delivered and state != State.REFUSED:
            escalation.on_exhausted(message)
        if not delivered and message.channel == Channel.PUSH:
            pushes.given_up(message)
        if not delivered and message.channel == Channel.CHAT:
            private_chats.keeper_of(message.kind).given_up(message.context, message.language)
    return True


def reopen(message: OutboxMessage, now: datetime) -> bool:
    """A finished message becomes due again with fresh attempts. A code or an e-mail does not: what it needs is gone."""
    rows = OutboxMessage.objects.filter(pk=message.pk).exclude(state__in=OPEN_STATES).exclude(kind__in=ONCE)
    changes = {"attempts": 0, "next_at": now, "claim": "", "claimed_until": None, "sent_at": None, "last_error": ""}
    with transaction.atomic():
        opened = rows.update(state=State.PENDING, **changes)
        if message.card_id is not None:
            Card.objects.filter(pk=message.card_id).update(stale=True)
    return bool(opened)


def outcome_of(message: OutboxMessage, state: State) -> str:
    """Under which name an end is counted: that of the state, and names of their own for edits and the fallback."""
    delivered = state in (State.SENT, State.LOGGED)
    if message.kind == Kind.CARD_EDIT:
        return "edited" if delivered else "edit_failed"
    if message.channel == Channel.FALLBACK:
        return "fallback" if delivered else "fallback_failed"
    if message.channel == Channel.EMAIL:
        return "mailed" if delivered else "mail_refused" if state == State.REFUSED else "mail_failed"
    if message.channel == Channel.PUSH:
        return "pushed" if delivered else "push_refused" if state == State.REFUSED else "push_failed"
    if message.channel == Channel.CHAT:
        return "chat_sent" if delivered else "chat_refused" if state == State.REFUSED else "chat_failed"
    return str(state)


def count(outcome: str, by: int = 1) -> None:
    """Raises a delivery counter; part of the caller's transaction."""
    if not DeliveryCounter.objects.filter(outcome=outcome).update(count=F("count") + by):
        DeliveryCounter.objects.bulk_create([DeliveryCounter(outcome=outcome)], ignore_conflicts=True)
        DeliveryCounter.objects.filter(outcome=outcome).update(count=F("count") + by)


def _take(row_id: int, state: str, old_claim: str, now: datetime) -> str | None:
    """The compare-and-set of a claim: only if the row still is as it was seen."""
    claim, until = uuid4().hex, now + timedelta(seconds=policy.LEASE_SECS)
    same = OutboxMessage.objects.filter(id=row_id, state=state, claim=old_claim)
    return claim if same.update(state=State.SENDING, claim=claim, claimed_until=until) else None


def _fail_spent(now: datetime) -> None:
    spent = OutboxMessage.objects.filter(state=State.SENDING, claimed_until__lte=now, attempts__gte=policy.MAX_ATTEMPTS)
    for message in spent.select_related("card"):
        message.version = message.card.version if message.card else 0
        finish(message, State.FAILED, now, error=message.last_error or "the worker died during the last attempt")


def _due(now: datetime) -> QuerySet[OutboxMessage]:
    waiting = Q(state__in=WAITING_STATES, next_at__lte=now)
    return OutboxMessage.objects.filter(waiting | Q(state=State.SENDING, claimed_until__lte=now))


def _mine(row_id: int, claim: str) -> QuerySet[OutboxMessage]:
    return OutboxMessage.objects.filter(pk=row_id, state=State.SENDING, claim=claim)
