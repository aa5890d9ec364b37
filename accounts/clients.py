"""Who is at the other end of a request or socket: address, browser, request id.

Forwarded headers are judged before a request comes here, so the peer's address is the client's.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from accounts.models.session import USER_AGENT_MAX
from infra.logs import trace


@dataclass(frozen=True)
class Client:
    """`address` is an IP address in its one spelling; empty for a command or a Unix socket."""

    address: str = ""
    user_agent: str = ""
    request_id: str = ""


NOBODY = Client()
"""A command on the server itself."""


def client_of_request(request: HttpRequest) -> Client:
    return Client(
        address=canonical(request.META.get("REMOTE_ADDR", "")),
        user_agent=_clean(request.headers.get("User-Agent", "")),
        request_id=trace.request_id(),
    )


def client_of_scope(scope: Mapping[str, Any]) -> Client:
    """The same for an ASGI scope (a WebSocket)."""
    headers = scope.get("headers", ())
    peer = (scope.get("client") or ("",))[0] or ""
    return Client(
        address=canonical(peer),
        user_agent=_clean(_header(headers, b"user-agent")),
        request_id=trace.request_id(),
    )


def canonical(peer: str) -> str:
    """The address in its one spelling, or empty when `peer` is none: a machine must not count twice."""
    try:
        address = ipaddress.ip_address(peer.partition("%")[0])
    except ValueError:
        return ""
    return str(getattr(address, "ipv4_mapped", None) or address)


def _header(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> str:
    return ",".join(value.decode("latin-1") for key, value in headers if key == name)


def _clean(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)[:USER_AGENT_MAX]
