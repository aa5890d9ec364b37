"""WebSocket servers that tell the application of pongs of the protocol itself.

ASGI has no event for them, yet a browser whose page sleeps still answers the server's pings: that is a sign of life. A
client's own pings, and pongs that nobody asked for, are none: they would keep a socket for nothing. Each server's own
timeout is off or later than ours, so that a dead peer is closed by the application, with its code. The event is
`{"type": "websocket.heard"}`; it carries nothing.
"""

from __future__ import annotations

from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame

HEARD: Any = {"type": "websocket.heard"}


class KeepaliveProtocol(WebSocketsSansIOProtocol):
    """uvicorn's protocol; `ws_ping_interval` sends the pings that peers answer."""

    def handle_pong(self, event: Frame) -> None:
        asked = self.pending_ping_payload is not None and bytes(event.data) == self.pending_ping_payload
        super().handle_pong(event)
        if asked:
            self._heard()

    def _heard(self) -> None:
        # What waits there already is a sign of life too; so a flood of pings takes no memory.
        if self.handshake_complete and self.queue.empty():
            self.queue.put_nowait(HEARD)


def teach_daphne() -> None:
    """The same for daphne, and every close code of ours. Imported late: it installs Twisted's reactor."""
    from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol

    class DaphneKeepaliveProtocol(WebSocketProtocol):
        def onPong(self, payload: bytes) -> None:
            super().onPong(payload)
            self._heard()

        def serverClose(self, code: int | None = None) -> None:
            # Not sendClose: it refuses 1012, which tells a client to come back at once.
            self.sendCloseFrame(code=1000 if code is None else code)

        def _heard(self) -> None:
            queue = getattr(self, "application_queue", None)
            if queue is not None and queue.empty():
                queue.put_nowait(HEARD)

    WebSocketFactory.protocol = DaphneKeepaliveProtocol
