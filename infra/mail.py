"""Addresses of people and of the server that takes e-mail for them, as values that cannot hold anything else."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote, urlsplit

import idna

ADDRESS_MOST = 254
"""Octets, of the longest address that can be delivered to (RFC 5321)."""
LOCAL_MOST = 64
_LOCAL = re.compile(r"[A-Za-z0-9!#$&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_SENDER = re.compile(r"(?:(?P<name>[^<>\"\x00-\x1f\x7f]{1,100}) )?<(?P<address>[^<>]+)>")


def address(text: str) -> str:
    """One plain address in its one spelling, or ValueError.

    Plain: letters, digits and signs without quotes, one `@`, a domain with a dot; international domains as punycode. No
    space or control character, comma, bracket or comment: nothing that a header or SMTP could take for more than this.
    """
    local, at, domain = text.strip(" ").rpartition("@")
    if not at or len(local) > LOCAL_MOST or not _LOCAL.fullmatch(local):
        raise ValueError("not an e-mail address")
    try:
        host = domain.lower() if domain.isascii() else idna.encode(domain.lower(), uts46=True).decode()
    except (idna.IDNAError, UnicodeError):
        raise ValueError("not an e-mail address") from None
    labels = host.split(".")
    if len(labels) < 2 or labels[-1].isdigit() or not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueError("not an e-mail address")
    if len(local) + 1 + len(host) > ADDRESS_MOST:
        raise ValueError("not an e-mail address")
    return f"{local}@{host}"


def mailbox_of(known: str) -> str:
    """Whose mailbox an address leads to, for counting: `a+1@x` and `A@x` are one."""
    local, _at, domain = known.lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def name_in(mailbox: str) -> str:
    """What each address of it begins with."""
    return mailbox.partition("@")[0]


def is_of(mailbox: str, text: object) -> bool:
    """Whether this is an address that leads to `mailbox` (as `mailbox_of` has it)."""
    try:
        return isinstance(text, str) and mailbox_of(address(text)) == mailbox
    except ValueError:
        return False


def sender(text: str) -> str:
    """`support@example.com` or `Our support <support@example.com>`, or ValueError."""
    named = _SENDER.fullmatch(text.strip())
    if named is None:
        return address(text)
    name = (named["name"] or "").strip()
    return f"{name} <{address(named['address'])}>" if name else address(named["address"])


@dataclass(frozen=True)
class MailServer:
    """`tls`: from the first byte, by STARTTLS, or not at all."""

    host: str
    port: int
    user: str
    password: str
    tls: Literal["tls", "starttls", "none"]


_SCHEMES: dict[str, tuple[Literal["tls", "starttls", "none"], int]] = {
    "smtps": ("tls", 465),
    "smtp+starttls": ("starttls", 587),
    "smtp": ("none", 25),
}


def server_of(url: str) -> MailServer:
    """ValueError says what is wrong, without repeating the URL: it may hold a password."""
    parts = urlsplit(url)
    if parts.scheme not in _SCHEMES or not parts.hostname:
        raise ValueError("must be smtp+starttls://, smtps:// or smtp://, then [user:password@]host[:port]")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("must end with the host or its port")
    tls, port = _SCHEMES[parts.scheme]
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if bool(user) != bool(password):
        raise ValueError("needs both a user and a password, or neither")
    return MailServer(parts.hostname, parts.port or port, user, password, tls)
