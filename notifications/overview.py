"""The strip above the list of notifications: how the last day went, and whether presses of Accept reach us."""

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from infra.errors import StoreUnavailable
from notifications import inbound, polling
from notifications.models import OPEN_STATES, Channel, Kind, OutboxMessage, State

DAY = timedelta(hours=24)
SILENT_SECS = 90.0  # a poll takes half a minute at most


@dataclass(frozen=True)
class Tile:
    """A figure of the last 24 hours; `query` shows its rows in the list."""

    label: str
    count: int
    query: str
    tone: str


@dataclass(frozen=True)
class Presses:
    """How presses of Accept come to us. `ok` False: they do not."""

    text: str
    ok: bool


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


def presses() -> Presses:
    """Whether Accept works now, as far as can be seen from here: Telegram is not asked."""
    if not settings.TELEGRAM_BOT_TOKEN:
        return Presses(_("There is no bot: TELEGRAM_BOT_TOKEN is not set."), False)
    if not inbound.polling():
        return Presses(_("Telegram brings presses of Accept to our webhook."), True)
    try:
        silent = time.time() - polling.progress().emptied_at
    except StoreUnavailable:
        return Presses(_("Redis does not answer: presses of Accept cannot be taken."), False)
    if silent > SILENT_SECS:
        return Presses(_("Nobody fetches presses of Accept: is `manage.py telegrambot` running?"), False)
    return Presses(_("Presses of Accept are fetched from Telegram."), True)
