"""What the database remembers of a conversation, for the rare case that Redis does not."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

from channels.db import database_sync_to_async
from django.db import DatabaseError

from queueing.models import Conversation, Status

logger = logging.getLogger(__name__)
TIMEOUT_SECS = 2.0


@dataclass(frozen=True)
class Recorded:
    """`claimed_at_ms` and `admin_id` are set while the record says that a call runs."""

    ended: bool
    admin_id: str
    operator_name: str
    claimed_at_ms: int | None


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
    return Recorded(row.status == Status.ENDED, row.admin_id if running else "", name, claimed)
