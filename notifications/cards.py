"""The living card: every chat shows how it stands with a customer now.

Changes touch the card alone. The sweep compares what each message shows with the card and plans an edit where they
differ, so it does not matter in which order deliveries and changes come: the newest state wins, and a message that
was not delivered is never edited.
"""

import logging
from datetime import datetime

from django.db import DatabaseError
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from infra.writing.folding import fold
from notifications.models import CARDED, OPEN_STATES, UNCLAIMED, Card, Channel, Kind, OutboxMessage, Standing, State
from notifications.telling import escalation, factory

log = logging.getLogger(__name__)

ORDER = [standing.value for standing in Standing]
AT_ONCE = 50
REDRAWN_AT_ONCE = 5
"""Erased cards taken up by one sweep, and only with few messages under way: a first clearance of years of history must
not stand in the way of a customer who waits now."""
UNDER_WAY_MOST = 20


def change(conversation: str, standing: Standing, by: str = "") -> bool:
    """Moves the card of a customer forward; False when it stood there, or further, already. `by` is kept."""
    before = ORDER[: ORDER.index(standing)]
    changes = {"standing": standing, "version": F("version") + 1, "stale": True, "escalate_at": None}
    if by:
        changes |= {"by": by, "folded": fold(by)}
    return bool(_of_customer(conversation).filter(standing__in=before).update(**changes))


def show(notification: str, standing: Standing, by: str = "") -> bool:
    """Has the card of a notification show this, whatever it showed before; False when it does already. For what a
    row of its own decides: whoever changes that row calls this in the same transaction."""
    other = Card.objects.filter(notification=notification).exclude(standing=standing, by=by)
    changes = {"standing": standing, "by": by, "folded": fold(by), "version": F("version") + 1}
    return bool(other.update(**changes, stale=True, escalate_at=None))


def _of_customer(conversation: str) -> QuerySet[Card]:
    return Card.objects.filter(conversation=conversation, kind=Kind.CUSTOMER_JOINED)


def show_again(conversation: str, message_id: int) -> bool:
    """Somebody pressed a button of a message whose card has none any more: what they see is older than we think (an
    edit was given up, or is on its way). The next sweep brings it up to date. True when there is something to do.
    """
    return _show_again(_of_customer(conversation), message_id)


def show_notification_again(notification: str, message_id: int) -> bool:
    """The same for the card of a notification."""
    return _show_again(Card.objects.filter(notification=notification), message_id)


def _show_again(cards: QuerySet[Card], message_id: int) -> bool:
    gone_on = cards.exclude(standing__in=UNCLAIMED)
    shown = OutboxMessage.objects.filter(
        card__in=gone_on, kind__in=CARDED, telegram_message_id=message_id, state=State.SENT
    )
    if not shown.update(version=0):
        return False
    gone_on.update(stale=True)
    return True


def look_after(now: datetime) -> None:
    """Does what the cards need: steps of the escalation, edits. Any number of sweeps may do this at once."""
    _take_up_redraws()
    due = Q(stale=True) | Q(escalate_at__lte=now)
    # Any of them, then in their order: those that cannot be looked after would fill the places of all for ever.
    for card in sorted(Card.objects.filter(due).order_by("?")[:AT_ONCE], key=lambda card: card.pk):
        try:
            _look_after(card, now)
        except DatabaseError:
            raise
        except Exception:
            # Another release has written it, or it is a fault of ours: every message of the outbox would wait for it.
            log.exception("card not looked after", extra={"card": card.pk, "conversation": card.conversation})


def _look_after(card: Card, now: datetime) -> None:
    escalated = escalation.escalate(card, now)
    behind = list(_behind(card))
    for shown in behind:
        _plan_edit(shown, now)
    if not escalated and not behind and not card.messages.filter(state__in=OPEN_STATES).exists():
        same = Card.objects.filter(pk=card.pk, version=card.version, tier=card.tier)
        same.update(stale=False)


def _take_up_redraws() -> None:
    cards = list(Card.objects.filter(redraw=True).order_by("id").values_list("id", flat=True)[:REDRAWN_AT_ONCE])
    if cards and OutboxMessage.objects.filter(state__in=OPEN_STATES).count() <= UNDER_WAY_MOST:
        Card.objects.filter(pk__in=cards).update(redraw=False, stale=True)


def _behind(card: Card) -> QuerySet[OutboxMessage]:
    """Delivered messages that show an older card and whose edit is not under way."""
    under_way = OutboxMessage.objects.filter(edits=OuterRef("pk"), state__in=OPEN_STATES)
    shown = card.messages.filter(
        kind=card.kind, channel=Channel.TELEGRAM, state=State.SENT, telegram_message_id__isnull=False
    )
    return shown.filter(~Exists(under_way), version__lt=F("card__version"))


def _plan_edit(shown: OutboxMessage, now: datetime) -> None:
    again = OutboxMessage.objects.filter(edits=shown).exclude(state__in=OPEN_STATES)
    if not again.update(state=State.PENDING, attempts=0, next_at=now, sent_at=None, last_error=""):
        factory.add([factory.make_edit(shown)])
