"""A conversation to take along: its chat as text, and everything that is known of it as JSON."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from infra.text import isolate, isolate_lines
from queueing.admin.page.view import operator_of
from queueing.history.models import Conversation
from queueing.history.words import clock, reason

FIELDS = (
    "id", "name", "topic", "locale", "media", "attributes", "status", "joined_at", "claimed_at", "ended_at", "reason",
    "ended_by", "admin_id", "promised_low_s", "promised_high_s", "waited_s", "duration_s", "reconnects", "attempts",
    "interrupted_s", "worst_rung", "mean_rtt_ms", "mean_quality", "region_customer", "region_operator", "had_trouble",
)  # fmt: skip
CONTINUED = " " * 11
"""As wide as the time in front of a line."""
SAMPLE_FIELDS = (
    "side", "at", "rtt_ms", "jitter_ms", "loss_pct", "bitrate_kbps", "quality", "rung", "region", "candidate_type",
    "codec",
)  # fmt: skip


def transcript(conversation: Conversation) -> str:
    """UTF-8 text, one line of chat a paragraph; times in the time zone of the installation.

    Only what is ours begins a line: names and topics stand on one, and further lines of a text are indented. So nobody
    can write a line that reads as if another had said it.
    """
    names = {
        "customer": isolate(_one_line(conversation.name) or _("Customer")),
        "operator": isolate(_one_line(operator_of(conversation)) or _("Operator")),
    }
    began = timezone.localtime(conversation.joined_at)
    head = [
        f"{_('Conversation')} {conversation.pk}",
        f"{_('Customer')}: {names['customer']}",
        f"{_('Operator')}: {isolate(_one_line(operator_of(conversation)) or '–')}",
        f"{_('Joined')}: {began:%Y-%m-%d %H:%M:%S %Z}",
        f"{_('Waited')}: {clock(conversation.waited_s)}",
        f"{_('Talked')}: {clock(conversation.duration_s)}",
    ]
    if conversation.topic:
        head.insert(2, f"{_('Topic')}: {isolate(_one_line(conversation.topic))}")
    if conversation.reason:
        head.append(f"{_('Ended')}: {reason(conversation.reason)}")
    lines = [
        f"[{timezone.localtime(line.sent_at):%H:%M:%S}] {names.get(line.sender, line.sender)}: {_said(line.text)}"
        for line in conversation.messages.all().iterator(chunk_size=500)
    ]
    return "\n".join([*head, "", *(lines or [_("No messages were written.")])]) + "\n"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _said(text: str) -> str:
    return _indented(isolate_lines(text))


def _indented(text: str) -> str:
    """Every kind of line break begins a line that is plainly a continuation."""
    return f"\n{CONTINUED}".join(text.splitlines())


def everything(conversation: Conversation) -> dict[str, Any]:
    """For Django's JSON encoder: the record, its timeline, chat and samples. Times are ISO 8601, UTC."""
    return {
        "conversation": {name: getattr(conversation, name) for name in FIELDS},
        "events": list(conversation.events.values("at", "kind", "data")),
        "messages": list(conversation.messages.values("sent_at", "sender", "text")),
        "samples": list(conversation.samples.values(*SAMPLE_FIELDS)),
    }
