"""Where our requests may go when a stranger chose the address: to the internet, and in production nowhere else.

The name is looked up once and the connection is made to what was found: a name that points elsewhere a moment later
leads nobody into our own network.
"""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

HTTPS_PORT = 443


class Refused(Exception):
    """Not an address that is spoken to; the text says why and may be shown."""


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
    """Raises Refused."""
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
    try:
        found = socket.getaddrinfo(name, HTTPS_PORT, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Refused("the name was not found") from None
    addresses = [ipaddress.ip_address(str(one[4][0]).partition("%")[0]) for one in found]
    if not addresses or not all(_is_public(address) for address in addresses):
        raise Refused("the name leads into a network that is not public")
    return addresses[0]


def _is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    mapped = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    return (address if mapped is None else mapped).is_global and not address.is_multicast
