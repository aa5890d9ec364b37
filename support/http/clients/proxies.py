"""What proxies say of a client, believed from listed proxies only, for HTTP and WebSocket alike.

Behind this, `scope["client"]`, `scope["scheme"]` and the Host header are facts; the headers themselves are gone, so
nothing further in can believe them by accident. Where the client's entry cannot be read the client is nobody (""), not
the proxy: its address may open doors that are not the client's, and all its clients would count as one.
"""

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from prometheus_client import Counter

from support.config.types import Network, ProxyHeader
from support.http.clients.forwarded import Address, Headers, Said, forwarded, parse, x_forwarded

logger = logging.getLogger(__name__)

unreadable = Counter("proxy_clients_unreadable_total", "Requests and sockets whose client no proxy named readably")

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
READERS: dict[ProxyHeader, Callable[[Headers], Said]] = {"x-forwarded-for": x_forwarded, "forwarded": forwarded}
CLIENT_HEADERS = frozenset(name.encode() for name in READERS)
NOBODY = ""
LOG_EVERY_SECS = 60.0


class TrustedProxies:
    """ASGI middleware. `networks`: addresses of our own reverse proxies. `header`: the one that they write.

    Only that one is read: the other passes through most proxies as the client wrote it.
    """

    def __init__(self, application: Any, networks: Iterable[Network], header: ProxyHeader = "x-forwarded-for") -> None:
        self.application = application
        self.networks = tuple(networks)
        self.header = header
        self._logged_at = -LOG_EVERY_SECS

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        if scope["type"] in ("http", "websocket"):
            scope = self._resolved(scope)
        return await self.application(scope, receive, send)

    def _resolved(self, scope: dict[str, Any]) -> dict[str, Any]:
        headers: Headers = list(scope["headers"])
        kept = [(name, value) for name, value in headers if name.lower() not in FORWARDED]
        peer, port = scope.get("client") or (NOBODY, 0)
        address = parse(peer)
        # One spelling for one client: a dual-stack socket says ::ffff:10.0.0.1 for 10.0.0.1.
        resolved = {**scope, "headers": kept, "client": (peer if address is None else str(address), port)}
        if address is not None and self._trusts(address):
            self._believe(resolved, headers)
        return resolved

    def _believe(self, scope: dict[str, Any], headers: Headers) -> None:
        said = READERS[self.header](headers)
        # A proxy that speaks of nobody asks for itself; one that writes the other header is not set up as we are.
        if said.chain is not None or any(name.lower() in CLIENT_HEADERS for name, _value in headers):
            client = self._client_of(said.chain or [])
            scope["client"] = (NOBODY if client is None else str(client), 0)
            if client is None:
                self._warn()
        if said.protocol in ("http", "https"):
            default = "http" if scope["type"] == "http" else "ws"
            table = ENCRYPTED if said.protocol == "https" else PLAIN
            scope["scheme"] = table[scope.get("scheme", default)]
        if said.host:
            others = [(name, value) for name, value in scope["headers"] if name.lower() != b"host"]
            scope["headers"] = [*others, (b"host", said.host.encode("latin-1"))]

    def _client_of(self, chain: Sequence[Address | None]) -> Address | None:
        """The nearest address that is not ours: what stands further left was written by strangers.

        None when an entry on the way there cannot be read: what comes after it are our own proxies, not the client.
        """
        nearest = None
        for nearest in reversed(chain):
            if nearest is None or not self._trusts(nearest):
                break
        return nearest

    def _trusts(self, address: Address) -> bool:
        return any(address.version == network.version and address in network for network in self.networks)

    def _warn(self) -> None:
        unreadable.inc()
        now = time.monotonic()
        if now - self._logged_at >= LOG_EVERY_SECS:
            self._logged_at = now
            logger.warning(
                "a trusted proxy names a client that cannot be read: it counts as nobody, with all others like it; "
                "let the proxy write addresses, and set PROXY_HEADER to the header that it writes",
                extra={"header": self.header},
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
