"""What the customer takes along when a conversation is over: the chat to read again, as text, and by e-mail.

Whoever holds the conversation's token may ask, and nobody else. It is read from the live state, which keeps it for at
most STATE_TTL_SECS after the end and forgets it at once when somebody is erased; asking attaches to nothing and brings
nothing back.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from infra import mail
from infra.addresses import counted_as
from infra.errors import DomainError
from infra.redis import rates
from infra.redis.client import execute
from notifications import services
from notifications.content.letters import Letter
from notifications.models import OPEN_STATES, State
from notifications.transports.mail import configured as letters_leave
from queueing import tokens
from queueing.errors import token_expired
from queueing.history import transcript
from queueing.history.words import clock
from queueing.live import said as live
from queueing.live.said import Line, Said
from queueing.live.store import party_of

logger = logging.getLogger(__name__)

EACH = ("1/minute", "5/day")
"""E-mails of one conversation."""
LATE_SECS = 20.0
"""Nothing has left by then: the worker, or the mail server, is out."""


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
        "transcript": [_line(line) for line in said.lines],
    }


def _line(line: Line) -> dict[str, Any]:
    shown = {"from": line.sender, "id": line.number, "text": line.text, "at": line.at}
    return shown | {"file": line.file.shown()} if line.file else shown


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
        (_("Operator"), transcript.one_line(said.operator) or "–"),
        (_("Joined"), transcript.moment(began)),
        (_("Talked"), clock(talked)),
        (_("Note"), transcript.left_out(said.earlier)),
    ]
    lines = (
        transcript.ChatLine(
            line.sender,
            transcript.with_file(line.text, line.file.name, line.file.size) if line.file else line.text,
            _moment(line.at),
        )
        for line in said.lines
    )
    return transcript.transcript(f"{_('Conversation')} {said.conversation}", head, names, lines, began=began)


def ask_by_mail(token: str, address: str, client_address: str, language: str) -> None:
    """Has the chat sent to an address. Everything is counted in one step before anything is written; the worker
    sends it.

    Raises what `of_token` raises; DomainError address_invalid (`fields`), mail_refused; DatabaseError.
    """
    found = of_token(token)
    try:
        to = mail.address(address)
    except ValueError:
        message = _("This is not an e-mail address that can be sent to.")
        raise DomainError("address_invalid", message, fields={"address": message}) from None
    if not letters_leave() or not found.lines or found.reason == "blocked":
        raise DomainError("mail_refused", _("This chat cannot be sent by e-mail. Please download it instead."))
    counted = [
        _counted("mail:client", counted_as(client_address), str(settings.MAIL_CLIENT_LIMIT)),
        *(_counted("mail", found.conversation, rate) for rate in EACH),
        _counted("mail:address", mail.mailbox_of(to), str(settings.MAIL_ADDRESS_LIMIT)),
    ]
    if wait_ms := execute(rates.count_all(counted)):
        raise rates.refusal(wait_ms, _("A chat was sent a moment ago. Please wait before you ask again."))
    with transaction.atomic():
        services.send_transcript(found.conversation, to, language)
    logger.info("chat asked for by e-mail", extra={"conversation": found.conversation})


def _counted(action: str, who: str, rate: str) -> rates.Counted:
    """Under a name that has the rate in it: there are two of one conversation."""
    return rates.Counted(f"{action}:{rate}", who, rate)


def mail_state(token: str) -> str:
    """How it stands with the e-mail that was asked for last: none, sending, late, sent, refused (no such address) or
    failed. Raises what `of_token` raises; DatabaseError."""
    last = services.last_transcript(of_token(token).conversation)
    if last is None:
        return "none"
    if last.state in OPEN_STATES:
        waited = (timezone.now() - last.created_at).total_seconds()
        return "late" if last.state == State.RETRYING or waited > LATE_SECS else "sending"
    return {State.SENT: "sent", State.REFUSED: "refused"}.get(State(last.state), "failed")


def letter_of(context: Mapping[str, Any], language: str) -> Letter | None:
    """The e-mail, as `notifications.content.letters` asks for it."""
    return letter(str(context.get("conversation", "")), language)


def letter(conversation: str, language: str) -> Letter | None:
    """Nothing in it lets anybody into a conversation, and its subject is ours alone."""
    found = execute(live.said(conversation))
    if found is None or not found.ended:
        return None
    with translation.override(language):
        host = urlsplit(settings.PUBLIC_URL).hostname or ""
        intro = _(
            "This is the chat that you had at %(host)s. It was sent because somebody asked there for it to be sent to "
            "this address. If that was not you, ignore it: nothing else will come."
        ) % {"host": host}
        return Letter(_("Your chat at %(host)s") % {"host": host}, f"{intro}\n\n{as_text(found)}")


def _moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)
