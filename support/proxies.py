"""X-Forwarded-* believed from listed proxies only, for HTTP and WebSocket alike.

Behind this, `scope["client"]`, `scope["scheme"]` and the Host header are facts; the X-Forwarded-* headers
themselves are gone, so nothing further in can believe them by accident.
"""

import ipaddress
from collections.abc import Iterable, Sequence
from typing import Any

from support.setting_types import Network

Headers = list[tuple[bytes, bytes]]
FORWARDED = (
    b"x-forwarded-for",
    b"x-forwarded-proto",
    b"x-forwarded-host",
    b"x-forwarded-port",
    b"forwarded",
    b"x-real-ip",
)
ENCRYPTED = {"http": "https", "ws": "wss", "https": "https", "wss": "wss"}
PLAIN = {"https": "http", "wss": "ws", "http": "http", "ws": "ws"}


class TrustedProxies:
    """ASGI middleware. `networks` are the addresses of our own reverse proxies."""

    def __init__(self, application: Any, networks: Iterable[Network]) -> None:
        self.application = application
        self.networks = tuple(networks)

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        if scope["type"] in ("http", "websocket"):
            scope = self._resolved(scope)
        return await self.application(scope, receive, send)

    def _resolved(self, scope: dict[str, Any]) -> dict[str, Any]:
        headers: Headers = list(scope["headers"])
        kept = [(name, value) for name, value in headers if name.lower() not in FORWARDED]
        peer = (scope.get("client") or ("", 0))[0]
        resolved = {
            **scope,
            "headers": kept,
            "client": (_plain_address(peer), (scope.get("client") or ("", 0))[1]),
        }
        if self._trusts(peer):
            self._believe(resolved, headers)
        return resolved

    def _believe(self, scope: dict[str, Any], headers: Headers) -> None:
        client = self._client_of(_values(headers, b"x-forwarded-for"))
        if client:
            scope["client"] = (client, 0)
        protocols = _values(headers, b"x-forwarded-proto")
        if protocols and protocols[-1].lower() in ("http", "https"):
            default = "http" if scope["type"] == "http" else "ws"
            table = ENCRYPTED if protocols[-1].lower() == "https" else PLAIN
            scope["scheme"] = table[scope.get("scheme", default)]
        hosts = _values(headers, b"x-forwarded-host")
        if hosts:
            others = [(name, value) for name, value in scope["headers"] if name.lower() != b"host"]
            scope["headers"] = [*others, (b"host", hosts[-1].encode("latin-1"))]

    def _client_of(self, chain: Sequence[str]) -> str | None:
        """The nearest address that is not ours: what stands further left was written by strangers."""
        nearest = None
        for address in reversed(chain):
            if _parse(address) is None:
                break
            nearest = _plain_address(address)
            if not self._trusts(address):
                break
        return nearest

    def _trusts(self, address: str) -> bool:
        parsed = _parse(address)
        return parsed is not None and any(
            parsed.version == network.version and parsed in network for network in self.networks
        )


class EncryptedOnly:
    """ASGI middleware for WebSockets: outside development a plain `ws://` handshake is refused with 403.

    What SECURE_SSL_REDIRECT is for pages. A socket cannot be redirected, and tokens must not travel in the open.
    """

    def __init__(self, application: Any, *, required: bool) -> None:
        self.application = application
        self.required = required

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        if not self.required or scope.get("scheme") == "wss":
            return await self.application(scope, receive, send)
        await receive()  # websocket.connect
        await send({"type": "websocket.close", "code": 4403})
        return None


def _values(headers: Headers, name: bytes) -> list[str]:
    """All comma separated values of a header, in the order in which they were added."""
    joined = ",".join(value.decode("latin-1") for key, value in headers if key.lower() == name)
    return [part.strip() for part in joined.split(",") if part.strip()]


def _parse(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        parsed = ipaddress.ip_address(address.strip("[]"))
    except ValueError:
        return None
    mapped = getattr(parsed, "ipv4_mapped", None)
    return mapped if isinstance(mapped, ipaddress.IPv4Address) else parsed


def _plain_address(address: str) -> str:
    """One spelling for one client: `::ffff:10.0.0.1` is 10.0.0.1."""
    parsed = _parse(address)
    return str(parsed) if parsed is not None else address
