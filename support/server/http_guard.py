"""uvicorn's HTTP protocol with bounds on what a client may send before anybody has looked at it.

The head of a request has a size, a number of lines and a time; requests sent ahead are few; an answer that nobody reads
is given up. A body is bounded by `support.server.body_limit`, which knows the path.
"""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

HEAD_BYTES = 32 * 1024
"""Of a head, and of what is no body inside of a chunked one."""
PIECE_BYTES = 8 * 1024
"""Reads go to the parser in such pieces: it does not say where in them a body ends and a head begins."""
HEAD_LINES = 100
HEAD_SECS = 10.0
"""From the first byte (or the connection) to the end of the head."""
AHEAD_MOST = 4
"""Requests that wait for the one before them on the same connection."""
UNREAD_SECS = 60.0
"""How long an answer may wait for a client that does not read."""
_BODY = b'{"error": {"code": "headers_too_large", "message": "The headers are too long.", "retryable": false}}'
TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: application/json\r\nconnection: close\r\n"
    b"content-length: %d\r\n\r\n%b" % (len(_BODY), _BODY)
)


class GuardedHttp(HttpToolsProtocol):
    """One connection. Whatever breaks a bound is closed at once; nothing of it is kept."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self._lines = 0
        self._in_head = True
        self._ended = False
        self._filled = False
        self._too_much = False
        self._deadline: asyncio.TimerHandle | None = None
        self._unread: asyncio.TimerHandle | None = None
        self._cycles: list[RequestResponseCycle] = []

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_is_here()
        self._is_read()
        # uvicorn tells the request that came last, and it is the first that is being answered.
        for cycle in self._cycles:
            if not cycle.response_complete:
                cycle.disconnected = True
                cycle.message_event.set()
        self._cycles.clear()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        if self._in_head and self._deadline is None:
            self._await_head()
        for at in range(0, len(data), PIECE_BYTES):
            piece = data[at : at + PIECE_BYTES]
            self._ended = self._filled = False
            super().data_received(piece)
            # It may have become a WebSocket's.
            if self.transport.is_closing() or self.transport.get_protocol() is not self:
                return
            # How much of a piece is not the body that ends or goes on in it, nobody knows: at most PIECE_BYTES.
            self._lines = 0 if self._ended or self._filled else self._lines + len(piece)
            if self._lines > HEAD_BYTES or self._too_much:
                return self._refuse()

    # -- the parser's callbacks; what they raise ends the connection with 400 -------------------------------------

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = True

    def on_header(self, name: bytes, value: bytes) -> None:
        # Lines behind a chunked body come here too.
        if len(self.headers) >= HEAD_LINES:
            self._too_much = True
            raise ValueError("too many header lines")
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        if len(self.pipeline) >= AHEAD_MOST:
            raise ValueError("too many requests sent ahead")
        self._in_head, self._ended = False, True
        self._head_is_here()
        super().on_headers_complete()
        self._cycles = [cycle for cycle in self._cycles if not cycle.response_complete]
        newest: RequestResponseCycle | None = self.cycle  # none yet where the first request is a WebSocket's
        if newest is not None and newest not in self._cycles:
            self._cycles.append(newest)

    def on_body(self, body: bytes) -> None:
        super().on_body(body)
        self._filled = True

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._in_head = self._ended = True

    def send_400_response(self, msg: str) -> None:
        if self._too_much:
            self._refuse()
        else:
            super().send_400_response(msg)

    # -- bounds in time -------------------------------------------------------------------------------------------

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._unread is None:
            self._unread = self.loop.call_later(UNREAD_SECS, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._is_read()

    def handle_websocket_upgrade(self) -> None:
        self._head_is_here()
        self._is_read()
        super().handle_websocket_upgrade()

    def _await_head(self) -> None:
        self._deadline = self.loop.call_later(HEAD_SECS, self._too_slow)

    def _head_is_here(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _is_read(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def _too_slow(self) -> None:
        self._deadline = None
        if not self.transport.is_closing():
            self.transport.close()

    def _refuse(self) -> None:
        if not self.transport.is_closing():
            self.transport.write(TOO_LARGE)
            self.transport.close()
