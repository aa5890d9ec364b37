"""The customer's secret: a signed token that speaks for one conversation and can bring it back after a wiped Redis.

It is deterministic (the same join gives the same token), never stands in a URL or a log, and is not the public
conversation id. The signature is HMAC-SHA256 under SECRET_KEY.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from django.core.signing import BadSignature, Signer

from infra.errors import DomainError
from queueing.errors import token_invalid

SALT = "adminara.customer"


@dataclass(frozen=True)
class Ticket:
    """What a token says: which conversation, its place (`ticket`: µs of the first join), who waits there, and of
    which site (`site`: its key), in which line and with which priority; `booked`: a chosen time (ms)."""

    conversation: str
    ticket: str
    name: str
    media: str
    locale: str
    topic: str
    join_key: str
    mobile: bool
    site: str = ""
    line: str = ""
    priority: int = 0
    booked: int = 0


SHORT = {
    "conversation": "c", "ticket": "t", "name": "n", "media": "m", "locale": "l", "topic": "s", "join_key": "k",
    "mobile": "p",
}  # fmt: skip
MORE = {"site": "w", "line": "d", "priority": "y", "booked": "b"}
"""Nothing is said of the default site, the default line, no priority and no chosen time."""


def sign(ticket: Ticket) -> str:
    said = asdict(ticket)
    more = {short: said[name] for name, short in MORE.items() if said[name]}
    return Signer(salt=SALT).sign_object({short: said[name] for name, short in SHORT.items()} | more, compress=True)


def read(token: str) -> Ticket:
    """Raises DomainError `token_invalid` for a token that this installation did not make."""
    try:
        data: dict[str, Any] = Signer(salt=SALT).unsign_object(token)
        more = {name: data[short] for name, short in MORE.items() if short in data}
        return Ticket(**{name: data[short] for name, short in SHORT.items()}, **more)
    except (AttributeError, BadSignature, KeyError, TypeError, ValueError) as error:
        raise token_invalid() from error


def of_call(token: str, media: str) -> str:
    """The token of the same conversation, which is a call now. Raises DomainError `token_invalid`."""
    return sign(replace(read(token), media=media))


def conversation_of(token: str) -> str | None:
    """None for a token that says nothing here."""
    try:
        return read(token).conversation
    except DomainError:
        return None
