"""Where our requests may go when a stranger chose the address: to the internet, and in production nowhere else.

The name is looked up once and the connection is made to what was found: a name that points elsewhere a moment later
leads nobody into our own network.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

HTTPS_PORT = 443
LOOKUP_SECS = 5.0
"""For the answer of a name server, which may be a stranger's too: the system itself waits half a minute and more."""


class Refused(Exception):
    """Not an address that is spoken to; the text says why and may be shown."""


class Unanswered(Exception):
    """What the name leads to was not told in time."""


@dataclass(frozen=True)
class Place:
    """`url`: with the address that was looked up in place of the name; `host`: for the header Host, and the name
    that the certificate has to have."""

    url: str
    host: str
    name: str


def checked(url: str) -> SplitResult:
    """As it is written, without a look at what the name leads to, which takes as long as it takes. Raises Refused."""
    try:
        parts = urlsplit(url)
        port = parts.port or HTTPS_PORT
    except ValueError:
        raise Refused("no address") from None
    # Another name than in ASCII no header can say; browsers write it in punycode.
    if parts.username or parts.password or not parts.hostname or not parts.netloc.isascii():
        raise Refused("no address of a server")
    if settings.DJANGO_ENV == "production" and (parts.scheme != "https" or port != HTTPS_PORT):
        raise Refused("only https on its usual port is spoken to")
    return parts


def place_of(url: str) -> Place:
    """Raises Refused, Unanswered."""
    parts = checked(url)
    name = parts.hostname or ""
    if settings.DJANGO_ENV != "production":
        return Place(url, parts.netloc, name)
    address = _looked_up(name)
    shown = f"[{address}]" if address.version == 6 else str(address)
    path = parts._replace(netloc=shown, fragment="").geturl()
    return Place(path, parts.netloc, name)


def _looked_up(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """One of its addresses; none of them may be of a network that is not public."""
    found = _asked(name)
    if found is None:
        raise Refused("the name was not found")
    addresses = [ipaddress.ip_address(str(one[4][0]).partition("%")[0]) for one in found]
    if not addresses or not all(_is_public(address) for address in addresses):
        raise Refused("the name leads into a network that is not public")
    return addresses[0]


def _asked(name: str) -> list[Any] | None:
    """What the system says of it; None: there is no such name. Nothing else bounds the question in time, so a thread
    waits for the answer, and is left alone when it takes too long."""
    answers: list[list[Any] | None] = []

    def ask() -> None:
        try:
            answers.append(socket.getaddrinfo(name, HTTPS_PORT, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError):
            answers.append(None)

    asking = threading.Thread(target=ask, name="name-lookup", daemon=True)
    asking.start()
    asking.join(LOOKUP_SECS)
    if not answers:
        raise Unanswered
    return answers[0]


def _is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    mapped = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    return (address if mapped is None else mapped).is_global and not address.is_multicast
