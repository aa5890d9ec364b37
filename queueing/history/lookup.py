"""What the database remembers of a conversation, for the rare case that Redis does not."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from dataclasses import dataclass, field
from typing import Any

from channels.db import database_sync_to_async
from django.db import DatabaseError

from infra.clock import LATEST_MS
from infra.writing import language
from queueing.history.models import Conversation, ConversationEvent, Status
from sites import lookup as sites
from sites.lines import PRIORITY_MAX

logger = logging.getLogger(__name__)
TIMEOUT_SECS = 2.0
TICKET = re.compile("[0-9]{1,16}")
"""As the queue's scripts make them (µs); one that is longer ends a script halfway."""


@dataclass(frozen=True)
class Recorded:
    """`claimed_at_ms` and `admin_id` are set while the record says that a call runs. `answers`: of the form."""

    ended: bool
    admin_id: str
    operator_name: str
    claimed_at_ms: int | None
    media: str
    answers: list[Any] = field(default_factory=list)
    line: str = ""


async def find(conversation: str) -> Recorded | None:
    """The record, or None when there is none or the database does not answer in time: the token alone decides then."""
    try:
        async with asyncio.timeout(TIMEOUT_SECS):
            found: Recorded | None = await database_sync_to_async(_find)(conversation)
            return found
    except (DatabaseError, TimeoutError):
        logger.warning("no history: the database did not answer")
        return None


def _find(conversation: str) -> Recorded | None:
    row = Conversation.objects.select_related("operator").filter(pk=conversation).first()
    if row is None:
        return None
    running = row.status == Status.ACTIVE and row.claimed_at is not None
    claimed = int(row.claimed_at.timestamp() * 1000) if running and row.claimed_at else None
    name = str(row.operator) if row.operator else row.admin_id
    return Recorded(
        row.status == Status.ENDED, row.admin_id if running else "", name, claimed, row.media, row.answers, row.line
    )


async def running_call(admin_id: str, shown: str | None = None) -> dict[str, Any] | None:
    """The call this operator is in, as a record for `store.recall`; None: there is none, or no answer in time.

    `shown`: the conversation that the operator's page shows. It counts where the record does not say otherwise: the
    claim itself may have been lost with Redis.
    """
    try:
        async with asyncio.timeout(TIMEOUT_SECS):
            found: dict[str, Any] | None = await database_sync_to_async(_running_call)(admin_id, shown)
            return found
    except (DatabaseError, TimeoutError):
        logger.warning("no history: the database did not answer")
        return {"id": shown} if shown else None


def _running_call(admin_id: str, shown: str | None) -> dict[str, Any] | None:
    if shown is not None:
        unclaimed = Conversation.objects.filter(pk=shown).first()
        if unclaimed is None:
            return {"id": shown}
        if unclaimed.status == Status.WAITING:
            return _record(unclaimed)
    # Whatever this operator took later proves that an older call is over, although its end was lost.
    row = Conversation.objects.filter(admin_id=admin_id, claimed_at__isnull=False).order_by("-claimed_at").first()
    if row is None or row.status != Status.ACTIVE:
        return None
    return _record(row)


async def place(conversation: str) -> str:
    """The ticket of somebody who waits; empty when there is none, or no answer in time."""
    try:
        async with asyncio.timeout(TIMEOUT_SECS):
            record: dict[str, Any] | None = await database_sync_to_async(waiting)(conversation)
    except (DatabaseError, TimeoutError):
        logger.warning("no history: the database did not answer")
        return ""
    return str(record["ticket"]) if record else ""


def waiting(conversation: str) -> dict[str, Any] | None:
    """What the record of somebody who waits was made of, for a Redis that has forgotten them; None where it says that
    nobody waits so. Raises DatabaseError."""
    row = Conversation.objects.filter(pk=conversation, status=Status.WAITING).first()
    return None if row is None else _record(row)


def _of_join(row: Conversation, came: ConversationEvent) -> dict[str, int]:
    """What was given at the join and counts for the place: `priority`, and `booked`, the time that was chosen (ms); as
    far as there is any. `came`: the event that gave the place."""
    first = ("joined", "restored")
    if came.kind not in first:
        came = ConversationEvent.objects.filter(conversation=row, kind__in=first).last() or came
    most = {"priority": PRIORITY_MAX, "booked": LATEST_MS}
    given = {name: came.data.get(name) for name in most}
    return {name: value for name, value in given.items() if isinstance(value, int) and 0 < value <= most[name]}


def _record(row: Conversation) -> dict[str, Any] | None:
    if row.anonymised_at is not None:
        return None
    placed = ("joined", "restored", "given-back", "transferred")
    came = ConversationEvent.objects.filter(conversation=row, kind__in=placed).last()
    ticket = came.data.get("ticket") if came is not None else None
    if came is None or not isinstance(ticket, str) or not TICKET.fullmatch(ticket):
        return None
    record: dict[str, Any] = {
        "id": row.pk,
        "ticket": ticket,
        "joined_at": int(row.joined_at.timestamp() * 1000),
        "name": row.name,
        "media": row.media,
        "locale": row.locale,
        "topic": row.topic,
        "mobile": False,
    }
    record |= _of_join(row, came)
    if row.claimed_at is not None:
        record["claimed_at"] = int(row.claimed_at.timestamp() * 1000)
    if row.site:
        record |= {"site": row.site, "site_name": sites.current().name_of(row.site)}
    record |= sites.current().lines.find(row.line).of_record(language.default())
    for name in ("attributes", "answers", "visit"):
        if kept := getattr(row, name):
            record[name] = json.dumps(kept)
    return record
