"""One person's data: found by signed identity or by conversation, exported, erased. The trail says that it was done.

Live state is covered as well: what the journal still holds is recorded first, running conversations are ended, and
Redis drops its copies at once instead of after STATE_TTL_SECS.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from django.db.models import QuerySet

from infra import audit, mail
from infra.redis.client import execute
from infra.redis.scripts import Command
from notifications import retention as notifications
from queueing.blocklist import rules
from queueing.blocklist.models import BlockEntry
from queueing.history.models import Conversation, Status
from queueing.history.privacy import extensions, retention, traces
from queueing.history.recording import journal
from queueing.history.set_aside_models import SetAsideEntry
from queueing.live import store

ROUNDS = 50
"""Ticks that drop 100 conversations each: more conversations of one person do not exist."""


def conversations_of(identity: str | None, conversation: str | None) -> list[str]:
    """Ids, the oldest first; then those of conversations that are to come. The journal is recorded before, so that what
    happened a second ago is found."""
    journal.record()
    rows = Conversation.objects.order_by("joined_at")
    if not identity:
        return list(rows.filter(pk=conversation).values_list("pk", flat=True))
    known = rows.filter(attributes__identity__sub=identity) | rows.filter(pk__in=_set_aside_of(identity))
    ids = list(known.values_list("pk", flat=True))
    besides = extensions.found(_proven(identity, known))
    return ids + [one for one in besides if one not in ids]


def _proven(identity: str, known: QuerySet[Conversation]) -> list[str]:
    """E-mail addresses of whom a site calls so: those it signed with their identity, and the identity where it is one.
    Not what was typed into a form: whoever typed another's address would be given that person's times, or erase them.
    """
    signed = [attributes.get("identity", {}) for attributes in known.values_list("attributes", flat=True)]
    found = set()
    for text in (identity, *(str(one.get("email", "")) for one in signed)):
        with suppress(ValueError):
            found.add(mail.address(text))
    return sorted(found)


def _set_aside_of(identity: str) -> list[str]:
    """Conversations whose join could not be recorded: who it was stands in the entry alone."""
    found = []
    for row in SetAsideEntry.objects.filter(kind="joined").iterator(chunk_size=200):
        with suppress(ValueError, TypeError, KeyError, AttributeError):
            attributes = json.loads(json.loads(row.entry[1]["data"])["attributes"])
            if attributes["identity"]["sub"] == identity:
                found.append(row.conversation)
    return found


def export(identity: str | None, conversation: str | None, *, by: str) -> dict[str, Any]:
    """Everything that is stored of them, as plain JSON values. Raises StoreUnavailable, DatabaseError."""
    ids = conversations_of(identity, conversation)
    found = {"identity": identity, "blocks": _blocks(identity), **about(ids, identity)}
    audit.record("person_exported", by, who=_who(identity, conversation), conversations=len(ids))
    return found


def about(ids: list[str], identity: str | None = None) -> dict[str, Any]:
    """All that is kept of these conversations."""
    rows = Conversation.objects.filter(pk__in=ids).order_by("joined_at")
    return {
        "conversations": [_whole(row) for row in rows],
        "notifications": [_plain(row) for row in notifications.about(ids)],
        "set_aside": [_plain(row) for row in SetAsideEntry.objects.filter(conversation__in=ids).values()],
        **extensions.exported(ids, identity),
    }


def erase(identity: str | None, conversation: str | None, *, by: str) -> dict[str, Any]:
    """Erases who they were. Conversations stay as figures; a block of the identity stays as a digest, so that erasure
    lifts no block. Raises StoreUnavailable before anything is erased when Redis is out.
    """
    ids = conversations_of(identity, conversation)
    besides = {name: len(rows) for name, rows in extensions.exported([], identity).items() if rows}
    dropped, done = take_out(ids)
    if identity:
        extensions.forget_person(identity)
    notifications.redraw_refused(ids)
    audit.record("person_erased", by, who=_who(identity, conversation), conversations=len(ids), newly=done)
    held = [*extensions.discard(ids), *traces.wipe()]
    return {
        "conversations": ids,
        "erased": done,
        "besides": besides,
        "dropped_from_redis": dropped,
        "messages": asdict(notifications.shown(ids)),
        "still_held": held,
    }


def take_out(ids: list[str]) -> tuple[int, int]:
    """Of these conversations; running ones end by it. How many Redis dropped, and how many were not erased before.
    Raises StoreUnavailable before anything is erased when Redis is out."""
    for cid in Conversation.objects.filter(pk__in=ids).exclude(status=Status.ENDED).values_list("pk", flat=True):
        execute(store.remove(cid, "erased"))
    # The ends, and whatever was said until then.
    journal.record()
    dropped = _drop(ids)
    done = 0
    for start in range(0, len(ids), retention.BATCH):
        done += retention.anonymise(ids[start : start + retention.BATCH])
    return dropped, done


def is_empty(found: dict[str, Any]) -> bool:
    """Whether an answer of `export` or `erase` tells of nothing that is, or was, kept of them."""
    told = {"identity", "email", "blocks", "erased", "dropped_from_redis", "messages", "still_held"}
    return not any(rows for name, rows in found.items() if name not in told)


def _drop(ids: list[str]) -> int:
    """Takes the live copies away. A socket that is still open would hold its own: an ended one is cut off by then."""
    if not ids:
        return 0
    count = execute(Command(store.script("forget"), tuple(ids), int))
    for _round in range(min(ROUNDS, count // 100 + 1)):
        execute(store.tick("", known=False))
    return count


def _whole(row: Conversation) -> dict[str, Any]:
    """The row and everything that hangs on it, whatever tables there are."""
    own = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    parts = {
        str(relation.get_accessor_name()): relation.related_model._base_manager.filter(**{relation.field.name: row})
        for relation in row._meta.related_objects
        if not extensions.speaks_for_itself(relation.related_model)
    }
    return {**_plain(own), **{name: [_plain(part) for part in rows.values()] for name, rows in parts.items()}}


def _blocks(identity: str | None) -> list[dict[str, Any]]:
    if not identity:
        return []
    entries = BlockEntry.objects.filter(kind=BlockEntry.What.IDENTITY, value=rules.identity_digest(identity))
    return [_plain(row) for row in entries.values("kind", "reason", "until", "created_at")]


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    # The folded words are the same once more.
    return {name: retention.as_json(value) for name, value in row.items() if name != "folded"}


def plain(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """As JSON has it."""
    return [_plain(row) for row in rows]


def _who(identity: str | None, conversation: str | None) -> str:
    """For the trail: it must not keep what was just erased."""
    return f"identity {rules.identity_digest(identity)[:12]}" if identity else f"conversation {conversation}"
