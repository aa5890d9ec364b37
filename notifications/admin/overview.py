"""The strip above the list of notifications: how the last day went."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from notifications.models import OPEN_STATES, Channel, Kind, OutboxMessage, State

DAY = timedelta(hours=24)


@dataclass(frozen=True)
class Tile:
    """A figure of the last 24 hours; `query` shows its rows in the list."""

    label: str
    count: int
    query: str
    tone: str


def tiles() -> list[Tile]:
    """In the order of the strip; edits are not counted."""
    since = timezone.now() - DAY
    fallback = Q(channel=Channel.FALLBACK, state=State.SENT)
    counts: dict[str, Any] = (
        OutboxMessage.objects.filter(created_at__gte=since)
        .exclude(kind=Kind.CARD_EDIT)
        .aggregate(
            sent=Count("pk", filter=Q(state=State.SENT) & ~Q(channel=Channel.FALLBACK)),
            open=Count("pk", filter=Q(state__in=OPEN_STATES)),
            fallback=Count("pk", filter=fallback),
            blocked=Count("pk", filter=Q(state=State.BLOCKED)),
            failed=Count("pk", filter=Q(state=State.FAILED)),
        )
    )
    recent = f"created_at__gte={quote(since.isoformat(timespec='seconds'))}&"
    return [
        Tile(_("Sent"), counts["sent"], f"{recent}state__exact=sent&channel__exact=telegram", "sent"),
        Tile(_("Under way"), counts["open"], f"{recent}state__in={','.join(OPEN_STATES)}", "retrying"),
        Tile(_("Sent by the fallback"), counts["fallback"], f"{recent}channel__exact=fallback", "fallback"),
        Tile(_("Bot blocked"), counts["blocked"], f"{recent}state__exact=blocked", "blocked"),
        Tile(_("Failed"), counts["failed"], f"{recent}state__exact=failed", "failed"),
    ]
