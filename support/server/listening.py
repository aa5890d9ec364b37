"""Where a process listens: sockets for BIND, and how that place is written in an address.

`::` listens for IPv4 and IPv6 together. Its IPv4 clients arrive as ::ffff:10.0.0.1; support/http/clients/proxies.py and
support/http/clients/access.py take them for 10.0.0.1.
"""

from __future__ import annotations

import socket

ANY_IPV4, ANY_IPV6 = "0.0.0.0", "::"


def listeners(bind: str, port: int) -> list[socket.socket]:
    """A bound socket for every address that `bind` means (a host name may mean several). OSError when one is not to be
    had; none is kept then.
    """
    found = socket.getaddrinfo(bind, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    sockets: list[socket.socket] = []
    try:
        for family, address in dict.fromkeys((family, address) for family, _t, _p, _name, address in found):
            listening = socket.socket(family, socket.SOCK_STREAM)
            sockets.append(listening)
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, int(bind != ANY_IPV6))
            listening.bind(address)
    except OSError:
        for listening in sockets:
            listening.close()
        raise
    return sockets


def reached_at(bind: str) -> str:
    """The address at which this machine reaches what listens on `bind`."""
    return {ANY_IPV4: "127.0.0.1", ANY_IPV6: "::1"}.get(bind, bind)


def in_url(host: str) -> str:
    """A host as addresses write it: IPv6 in brackets."""
    return f"[{host}]" if ":" in host else host


def shown_as(bind: str) -> str:
    """The host of the address that somebody at this machine is told: `localhost`, `192.0.2.7`, `[::1]`."""
    return "localhost" if bind in (ANY_IPV4, ANY_IPV6, "127.0.0.1") else in_url(bind)
