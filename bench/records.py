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

from notifications.models import OutboxMessage  # noqa: E402
from queueing.history import journal  # noqa: E402
from queueing.history.models import ChatMessage, Conversation, ConversationEvent  # noqa: E402


def entry_order(entry_id: str) -> tuple[int, int]:
    milliseconds, number = entry_id.split("-")
    return int(milliseconds), int(number)


def read() -> dict[str, Any]:
    """`events` in the order of the journal: [conversation, kind, entry id, data]; `chat` too; `notices` by state."""
    fields = ("conversation_id", "kind", "entry_id", "data")
    kinds = ("joined", "restored", "claimed", "ended")
    events = [list(row) for row in ConversationEvent.objects.filter(kind__in=kinds).values_list(*fields)]
    chat = [list(row) for row in ChatMessage.objects.values_list("conversation_id", "sender", "entry_id", "text")]
    return {
        "conversations": {
            row[0]: row[1:] for row in Conversation.objects.values_list("id", "status", "reason", "admin_id", "name")
        },
        "events": sorted(events, key=lambda row: entry_order(row[2])),
        "chat": sorted(chat, key=lambda row: entry_order(row[2])),
        "notices": list(
            OutboxMessage.objects.order_by("id").values("id", "kind", "tier", "channel", "state", "attempts", "context")
        ),
        "lag": journal.lag(),
    }


if __name__ == "__main__":
    json.dump(read(), sys.stdout)
