"""Journal entries become rows: many entries, few queries.

Rows of a batch are gathered and written together; a conversation is read once, changed in memory in the order of its
entries, and written once. Everything is fitted to its column on the way: what pages say is bounded on the wire, and
here once more by the columns themselves.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Model, QuerySet

from infra.logs import trace
from infra.storable import storable, storable_json
from notifications import services as notifications
from queueing.history import line_choice
from queueing.history.fairness_models import FairnessEntry
from queueing.history.models import (
    CallSample,
    ChatMessage,
    Conversation,
    ConversationEvent,
    Media,
    Status,
    person_in,
)
from queueing.history.recording import call_stats, callbacks, fairness, lifecycle_log
from queueing.history.set_aside_models import SetAsideEntry

Entry = tuple[str, dict[str, str]]
"""(id of the stream entry, its fields)"""
Line = tuple[str, str, int | None, str, str]
"""What a chat line is known by: conversation, sender, the sender's number, text, id of its file."""

UNSERVED = {
    "max-wait": "expired",
    "abandoned": "lost",
    "callback-missed": "lost",
    **dict.fromkeys(("removed", "blocked", "erased", "repaired"), "removed"),
}
"""How the card of a customer who was not served stands, by the reason of the end; otherwise the customer left."""

EPOCH = datetime.fromtimestamp(0, UTC)
CONVERSATION_MAX = 32
"""Characters of a conversation's id, as its column has them."""


def write(entries: list[Entry], *, again: bool = False) -> list[Entry]:
    """Records entries in the caller's transaction; answers those that were new. Raises whatever one of them causes.

    `again`: these had been set aside, so finding them there does not mean that they are known.
    """
    known = known_ids([entry_id for entry_id, _fields in entries], set_aside=not again)
    fresh = [entry for entry in entries if entry[0] not in known and entry[1]]
    if fresh:
        _Batch([_read(*entry) for entry in fresh]).write()
    return fresh


def known_ids(ids: list[str], *, set_aside: bool) -> set[str]:
    """Those of these entries that came before."""
    found: set[str] = set()
    tables: list[QuerySet[Any]] = [ConversationEvent.objects.all(), ChatMessage.objects.all(), CallSample.objects.all()]
    if set_aside:
        tables.append(SetAsideEntry.objects.all())
    for rows in tables:
        found |= set(rows.filter(entry_id__in=ids).values_list("entry_id", flat=True))
    return found


@dataclass(frozen=True)
class _Entry:
    id: str
    kind: str
    conversation: str
    at: datetime
    data: dict[str, Any]
    log_ids: dict[str, str]


def _read(entry_id: str, fields: dict[str, str]) -> _Entry:
    """Raises KeyError, ValueError, OverflowError for what no script of ours has written."""
    at = _time(fields["at"])
    data = storable_json(json.loads(fields["data"]))
    if not isinstance(data, dict):
        raise ValueError("data is no object")
    conversation = fields["conversation"]
    # SQLite does not look at lengths, and a cut id would be somebody else's.
    if not 0 < len(conversation) <= CONVERSATION_MAX:
        raise ValueError("conversation is no id of ours")
    return _Entry(entry_id, fields["type"], conversation, at, data, lifecycle_log.ids(fields))


def _time(milliseconds: str | float) -> datetime:
    """As Redis writes it; whole milliseconds, so that what happened in the same one is not before the other."""
    return EPOCH + timedelta(milliseconds=int(milliseconds))


def fitted(model: type[Model], name: str, value: Any) -> str:
    """A text that the column takes: storable, and no longer than it is."""
    text = storable(value) if isinstance(value, str) else ""
    return text[: model._meta.get_field(name).max_length]  # type: ignore[union-attr]


class _Batch:
    """Entries on their way into the database. `news` are for the outbox, in order, once the rows are written."""

    def __init__(self, entries: list[_Entry]) -> None:
        self.entries = entries
        self.conversations, self.new = _conversations(entries)
        self.lines_known = _lines(entries)
        self.operators: dict[str, Any] = {}
        self.events: list[ConversationEvent] = []
        self.lines: list[ChatMessage] = []
        self.samples: list[CallSample] = []
        self.exceptions: list[FairnessEntry] = []
        self.changed: dict[str, set[str]] = {}
        self.to_summarise: dict[str, Conversation] = {}
        self.news: list[Callable[[], object]] = []

    def write(self) -> None:
        for entry in self.entries:
            self._take(entry, self.conversations[entry.conversation])
        ConversationEvent.objects.bulk_create(self.events)
        ChatMessage.objects.bulk_create(self.lines)
        CallSample.objects.bulk_create(self.samples)
        FairnessEntry.objects.bulk_create(self.exceptions)
        for pk, conversation in self.to_summarise.items():
            call_stats.summarise(conversation)
            self.changed[pk] |= call_stats.SUMMARY
        for pk, names in self.changed.items():
            self.conversations[pk].save(update_fields=names)
        for tell in self.news:
            tell()

    def _take(self, entry: _Entry, conversation: Conversation) -> None:
        if entry.kind == "chat":
            self._line(entry, conversation)
            return
        if entry.kind == "call:sample":
            self.samples.append(call_stats.sample_of(conversation, entry.id, entry.at, entry.data))
            return
        self.events.append(
            ConversationEvent(
                conversation=conversation,
                entry_id=entry.id,
                kind=fitted(ConversationEvent, "kind", entry.kind),
                at=entry.at,
                data=_kept(entry),
            )
        )
        self.exceptions += fairness.entries_of(entry.id, entry.kind, conversation.pk, entry.at, entry.data)
        if entry.kind in ("joined", "restored"):
            # Also who was brought back: the entry of the join may have been lost with Redis. Nobody is told twice.
            self._joined(entry, conversation)
        elif entry.kind == "claimed":
            self._claimed(entry, conversation)
        elif entry.kind in ("given-back", "transferred"):
            self._handed_back(entry, conversation)
        elif entry.kind == "hold-over" and conversation.status == Status.WAITING:
            self._waits_again(entry, conversation)
        elif entry.kind == "call:accept":
            self._called(entry, conversation)
        elif entry.kind == "callback:asked":
            self._tell(entry, lambda: callbacks.asked(conversation, entry.data, entry.at))
        elif entry.kind == "callback:called":
            self._tell(entry, lambda: callbacks.called(conversation, entry.data))
        elif entry.kind == "callback:cancelled":
            self._tell(entry, lambda: callbacks.cancelled(conversation, entry.at))
        elif entry.kind == "ended":
            self._ended(entry, conversation)

    def _line(self, entry: _Entry, conversation: Conversation) -> None:
        line = _line_of(entry)
        # Sent again after Redis had forgotten it: the history has it.
        if line in self.lines_known:
            return
        self.lines_known.add(line)
        _cid, sender, number, text, file_id = line
        file, size = _file_of(entry), _file_of(entry).get("size")
        self.lines.append(
            ChatMessage(
                conversation=conversation,
                entry_id=entry.id,
                sender=sender,
                number=number,
                text=text,
                file_id=file_id,
                file_name=fitted(ChatMessage, "file_name", file.get("name")),
                file_size=size if isinstance(size, int) else None,
                sent_at=entry.at,
            )
        )

    def _joined(self, entry: _Entry, conversation: Conversation) -> None:
        data = entry.data
        promised = data.get("promised") or {}
        # The ticket says where in the queue, to the microsecond; since when is said in the time of all entries.
        if entry.kind == "joined":
            conversation.joined_at = entry.at
        elif conversation.pk in self.new:
            conversation.joined_at = _time(data["joined_at"]) if "joined_at" in data else entry.at
        for name in ("name", "topic", "locale"):
            setattr(conversation, name, fitted(Conversation, name, data.get(name)))
        if data.get("site"):
            conversation.site = fitted(Conversation, "site", data["site"])
        if data.get("line"):
            conversation.line = fitted(Conversation, "line", data["line"])
        conversation.media = fitted(Conversation, "media", data.get("media")) or Media.VIDEO
        # What the join said, who was brought back need not say again: nothing is forgotten for that.
        if data.get("attributes"):
            conversation.attributes = storable_json(json.loads(data["attributes"]))
            conversation.person = person_in(conversation.attributes)
        if data.get("visit"):
            conversation.visit = storable_json(json.loads(data["visit"]))
        if data.get("answers"):
            conversation.answers = storable_json(json.loads(data["answers"]))
        if promised:
            conversation.promised_low_s = promised.get("low_s")
            conversation.promised_high_s = promised.get("high_s")
        self._change(
            conversation,
            *(
                "joined_at",
                "name",
                "topic",
                "folded",
                "locale",
                "site",
                "line",
                "media",
                "attributes",
                "answers",
                "person",
            ),
            *("visit", "promised_low_s", "promised_high_s"),
        )
        # Of somebody who is gone by now (the entry had been set aside) nobody needs to hear.
        waits = entry.kind == "joined" or data["status"] == "waiting"
        if waits and conversation.status == Status.WAITING:
            self._tell_of_waiting(entry, conversation, f"customer_joined:{conversation.pk}")

    def _tell_of_waiting(self, entry: _Entry, conversation: Conversation, key: str) -> None:
        context = {
            "conversation": conversation.pk,
            "name": conversation.name,
            "topic": conversation.topic,
            "position": entry.data.get("position", 1),
            "waiting": entry.data.get("waiting", 1),
            "since": entry.at.isoformat(),
            "line": conversation.line,
            "line_name": line_choice.kept_name_of(conversation.line),
        }
        self._tell(entry, lambda: notifications.enqueue("customer_joined", context=context, dedupe_key=key))

    def _claimed(self, entry: _Entry, conversation: Conversation) -> None:
        ended = conversation.status == Status.ENDED
        if ended and conversation.claimed_at is not None:
            return
        admin_id = entry.data["operator"]
        conversation.claimed_at = entry.at
        conversation.admin_id = fitted(Conversation, "admin_id", admin_id)
        conversation.operator = self._operator(admin_id)
        check = entry.data.get("device_check")
        conversation.device_check = check if isinstance(check, dict) else {}
        self._change(conversation, "claimed_at", "admin_id", "operator", "device_check")
        if entry.data.get("callback"):
            self._tell(entry, lambda: callbacks.came(conversation, entry.at))
        if ended:
            # Its end was recorded before this: the figures of the call are still missing.
            self.to_summarise[conversation.pk] = conversation
            return
        conversation.status = Status.ACTIVE
        self._change(conversation, "status")
        pk, by = conversation.pk, str(conversation.operator) if conversation.operator else conversation.admin_id
        self._tell(entry, lambda: notifications.conversation_changed(pk, "claimed", by))

    def _handed_back(self, entry: _Entry, conversation: Conversation) -> None:
        """Undoes the claim of this operator alone: the entry may have been set aside, and applied after later ones."""
        admin_id = fitted(Conversation, "admin_id", entry.data["operator"])
        claimed_at = conversation.claimed_at
        claimed = conversation.status == Status.ACTIVE and claimed_at is not None and claimed_at <= entry.at
        if not claimed or conversation.admin_id != admin_id:
            return
        conversation.status = Status.WAITING
        conversation.claimed_at, conversation.operator, conversation.admin_id = None, None, ""
        if "line" in entry.data:
            conversation.line = fitted(Conversation, "line", entry.data["line"])
        self._change(conversation, "status", "claimed_at", "operator", "admin_id", "line")
        if entry.kind == "given-back":
            pk, name, key = conversation.pk, conversation.name, f"unanswered:{entry.id}"
            self._tell(entry, lambda: notifications.not_answered(admin_id, pk, name, dedupe_key=key))
        # Where it is known who is to come, nobody else is rung for it.
        if not entry.data.get("to"):
            self._waits_again(entry, conversation)

    def _waits_again(self, entry: _Entry, conversation: Conversation) -> None:
        self._tell_of_waiting(entry, conversation, f"customer_joined:{conversation.pk}:{entry.id}")

    def _called(self, entry: _Entry, conversation: Conversation) -> None:
        """The chat has become a call."""
        conversation.media = Media(entry.data["media"]).value
        self._change(conversation, "media")

    def _ended(self, entry: _Entry, conversation: Conversation) -> None:
        conversation.status = Status.ENDED
        conversation.ended_at = entry.at
        conversation.reason = fitted(Conversation, "reason", entry.data.get("reason"))
        conversation.ended_by = fitted(Conversation, "ended_by", entry.data.get("by"))
        self._change(conversation, "status", "ended_at", "reason", "ended_by")
        self.to_summarise[conversation.pk] = conversation
        pk, reason = conversation.pk, conversation.reason
        standing = "ended" if conversation.claimed_at else UNSERVED.get(reason, "left")
        self._tell(entry, lambda: notifications.conversation_changed(pk, standing))
        if not conversation.claimed_at:
            self._tell(entry, lambda: callbacks.ended(conversation, entry.at))

    def _operator(self, admin_id: str) -> Any:
        if admin_id not in self.operators:
            self.operators[admin_id] = get_user_model().objects.filter(username=admin_id).first()
        return self.operators[admin_id]

    def _change(self, conversation: Conversation, *names: str) -> None:
        self.changed.setdefault(conversation.pk, set()).update(names)

    def _tell(self, entry: _Entry, news: Callable[[], object]) -> None:
        def tell() -> None:
            with trace.bound(**entry.log_ids):
                news()

        self.news.append(tell)


def _conversations(entries: Iterable[_Entry]) -> tuple[dict[str, Conversation], set[str]]:
    """The conversations of these entries, locked where the database can; made where they are new, and which are."""
    first: dict[str, datetime] = {}
    for entry in entries:
        first.setdefault(entry.conversation, entry.at)
    rows = Conversation.objects.select_for_update().filter(pk__in=first).order_by("pk")
    found = {row.pk: row for row in rows}
    new = [Conversation(pk=pk, joined_at=at) for pk, at in first.items() if pk not in found]
    Conversation.objects.bulk_create(new)
    return found | {row.pk: row for row in new}, {row.pk for row in new}


def _kept(entry: _Entry) -> dict[str, Any]:
    """What the timeline keeps of an entry: how somebody who is to be called is reached is for the callback alone."""
    return {"channel": entry.data.get("channel")} if entry.kind == "callback:asked" else entry.data


def _line_of(entry: _Entry) -> Line:
    text = entry.data.get("text", "")
    sender = ChatMessage.Sender(entry.data["from"]).value
    file_id = fitted(ChatMessage, "file_id", _file_of(entry).get("id"))
    return entry.conversation, sender, entry.data.get("id"), text if isinstance(text, str) else "", file_id


def _file_of(entry: _Entry) -> dict[str, Any]:
    """What is known of the file that came with a line; empty without one."""
    file = entry.data.get("file")
    return file if isinstance(file, dict) else {}


def _lines(entries: Iterable[_Entry]) -> set[Line]:
    """Those lines of these entries that the history has already: asked by number, compared whole."""
    lines = [_line_of(entry) for entry in entries if entry.kind == "chat"]
    if not lines:
        return set()
    rows = ChatMessage.objects.filter(conversation__in={line[0] for line in lines})
    numbered = rows.filter(number__in={line[2] for line in lines if line[2] is not None})
    unnumbered = rows.filter(number=None) if any(line[2] is None for line in lines) else rows.none()
    fields = ("conversation_id", "sender", "number", "text", "file_id")
    return {*numbered.values_list(*fields), *unnumbered.values_list(*fields)}
