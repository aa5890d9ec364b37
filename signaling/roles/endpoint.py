"""The ASGI side of both sockets: the handshake, limits, and each frame to its handler.

The loop is our own: Channels' `dispatch` hops to a thread (`aclose_old_connections`) for every frame, which costs ten
times the relay itself. Nothing here touches the database.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from channels.consumer import AsyncConsumer
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.access.origins import is_allowed_origin
from accounts.clients import client_of_scope
from infra.addresses import counted_as
from infra.buckets import Bucket
from infra.errors import DomainError, StoreUnavailable
from infra.logs import trace
from infra.writing import language
from signaling import metrics
from signaling.connection.connection import Connection
from signaling.connection.receive_loop import Event, Receive, ReceiveLoop
from signaling.connection.send_buffer import DIRECT
from signaling.hub.hub import get_hub
from signaling.hub.shutdown import store_error
from signaling.roles.handlers import Handler
from signaling.roles.refusals import Refusals, too_fast
from signaling.roles.shared import SharedRole
from signaling.wire.fields import FRAME_BYTES
from signaling.wire.parse import SUBPROTOCOL, FrameError, parse

logger = logging.getLogger(__name__)


class Endpoint(AsyncConsumer):
    """One ASGI connection: holds the connection, its receive loop (it is the loop's `Receiver`) and its role."""

    __slots__ = (
        "_bucket",
        "_burst",
        "_connection",
        "_hub",
        "_loop",
        "_quick",
        "_rate",
        "_refusals",
        "_role",
        "_role_class",
    )

    def __init__(self, role: type[SharedRole]) -> None:
        self._role_class = role

    async def __call__(self, scope: Event, receive: Receive, send: Any) -> None:
        await receive()  # websocket.connect
        role_class = self._role_class
        if not is_allowed_origin(
            _header(scope, b"origin"), _header(scope, b"host") or "", own_only=role_class.own_origin_only
        ):
            metrics.closes.labels("4403").inc()
            await send({"type": "websocket.close", "code": 4403})
            return
        self._hub = hub = get_hub()
        if hub.shutdown.moving:
            await _elsewhere(scope, send)
            return
        self._connection = connection = Connection(hub.repair)
        self._loop = ReceiveLoop(self)
        self._refusals = Refusals(connection)
        self._role = connection.side = role_class(hub, connection, self._loop, self._refusals)
        connection.task = asyncio.current_task()
        connection.buffer.open(send)
        await self._accept(scope, send)
        if not await self._admitted(scope):
            await _until_closed(receive)
            return
        try:
            if await self._prepared(scope):
                del scope
                await self._loop.serve(receive)
            else:
                await _until_closed(receive)
        except asyncio.CancelledError:
            pass
        finally:
            connection.buffer.closing = True
            self._loop.stop()
            metrics.open_sockets.labels(role_class.name).dec()
            hub.addresses.release(connection.address)
            await hub.closed(connection)

    # -- opening -------------------------------------------------------------------------------------------------

    async def _accept(self, scope: Event, send: Any) -> None:
        """Accepts before anything can be refused: only accepted sockets carry close codes that a browser can read."""
        accept: Event = {"type": "websocket.accept"}
        if SUBPROTOCOL in scope.get("subprotocols", []):
            accept["subprotocol"] = SUBPROTOCOL
        await send(accept)
        direct = scope.get("extensions", {}).get(DIRECT)
        if direct is not None and self._loop.listen(direct):
            self._connection.buffer.shorten(direct)
        self._connection.language = language.of_header(_header(scope, b"accept-language"))
        translation.activate(self._connection.language)

    async def _admitted(self, scope: Event) -> bool:
        """Whether there is a place for it; else it was told why not."""
        connection, hub = self._connection, self._hub
        if SUBPROTOCOL not in scope.get("subprotocols", []):
            connection.close(4400, DomainError("bad_subprotocol", _("This service speaks adminara.v1.")))
            return False
        if not hub.bus.is_up and not await self._store_answers():
            return False
        connection.address = counted_as(client_of_scope(scope).address)
        wait = hub.addresses.admit(
            connection.address, most=settings.SOCKET_MAX_PER_ADDRESS, rate=settings.SOCKET_OPEN_LIMIT, now=hub.now()
        )
        if wait is not None:
            connection.close(4429, too_fast(wait))
            return False
        hub.opened(connection)
        self._quick: dict[str, Handler] = self._role.quick_handlers()
        # Until the page says its own.
        trace.bind(request_id=trace.new_id(), socket=connection.conn)
        self._rate, self._burst = float(settings.SOCKET_FRAME_RATE), float(settings.SOCKET_FRAME_BURST)
        self._bucket = Bucket(self._burst, connection.opened_at)
        metrics.connections.labels(self._role.name).inc()
        metrics.open_sockets.labels(self._role.name).inc()
        return True

    async def _store_answers(self) -> bool:
        """Gives the bus of a fresh process a second to connect; in an outage everybody is refused at once."""
        hub = self._hub
        try:
            if not hub.bus.was_up:
                await hub.bus.wait_up(1.0)
                return True
        except StoreUnavailable:
            pass
        self._connection.close(4503, store_error(len(hub.registry.connections)))
        return False

    async def _prepared(self, scope: Event) -> bool:
        """Whether the role could be opened. Only a store that it needs, and that is out, can keep it from that."""
        try:
            await self._role.opened(scope)
        except Exception:
            logger.exception("socket could not be opened")
            self._connection.close(4503, store_error(len(self._hub.registry.connections)))
            return False
        return True

    # -- one frame -----------------------------------------------------------------------------------------------

    def take(self, text: str | None, data: bytes | None) -> Coroutine[Any, Any, None] | None:
        connection = self._connection
        if connection.buffer.closing:
            return None
        connection.heard_at = now = self._hub.now()
        size = len(data or b"") if text is None else len(text) if text.isascii() else len(text.encode())
        if text is None or size > FRAME_BYTES:
            self._refuse_bytes(size)
            return None
        ref: int | str | None = None
        try:
            frame = parse(self._role.name, text)
            kind = frame["type"]
            ref = frame.get("id") or kind  # type: ignore[assignment]
            # Only now, so that the refusal can name the frame; what cannot be read is limited by its number.
            if not self._bucket.take(self._burst, self._rate, now):
                raise too_fast(round(self._bucket.wait(self._rate), 2))
            acknowledged = frame.get("ack")
            if acknowledged is not None:
                connection.acknowledge(acknowledged)
            if not connection.greeted and not self._role.may_precede_hello(kind):
                connection.close(4400, DomainError("hello_first", _("The first frame must be hello.")), ref)
                return None
            quick = self._quick.get(kind)
            if quick is None:
                return self._handle(frame, ref)
            quick(self._role, frame)
        except Exception as error:
            self._refusals.failed(error, ref)
        return None

    async def _handle(self, frame: Any, ref: int | str | None) -> None:
        try:
            await self._role.handlers.slow[frame["type"]](self._role, frame)
        except Exception as error:
            self._refusals.failed(error, ref)

    def heard(self) -> None:
        self._connection.heard_at = self._hub.now()

    def _refuse_bytes(self, size: int) -> None:
        connection = self._connection
        if size > FRAME_BYTES:
            connection.close(4413, DomainError("frame_too_large", _("A frame has at most 64 KiB.")))
        elif connection.greeted:
            self._refusals.refuse(FrameError("bad_json"), None)
        else:
            connection.close(4400, FrameError("bad_json"))


async def _elsewhere(scope: Event, send: Any) -> None:
    """This process ends: a load balancer that gets a 503 asks the next one, and browsers come again."""
    if "websocket.http.response" in scope.get("extensions", {}):
        headers = [(b"retry-after", b"1"), (b"content-length", b"0")]
        await send({"type": "websocket.http.response.start", "status": 503, "headers": headers})
        await send({"type": "websocket.http.response.body", "body": b""})
    else:
        await send({"type": "websocket.close", "code": 1012})


def _header(scope: Event, name: bytes) -> str | None:
    for key, value in scope["headers"]:
        if key == name:
            return str(value.decode("latin-1"))
    return None


async def _until_closed(receive: Receive) -> None:
    """A refused socket: what still comes in is ignored until the peer has closed."""
    while (await receive())["type"] != "websocket.disconnect":
        pass
