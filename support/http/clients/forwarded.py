"""What proxies write about who is in front of them: X-Forwarded-* as they are really written, and RFC 7239 `Forwarded`.

Nothing here decides whom to believe. An entry that cannot be read is told as such (None), never skipped: whoever walks
the chain must know that somebody stood there.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

Headers = list[tuple[bytes, bytes]]
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_PORT = r":(?:[0-9]{1,5}|_[A-Za-z0-9._-]{1,64})"
_BRACKETED = re.compile(rf"\[([^\[\]]{{2,64}})\](?:{_PORT})?")
_WITH_PORT = re.compile(rf"([0-9.]{{7,15}}){_PORT}")
_WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_PAIR = re.compile(rf'({_WORD})=(?:({_WORD})|"((?:[^"\\]|\\.)*)")')
_SEPARATOR = re.compile(r"[ \t]*([,;])[ \t]*")


@dataclass(frozen=True)
class Said:
    """`chain`: the clients of the proxies, the nearest last, None for one that cannot be read; None when no client is
    spoken of. `protocol` and `host`: as the nearest proxy heard them, or empty.
    """

    chain: list[Address | None] | None
    protocol: str = ""
    host: str = ""


def x_forwarded(headers: Headers) -> Said:
    """What X-Forwarded-For, -Proto and -Host say."""
    chain = _values(headers, b"x-forwarded-for")
    return Said(
        None if chain is None else [node(entry) for entry in chain],
        (_values(headers, b"x-forwarded-proto") or [""])[-1].lower(),
        (_values(headers, b"x-forwarded-host") or [""])[-1],
    )


def forwarded(headers: Headers) -> Said:
    """What `Forwarded` says. A line outside the grammar is one unreadable client: an open quote that a stranger wrote
    may have swallowed what our proxy added to it.
    """
    lines = _lines(headers, b"forwarded")
    hops = [hop for line in lines for hop in _hops(line)]
    nearest = hops[-1] if hops else {}
    chain = [node(hop.get("for", "")) for hop in hops] if lines else None
    return Said(chain, nearest.get("proto", "").lower(), nearest.get("host", ""))


def node(text: str) -> Address | None:
    """The address of one entry: bare, quoted, in brackets, with a port. None for `unknown`, `_names` and the rest."""
    if len(text) >= 2 and text[0] == text[-1] == '"':
        text = text[1:-1]
    found = _BRACKETED.fullmatch(text) or _WITH_PORT.fullmatch(text)
    return parse(found[1] if found else text)


def parse(address: str) -> Address | None:
    """An address in its one meaning: `::ffff:10.0.0.1` is 10.0.0.1, and the zone of `fe80::1%eth0` is left out."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    mapped = getattr(parsed, "ipv4_mapped", None)
    return mapped if isinstance(mapped, ipaddress.IPv4Address) else parsed


def _lines(headers: Headers, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in headers if key.lower() == name]


def _values(headers: Headers, name: bytes) -> list[str] | None:
    """All comma separated values, in the order in which they were added; None without the header."""
    lines = _lines(headers, name)
    return [part.strip() for line in lines for part in line.split(",") if part.strip()] if lines else None


def _hops(line: str) -> list[dict[str, str]]:
    """The elements of one line, each by its parameters; one empty element for a line that breaks the grammar."""
    hops: list[dict[str, str]] = [{}]
    at, line = 0, line.strip(" \t")
    while at < len(line):
        pair = _PAIR.match(line, at)
        if pair is None or pair[1].lower() in hops[-1]:
            return [{}]
        hops[-1][pair[1].lower()] = pair[2] if pair[3] is None else re.sub(r"\\(.)", r"\1", pair[3])
        at = pair.end()
        if at == len(line):
            return hops
        separator = _SEPARATOR.match(line, at)
        if separator is None:
            return [{}]
        if separator[1] == ",":
            hops.append({})
        at = separator.end()
    return [{}]
