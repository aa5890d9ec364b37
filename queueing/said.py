"""What the customer takes along when a conversation is over: the chat to read again, and as text.

Whoever holds the conversation's token may ask, and nobody else. It is read from the live state, which keeps it for at
most STATE_TTL_SECS after the end and forgets it at once when somebody is erased; asking attaches to nothing and brings
nothing back.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from infra.errors import DomainError
from infra.redis import rates
from infra.redis.client import execute
from queueing import tokens
from queueing.errors import token_expired
from queueing.history import transcript
from queueing.history.words import clock
from queueing.live import said as live
from queueing.live.said import Said
from queueing.live.store import party_of


def of_token(token: str) -> Said:
    """The conversation of a token, once it is over; counted per conversation before anything is read.

    Raises DomainError token_invalid, token_expired (dropped, or erased), not_over, rate_limited; StoreUnavailable.
    """
    conversation = tokens.read(token).conversation
    wait_ms = execute(rates.count("chat", party_of(conversation), settings.PARTY_LIMIT))
    if wait_ms:
        raise rates.refusal(wait_ms, _("Too many messages at once. Please wait a moment."))
    found = execute(live.said(conversation))
    if found is None:
        raise token_expired()
    if not found.ended:
        raise DomainError("not_over", _("This conversation is still going on."), retryable=True, retry_after=2.0)
    return found


def shown(said: Said) -> dict[str, Any]:
    """For the customer's page, as plain JSON; times in ms since 1970."""
    return {
        "conversation": said.conversation,
        "reason": said.reason,
        "media": said.media,
        "peer": {"name": said.operator},
        "since": said.claimed_at,
        "ended_at": said.ended_at,
        "transcript": [
            {"from": line.sender, "id": line.number, "text": line.text, "at": line.at} for line in said.lines
        ],
    }


def as_text(said: Said) -> str:
    """The chat as text, in the language in force."""
    began = _moment(said.joined_at or said.claimed_at or said.ended_at or 0)
    talked = (said.ended_at - said.claimed_at) / 1000 if said.ended_at and said.claimed_at else None
    names = {
        "customer": transcript.one_line(said.name) or _("Customer"),
        "operator": transcript.one_line(said.operator) or _("Operator"),
    }
    head = [
        (_("Customer"), names["customer"]),
        (_("Topic"), said.topic),
        (_("Operator"), said.operator or "–"),
        (_("Joined"), transcript.moment(began)),
        (_("Talked"), clock(talked)),
        (_("Note"), transcript.left_out(said.earlier)),
    ]
    lines = (transcript.ChatLine(line.sender, line.text, _moment(line.at)) for line in said.lines)
    return transcript.transcript(f"{_('Conversation')} {said.conversation}", head, names, lines, began=began)


def _moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)
