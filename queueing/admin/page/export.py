"""A conversation to take along: its chat as text, and everything that is known of it as JSON."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from queueing.admin.page.view import operator_of
from queueing.history import transcript as history
from queueing.history.models import Conversation
from queueing.history.transcript import ChatLine, moment
from queueing.history.words import clock, reason

FIELDS = (
    "id", "name", "topic", "locale", "site", "line", "media", "attributes", "answers", "visit", "device_check",
    "status", "joined_at", "claimed_at", "ended_at", "reason", "ended_by", "admin_id", "promised_low_s",
    "promised_high_s", "waited_s", "duration_s", "reconnects", "attempts", "interrupted_s", "worst_rung",
    "mean_rtt_ms", "mean_quality", "region_customer", "region_operator", "had_trouble",
)  # fmt: skip
SAMPLE_FIELDS = (
    "side", "at", "rtt_ms", "jitter_ms", "loss_pct", "bitrate_kbps", "quality", "rung", "region", "candidate_type",
    "codec",
)  # fmt: skip


def transcript(conversation: Conversation) -> str:
    """The chat as text, with what an operator wants to know of the conversation in front."""
    operator = history.one_line(operator_of(conversation))
    names = {
        "customer": history.one_line(conversation.name) or _("Customer"),
        "operator": operator or _("Operator"),
    }
    head = [
        (_("Customer"), names["customer"]),
        (_("Topic"), conversation.topic),
        (_("Operator"), operator or "–"),
        (_("Joined"), moment(conversation.joined_at)),
        (_("Waited"), clock(conversation.waited_s)),
        (_("Talked"), clock(conversation.duration_s)),
        (_("Ended"), reason(conversation.reason)),
    ]
    lines = (
        ChatLine(
            line.sender,
            history.with_file(line.text, line.file_name, line.file_size) if line.file_name else line.text,
            line.sent_at,
        )
        for line in conversation.messages.all().iterator(chunk_size=500)
    )
    title = f"{_('Conversation')} {conversation.pk}"
    return history.transcript(title, head, names, lines, began=conversation.joined_at)


def everything(conversation: Conversation) -> dict[str, Any]:
    """For Django's JSON encoder: the record, its timeline, chat and samples. Times are ISO 8601, UTC."""
    return {
        "conversation": {name: getattr(conversation, name) for name in FIELDS},
        "events": list(conversation.events.values("at", "kind", "data")),
        "messages": list(conversation.messages.values("sent_at", "sender", "text", "file_name", "file_size")),
        "samples": list(conversation.samples.values(*SAMPLE_FIELDS)),
    }
