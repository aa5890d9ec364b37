"""The escalation: operators → backup operators → group chat → FALLBACK_URLS.

A card stands on one step. It goes to the next that has somebody to tell when nobody on its step could be given the
message, or when the customer still waits NOTIFY_ESCALATE_SECS later (up to the group: the fallback is for failures).
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F

from notifications.models import OPEN_STATES, UNCLAIMED, Card, OutboxMessage, Standing, State, Tier
from notifications.telling import factory, pushes, recipients
from notifications.telling.recipients import Contact, Recipients
from notifications.transports import telegram

log = logging.getLogger(__name__)

STEPS = tuple(Tier)
BY_TIME = (Tier.BACKUP, Tier.GROUP)
DELIVERED = (State.SENT, State.LOGGED)


def first_step(among: Sequence[Contact]) -> tuple[Tier, Recipients]:
    """The first step with somebody to tell; nobody at all gives the first step and no recipient. `among`: all
    operators who may be told (`recipients.of_line`)."""
    steps = STEPS if telegram.configured() else (Tier.FALLBACK, *STEPS)
    return _first_of(steps, among) or (Tier.OPERATOR, [])


def deadline(since: datetime) -> datetime | None:
    """When a customer who waits since then is passed on; None when that is switched off."""
    seconds = settings.NOTIFY_ESCALATE_SECS
    return since + timedelta(seconds=seconds) if seconds else None


def on_exhausted(message: OutboxMessage) -> None:
    """Called once per delivery that ended as `failed` or `blocked`, in the transaction that ends it.

    The card becomes stale, so the next sweep looks whether its step is used up. It cannot be decided here: a delivery
    of the same step may be failing in another transaction at this moment, and each would count on the other.
    """
    if message.card_id:
        Card.objects.filter(pk=message.card_id).update(stale=True)
    log.error(
        "notification not delivered",
        extra={
            "notification_id": message.pk,
            "kind": message.kind,
            "admin_id": message.admin_id,
            "channel": message.channel,
            "step": message.tier,
            "state": str(message.state),
            "attempts": message.attempts,
            "error": message.last_error,
        },
    )


def escalate(card: Card, now: datetime) -> bool:
    """Takes the next step if it is time or this one is used up; True when something was changed. One of several
    sweeps at once does it: the change of the card is a compare-and-set."""
    if card.standing in UNCLAIMED and card.escalate_at is not None and card.escalate_at <= now:
        return _take_step(card, now, BY_TIME)
    if card.standing != Standing.CLAIMED and not card.by and _used_up(card):
        return _take_step(card, now, ())
    return False


def _used_up(card: Card) -> bool:
    """Whether everything on the card's step has ended and nothing of it arrived."""
    states = set(card.messages.filter(tier=card.tier, kind=card.kind).values_list("state", flat=True))
    return bool(states) and not states & {*OPEN_STATES, *DELIVERED}


def _take_step(card: Card, now: datetime, by_time: Sequence[Tier]) -> bool:
    later = [step for step in STEPS[STEPS.index(Tier(card.tier)) + 1 :] if not by_time or step in by_time]
    contacts = recipients.of_line(card.context.get("line"))
    found = _first_of(later, contacts)
    if found is None and not by_time:
        return False
    tier, targets = found or (Tier(card.tier), [])
    escalate_at = deadline(now) if tier != card.tier and _first_of(_after(tier), contacts) else None
    changes: dict[str, Any] = {"tier": tier, "escalate_at": escalate_at, "stale": True}
    if by_time and card.standing == Standing.WAITING:
        changes |= {"standing": Standing.OVERDUE, "version": F("version") + 1}
    with transaction.atomic():
        same = Card.objects.filter(pk=card.pk, tier=card.tier, standing=card.standing, escalate_at=card.escalate_at)
        if not same.update(**changes):
            return False
        card.refresh_from_db()
        told, about = recipients.of_step(tier, among=contacts) if found else [], card.context
        factory.add(
            [
                *pushes.rows(card.kind, told, about, card.notification),
                *(factory.make(card.kind, target, about, card.notification, card) for target in targets),
            ]
        )
    if found:
        log.warning("notification passed on", extra={"step": str(tier), "conversation": card.conversation})
    return True


def _after(tier: Tier) -> list[Tier]:
    return [step for step in BY_TIME if STEPS.index(step) > STEPS.index(tier)]


def _first_of(steps: Sequence[Tier], among: Sequence[Contact]) -> tuple[Tier, Recipients] | None:
    for step in steps:
        targets = recipients.of_tier(step, among=among)
        if targets:
            return step, targets
    return None
