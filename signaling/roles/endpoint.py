"""What both sockets do alike: the handshake, the receive loop, limits, and the frames that mean the same.

The loop is our own: Channels' `dispatch` hops to a thread (`aclose_old_connections`) for every frame, which costs ten
times the relay itself. Nothing here touches the database.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, ClassVar

from channels.consumer import AsyncConsumer
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.clients import client_of_scope
from accounts.origins import is_allowed_origin
from infra import language, trace
from infra.errors import DomainError, StoreUnavailable
from signaling import metrics
from signaling.connection.receive_loop import Event, Receive, Turns
from signaling.connection.send_buffer import DIRECT
from signaling.hub.address_limits import counted_as
from signaling.hub.hub import get_hub
from signaling.hub.shutdown import store_error
from signaling.wire import inbound
from signaling.wire.fields import FRAME_BYTES
from signaling.wire.parse import SUBPROTOCOL, FrameError, Role, parse

logger = logging.getLogger(__name__)

Handler = Callable[[Any, Any], Awaitable[None]]
QuickHandler = Callable[[Any, Any], None]

BAD_FRAMES_A_MINUTE = 100


class BaseConsumer(Turns, AsyncConsumer):
    """One ASGI connection. Subclasses give `role`, `own_origin_only`, the handlers and the hooks below.

    `quick` handlers do not wait, except that they may make the socket `busy` until `proceed`; a frame that is relayed
    therefore needs no task. `handlers` are coroutines.
    """

    __slots__ = ("_task", "at_once", "frame_burst", "frame_rate")

    role: ClassVar[Role]
    own_origin_only: ClassVar[bool]
    handlers: ClassVar[dict[str, Handler]]
    quick: ClassVar[dict[str, QuickHandler]]

    async def __call__(self, scope: Event, receive: Receive, send: Any) -> None:
        await receive()  # websocket.connect
        if not is_allowed_origin(
            _header(scope, b"origin"), _header(scope, b"host") or "", own_only=self.own_origin_only
        ):
            metrics.closes.labels("4403").inc()
            await send({"type": "websocket.close", "code": 4403})
            return
        if get_hub().farewell.moving:
            await _elsewhere(scope, send)
            return
        self._task = asyncio.current_task()
        self._send = send
        if not await self._admitted(scope):
            await _until_closed(receive)
            return
        try:
            if await self._prepared(scope):
                del scope
                await self.serve(receive)
            else:
                await _until_closed(receive)
        except asyncio.CancelledError:
            self.closing = True
        finally:
            self.stop()
            metrics.open_sockets.labels(self.role).dec()
            self.hub.addresses.release(self.address)
            await self.hub.closed(self)

    # -- opening -------------------------------------------------------------------------------------------------

    async def _admitted(self, scope: Event) -> bool:
        """Accepts, and refuses where a browser can read why: only accepted sockets carry close codes."""
        offered = scope.get("subprotocols", [])
        accept: Event = {"type": "websocket.accept"}
        if SUBPROTOCOL in offered:
            accept["subprotocol"] = SUBPROTOCOL
        await self._send(accept)  # type: ignore[misc]
        self.listen(scope.get("extensions", {}).get(DIRECT))
        self.language = language.of_header(_header(scope, b"accept-language"))
        translation.activate(self.language)
        if SUBPROTOCOL not in offered:
            self.close(4400, DomainError("bad_subprotocol", _("This service speaks adminara.v1.")))
            return False
        self.hub = hub = get_hub()
        if not hub.bus.is_up and not await self._store_answers():
            return False
        self.address = counted_as(client_of_scope(scope).address)
        wait = hub.addresses.admit(
            self.address,
            most=settings.SOCKET_MAX_PER_ADDRESS,
            rate=settings.SOCKET_OPEN_LIMIT,
            now=asyncio.get_running_loop().time(),
        )
        if wait is not None:
            self.close(4429, _too_fast(wait))
            return False
        hub.opened(self)
        self.at_once = self.quick_handlers()
        # Until the page says its own.
        trace.bind(request_id=trace.new_id(), socket=self.conn)
        self.frame_rate = float(settings.SOCKET_FRAME_RATE)
        self.tokens = self.frame_burst = float(settings.SOCKET_FRAME_BURST)
        self.tokens_at = self.opened_at
        metrics.connections.labels(self.role).inc()
        metrics.open_sockets.labels(self.role).inc()
        return True

    async def _store_answers(self) -> bool:
        """Gives the bus of a fresh process a second to connect; in an outage everybody is refused at once."""
        hub = self.hub
        try:
            if not hub.bus.was_up:
                await hub.bus.wait_up(1.0)
                return True
        except StoreUnavailable:
            pass
        self.close(4503, store_error(len(hub.sockets)))
        return False

    async def _prepared(self, scope: Event) -> bool:
        """Whether `opened` went well. Only a store that it needs, and that is out, can keep it from that."""
        try:
            await self.opened(scope)
        except Exception:
            logger.exception("socket could not be opened")
            self.close(4503, store_error(len(self.hub.sockets)))
            return False
        return True

    def introduced(self, hello: inbound.Hello) -> None:
        """The page's request id goes on all further lines of this socket; its language counts, not the browser's."""
        trace.bind(request_id=hello.get("request_id", ""))
        self.speak(hello.get("locale"))

    def speak(self, locale: str | None) -> None:
        """From now on in the page's language; no change where it is none of ours."""
        if spoken := language.of_page(locale):
            self.language = self.page_language = spoken
            translation.activate(spoken)

    # -- one frame -----------------------------------------------------------------------------------------------

    def take(self, text: str | None, data: bytes | None) -> Coroutine[Any, Any, None] | None:
        self.heard_at = now = self.hub.now()
        size = len(data or b"") if text is None else len(text) if text.isascii() else len(text.encode())
        if text is None or size > FRAME_BYTES:
            self._refuse_bytes(size)
            return None
        ref: int | str | None = None
        try:
            frame = parse(self.role, text)
            kind = frame["type"]
            ref = frame.get("id") or kind  # type: ignore[assignment]
            # Only now, so that the refusal can name the frame; what cannot be read is limited by its number.
            self._spend(now)
            acknowledged = frame.get("ack")
            if acknowledged is not None:
                self.acknowledge(acknowledged)
            if not self.greeted and not self.may_precede_hello(kind):
                self.close(4400, DomainError("hello_first", _("The first frame must be hello.")), ref)
                return None
            quick = self.at_once.get(kind)
            if quick is None:
                return self._handle(frame, ref)
            quick(self, frame)
        except Exception as error:
            self.failed(error, ref)
        return None

    async def _handle(self, frame: Any, ref: int | str | None) -> None:
        try:
            await self.handlers[frame["type"]](self, frame)
        except Exception as error:
            self.failed(error, ref)

    def failed(self, error: Exception, ref: int | str | None) -> None:
        """Answers a frame that could not be handled; `ref` names it."""
        if isinstance(error, FrameError):
            self._refuse(error, error.ref)
        elif isinstance(error, DomainError):
            self._refuse(error, ref)
        else:
            kind = ref if isinstance(ref, str) else None
            logger.error("frame failed", exc_info=error, extra={"frame_type": kind})
            message = _("Something went wrong here; please try again.")
            self._refuse(DomainError("internal", message, retryable=True), ref)

    def _spend(self, now: float) -> None:
        """The token bucket: a burst at once, a rate for ever."""
        rate, burst = self.frame_rate, self.frame_burst
        tokens = self.tokens + (now - self.tokens_at) * rate
        if tokens > burst:
            tokens = burst
        self.tokens_at = now
        if tokens < 1.0:
            self.tokens = tokens
            raise _too_fast(round((1.0 - tokens) / rate, 2))
        self.tokens = tokens - 1.0

    def _refuse_bytes(self, size: int) -> None:
        if size > FRAME_BYTES:
            self.close(4413, DomainError("frame_too_large", _("A frame has at most 64 KiB.")))
        elif self.greeted:
            self._refuse(FrameError("bad_json"), None)
        else:
            self.close(4400, FrameError("bad_json"))

    def _refuse(self, error: DomainError, ref: int | str | None) -> None:
        """One error for one bad frame. A first frame that cannot be read, or a flood of bad ones, closes."""
        if error.code == "replaced":
            self.close_replaced()
            return
        if error.code == "lapsed":
            # Nobody took over, this process was given up: the page comes again and says where it was.
            self.close(1012)
            return
        if not self.greeted and isinstance(error, FrameError):
            self.close(4400, error, ref)
            return
        if isinstance(error, StoreUnavailable):
            self.fail(error, ref)
            return
        now = self.heard_at
        if now - self.bad_since > 60.0:
            self.bad_since, self.bad_frames = now, 0
        self.bad_frames += 1
        if self.bad_frames > BAD_FRAMES_A_MINUTE:
            self.close(4429, _too_fast(60.0), ref)
        else:
            self.fail(error, ref)

    # -- hooks ---------------------------------------------------------------------------------------------------

    async def opened(self, scope: Event) -> None:
        """Accepted and counted; `scope` is not kept."""

    def quick_handlers(self) -> dict[str, QuickHandler]:
        """The table of this socket, chosen once: a choice for every frame would cost on the relay's path."""
        return self.quick

    def may_precede_hello(self, frame_type: str) -> bool:
        return frame_type == "hello"

    def greeting_due(self) -> None:
        """Five seconds after opening: who has not said hello is closed."""
        if not self.greeted:
            with self.in_own_language():
                self.close(4408, DomainError("hello_first", _("The first frame must be hello.")))

    async def redraw(self) -> None:
        """The store says that what the page shows is no longer so: only a new hello settles that."""
        self.close(1012)

    def overflowed(self) -> None:
        """The peer does not read: the connection is given up, its mailbox keeps what it has not seen."""
        if self._task is not None:
            self._task.cancel()


async def _elsewhere(scope: Event, send: Any) -> None:
    """This process ends: a load balancer that gets a 503 asks the next one, and browsers come again."""
    if "websocket.http.response" in scope.get("extensions", {}):
        headers = [(b"retry-after", b"1"), (b"content-length", b"0")]
        await send({"type": "websocket.http.response.start", "status": 503, "headers": headers})
        await send({"type": "websocket.http.response.body", "body": b""})
    else:
        await send({"type": "websocket.close", "code": 1012})


def _too_fast(retry_after: float) -> DomainError:
    message = _("Too many messages at once. Please wait a moment.")
    return DomainError("rate_limited", message, retryable=True, retry_after=max(0.1, retry_after))


def _header(scope: Event, name: bytes) -> str | None:
    for key, value in scope["headers"]:
        if key == name:
            return str(value.decode("latin-1"))
    return None


async def _until_closed(receive: Receive) -> None:
    """A refused socket: what still comes in is ignored until the peer has closed."""
    while (await receive())["type"] != "websocket.disconnect":
        pass
