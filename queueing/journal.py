"""Drains the journal (a Redis stream) into the database, at least once and without doubles.

A batch is one transaction; it is acknowledged only after the commit. An entry that came before is recognised by its
id. The stream is trimmed only behind what the group has acknowledged, so nothing unread is ever dropped.

Key: `journal` (stream), consumer group `recorder`.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction

from infra import redis, trace
from infra.redis import key
from notifications import services as notifications
from queueing import figures, story
from queueing.models import CallSample, ChatMessage, Conversation, ConversationEvent, Media, Status

logger = logging.getLogger(__name__)

UNSERVED = {
    "max-wait": "expired",
    "abandoned": "lost",
    **dict.fromkeys(("removed", "blocked", "erased", "repaired"), "removed"),
}
"""How the card of a customer who was not served stands, by the reason of the end; otherwise the customer left."""

GROUP = "recorder"
CONSUMER = "worker"
"""One name for all workers: a batch that a killed worker had read is simply read again by the next."""
BATCH = 200
EPOCH = datetime.fromtimestamp(0, UTC)
Entry = tuple[str, dict[str, str]]


def record(limit: int = 5_000) -> int:
    """Records up to `limit` entries; answers how many were new. Raises when Redis or the database is out."""
    recorded = 0
    _ensure_group()
    for start in ("0", ">"):  # first what was read but not acknowledged
        while recorded < limit:
            entries = _read(start)
            if not entries:
                break
            recorded += _write(entries)
            redis.client().xack(key("journal"), GROUP, *(entry_id for entry_id, _fields in entries))
    _trim()
    return recorded


def lag() -> int:
    """Entries that are not in the database yet. Before Redis 7, which counts them, the stream's length: it is trimmed
    with every batch, so little else is in it."""
    connection = redis.client()
    try:
        groups: Any = connection.xinfo_groups(key("journal"))
    except redis.ResponseError:  # no stream yet
        return 0
    for group in groups:
        if group["name"] == GROUP and group.get("lag") is not None:
            return int(group["lag"]) + int(group["pending"])
    length: Any = connection.xlen(key("journal"))
    return int(length)


def _ensure_group() -> None:
    try:
        redis.client().xgroup_create(key("journal"), GROUP, id="0", mkstream=True)
    except redis.ResponseError as error:
        if "BUSYGROUP" not in str(error):
            raise


def _read(start: str) -> list[Entry]:
    reply: Any = redis.client().xreadgroup(GROUP, CONSUMER, {key("journal"): start}, count=BATCH)
    return reply[0][1] if reply else []


def _trim() -> None:
    """Everything before the oldest entry that is not acknowledged goes."""
    connection = redis.client()
    pending: Any = connection.xpending(key("journal"), GROUP)
    oldest = pending["min"]
    if oldest is None:
        groups: Any = connection.xinfo_groups(key("journal"))
        delivered = next(group["last-delivered-id"] for group in groups if group["name"] == GROUP)
        time_ms, number = delivered.split("-")
        oldest = f"{time_ms}-{int(number) + 1}"
    connection.xtrim(key("journal"), minid=oldest, approximate=False)


def _write(entries: list[Entry]) -> int:
    with transaction.atomic():
        known = _known([entry_id for entry_id, _fields in entries])
        fresh = [entry for entry in entries if entry[0] not in known and entry[1]]
        for entry_id, fields in fresh:
            with trace.bound(**story.ids(fields)):
                _apply(entry_id, fields)
    # Only now: a batch that was rolled back is read again, and told then.
    for _entry_id, fields in fresh:
        story.tell(fields)
    return len(fresh)


def _known(ids: Iterable[str]) -> set[str]:
    ids = list(ids)
    found = set(ConversationEvent.objects.filter(entry_id__in=ids).values_list("entry_id", flat=True))
    found |= set(ChatMessage.objects.filter(entry_id__in=ids).values_list("entry_id", flat=True))
    return found | set(CallSample.objects.filter(entry_id__in=ids).values_list("entry_id", flat=True))


def _time(milliseconds: str | float) -> datetime:
    """As Redis writes it; whole milliseconds, so that what happened in the same one is not before the other."""
    return EPOCH + timedelta(milliseconds=int(milliseconds))


def _apply(entry_id: str, fields: dict[str, str]) -> None:
    kind, cid = fields["type"], fields["conversation"]
    at = _time(fields["at"])
    data: dict[str, Any] = json.loads(fields["data"])
    conversation, created = Conversation.objects.get_or_create(pk=cid, defaults={"joined_at": at})
    if kind == "chat":
        line = {"sender": data["from"], "number": data.get("id"), "text": data.get("text", "")}
        # Sent again after Redis had forgotten it: the history has it.
        if not conversation.messages.filter(**line).exists():
            ChatMessage.objects.create(conversation=conversation, entry_id=entry_id, sent_at=at, **line)
        return
    if kind == "call:sample":
        figures.keep_sample(conversation, entry_id, at, data)
        return
    ConversationEvent.objects.create(conversation=conversation, entry_id=entry_id, kind=kind, at=at, data=data)
    if kind in ("joined", "restored"):
        # Also who was brought back: the entry of the join may have been lost with Redis. Nobody is told twice.
        # The ticket says where in the line, to the microsecond; since when is said in the time of all entries.
        before = conversation.joined_at if not created else _time(data.get("joined_at", fields["at"]))
        since = at if kind == "joined" else before
        _joined(conversation, at, since, data, notify=kind == "joined" or data["status"] == "waiting")
    elif kind == "claimed":
        _claimed(conversation, at, data)
    elif kind == "ended":
        _ended(conversation, at, data)


def _joined(conversation: Conversation, at: datetime, since: datetime, data: dict[str, Any], *, notify: bool) -> None:
    promised = data.get("promised") or {}
    conversation.joined_at = since
    conversation.name = data.get("name", "")
    conversation.topic = data.get("topic") or ""
    conversation.locale = data.get("locale") or ""
    conversation.media = data.get("media") or Media.VIDEO
    conversation.attributes = json.loads(data["attributes"]) if data.get("attributes") else {}
    conversation.promised_low_s = promised.get("low_s")
    conversation.promised_high_s = promised.get("high_s")
    conversation.save()
    if notify:
        notifications.enqueue(
            "customer_joined",
            context={
                "conversation": conversation.pk,
                "name": conversation.name,
                "topic": conversation.topic,
                "position": data.get("position", 1),
                "waiting": data.get("waiting", 1),
                "since": at.isoformat(),
            },
            dedupe_key=f"customer_joined:{conversation.pk}",
        )


def _claimed(conversation: Conversation, at: datetime, data: dict[str, Any]) -> None:
    if conversation.status == Status.ENDED:
        return
    conversation.status = Status.ACTIVE
    conversation.claimed_at = at
    conversation.admin_id = data["operator"]
    conversation.operator = get_user_model().objects.filter(username=data["operator"]).first()
    conversation.save()
    taken_by = str(conversation.operator) if conversation.operator else conversation.admin_id
    notifications.conversation_changed(conversation.pk, "claimed", taken_by)


def _ended(conversation: Conversation, at: datetime, data: dict[str, Any]) -> None:
    conversation.status = Status.ENDED
    conversation.ended_at = at
    conversation.reason = data.get("reason", "")[:64]
    conversation.ended_by = data.get("by", "")
    figures.summarise(conversation)
    conversation.save()
    standing = "ended" if conversation.claimed_at else UNSERVED.get(conversation.reason, "left")
    notifications.conversation_changed(conversation.pk, standing)
