"""What is known of people goes after RETENTION_DAYS, or when somebody asks for it; figures and the timeline stay.

Every function may run twice, at once, or stop in the middle: a conversation is done when `anonymised_at` is set, in the
transaction that took its words away.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from infra import audit
from infra.errors import StoreUnavailable
from notifications import retention as notifications
from queueing.history.fairness_models import FairnessEntry
from queueing.history.models import ChatMessage, Conversation, ConversationEvent, Status
from queueing.history.privacy import extensions, traces
from queueing.history.set_aside_models import SetAsideEntry

logger = logging.getLogger(__name__)

BATCH = 200
MOST_AT_ONCE = 10_000
"""Conversations of one run; the next run goes on."""

PERSONAL = frozenset(
    {
        "name", "topic", "attributes", "answers", "visit", "device_check", "address", "text", "identity", "join_key",
        "user_agent", "trace", "request_id", "note",
    }
)  # fmt: skip
"""Fields of a timeline entry that say who somebody is, or lead to it. `locale` and `media` do not."""


def anonymise_old(limit: int = MOST_AT_ONCE) -> int:
    """Erases who it was from conversations that ended more than RETENTION_DAYS ago; answers how many there were."""
    if not settings.RETENTION_DAYS:
        return 0
    before = timezone.now() - timedelta(days=settings.RETENTION_DAYS)
    done = 0
    while done < limit:
        due = Conversation.objects.filter(status=Status.ENDED, ended_at__lt=before, anonymised_at__isnull=True)
        ids = list(due.order_by("ended_at").values_list("pk", flat=True)[: min(BATCH, limit - done)])
        if not ids:
            break
        done += anonymise(ids)
    forgotten = notifications.anonymise_before(before, limit)
    SetAsideEntry.objects.filter(at__lt=before).delete()
    if done or forgotten:
        try:
            traces.wipe()
        except StoreUnavailable:
            logger.warning("redis' file not rewritten: it is not reachable; the next run does it")
        audit.record("history_anonymised", "retention", conversations=done, notifications=forgotten)
        logger.info("old history anonymised", extra={"conversations": done, "notifications": forgotten})
    return done


def anonymise(ids: Sequence[str]) -> int:
    """Erases who it was from these conversations (at most a batch), with their chat, timeline and notifications."""
    with transaction.atomic():
        left = Conversation.objects.filter(pk__in=ids, anonymised_at__isnull=True)
        # Locked where the database can, so that two runs do not count one conversation twice.
        mine = list(left.select_for_update().values_list("pk", flat=True))
        _empty(Conversation.objects.filter(pk__in=mine))
        said = ChatMessage.objects.filter(conversation__in=mine).exclude(text="", file_id="")
        said.update(text="", folded="", file_id="", file_name="")
        events = ConversationEvent.objects.filter(conversation__in=mine).only("id", "data")
        ConversationEvent.objects.bulk_update(list(_without_persons(events)), ["data"], batch_size=BATCH)
        FairnessEntry.objects.filter(conversation__in=mine).exclude(note="").update(note="")
        # Whoever asked last may have been erased before: what was set aside since goes in any case.
        SetAsideEntry.objects.filter(conversation__in=list(ids)).delete()
        notifications.anonymise(mine)
        extensions.forget(list(ids))
    return len(mine)


def _empty(conversations: QuerySet[Conversation]) -> None:
    nothing: dict[str, Any] = {"name": "", "topic": "", "folded": "", "person": ""}
    conversations.update(**nothing, attributes={}, answers=[], visit={}, device_check={}, anonymised_at=timezone.now())


def _without_persons(events: Iterable[ConversationEvent]) -> Iterable[ConversationEvent]:
    """The events that say something of a person, with that taken out."""
    for event in events:
        kept = {name: value for name, value in event.data.items() if not _personal(name, event.kind)}
        if kept != event.data:
            event.data = kept
            yield event


def _personal(name: str, kind: str) -> bool:
    return name in PERSONAL or (kind == "device:check" and name in ("microphone", "camera"))


def as_json(value: Any) -> Any:
    """Dates and the like as the export writes them."""
    return value.isoformat() if hasattr(value, "isoformat") else value
