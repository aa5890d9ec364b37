"""The customer's secret: a signed token that speaks for one conversation and can bring it back after a wiped Redis.

It is deterministic (the same join gives the same token), never stands in a URL or a log, and is not the public
conversation id. The signature is HMAC-SHA256 under SECRET_KEY.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from django.core.signing import BadSignature, Signer

from infra.errors import DomainError
from queueing.errors import token_invalid

SALT = "adminara.customer"


@dataclass(frozen=True)
class Ticket:
    """What a token says: which conversation, its place (`ticket`: µs of the first join) and who waits there."""

    conversation: str
    ticket: str
    name: str
    media: str
    locale: str
    topic: str
    join_key: str
    mobile: bool


SHORT = {
    "conversation": "c", "ticket": "t", "name": "n", "media": "m", "locale": "l", "topic": "s", "join_key": "k",
    "mobile": "p",
}  # fmt: skip


def sign(ticket: Ticket) -> str:
    return Signer(salt=SALT).sign_object({SHORT[name]: value for name, value in asdict(ticket).items()}, compress=True)


def read(token: str) -> Ticket:
    """Raises DomainError `token_invalid` for a token that this installation did not make."""
    try:
        data: dict[str, Any] = Signer(salt=SALT).unsign_object(token)
        return Ticket(**{name: data[short] for name, short in SHORT.items()})
    except (BadSignature, KeyError, TypeError, ValueError) as error:
        raise token_invalid() from error


def conversation_of(token: str) -> str | None:
    """None for a token that says nothing here."""
    try:
        return read(token).conversation
    except DomainError:
        return None
