"""`python -m bench.records`: prints what the database of a stack holds, as JSON.

A process of its own, because it needs Django and the load generators do not.
"""

import json
import sys
from typing import Any

from support.config.environment import point_django_at_settings

point_django_at_settings()

import django  # noqa: E402

django.setup()

from desk.files.models import File  # noqa: E402
from notifications.models import Kind, OutboxMessage  # noqa: E402
from queueing.history.fairness_models import FairnessEntry  # noqa: E402
from queueing.history.models import ChatMessage, Conversation, ConversationEvent  # noqa: E402
from queueing.history.recording import journal  # noqa: E402


def entry_order(entry_id: str) -> tuple[int, int]:
    milliseconds, number = entry_id.split("-")
    return int(milliseconds), int(number)


def read() -> dict[str, Any]:
    """`events` in the order of the journal: [conversation, kind, entry id, data]; `chat` too; `notices` by state;
    `callbacks`: those of them that call customers back; `called`: each conversation as often as the history says that
    it was; `files`: [conversation, state] of each that is there;
    `fairness`: [entry id, kind, conversation, who was taken]."""
    fields = ("conversation_id", "kind", "entry_id", "data")
    kinds = ("joined", "restored", "claimed", "transferred", "given-back", "ended")
    events = [list(row) for row in ConversationEvent.objects.filter(kind__in=kinds).values_list(*fields)]
    columns = ("conversation_id", "sender", "entry_id", "text", "file_id")
    chat = [list(row) for row in ChatMessage.objects.values_list(*columns)]
    fields = ("id", "kind", "tier", "channel", "state", "attempts", "last_error", "context", "notification")
    notices = list(OutboxMessage.objects.order_by("id").values(*fields))
    return {
        "conversations": {
            row[0]: row[1:] for row in Conversation.objects.values_list("id", "status", "reason", "admin_id", "name")
        },
        "events": sorted(events, key=lambda row: entry_order(row[2])),
        "chat": sorted(chat, key=lambda row: entry_order(row[2])),
        "notices": notices,
        "callbacks": [row for row in notices if row["kind"] == Kind.CALLBACK],
        "called": list(
            ConversationEvent.objects.filter(kind="callback:called").values_list("conversation_id", flat=True)
        ),
        "files": [list(row) for row in File.objects.values_list("conversation_id", "state")],
        "fairness": [
            list(row) for row in FairnessEntry.objects.values_list("entry_id", "kind", "conversation_id", "other_id")
        ],
        "lag": journal.lag(),
    }


if __name__ == "__main__":
    json.dump(read(), sys.stdout)
