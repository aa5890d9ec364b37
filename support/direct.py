"""uvicorn's WebSocket protocol with a short way for what a relay does all day: whole text frames.

The handshake, control frames, fragments and every fault stay with `websockets`. A whole, unfragmented text frame is
unmasked here and handed to the application by a call instead of a queue and a task switch; what the application writes
leaves in one system call per turn of the event loop. The application finds the short way in the ASGI scope, as
`scope["extensions"]["adminara.direct"]` (`signaling.outbox.Direct`); without it, it works through plain ASGI.
"""

from __future__ import annotations

import asyncio
from typing import Any, cast
from weakref import WeakKeyDictionary

from websockets.frames import Opcode, apply_mask  # type: ignore[attr-defined]
from websockets.http11 import Request

from signaling.outbox import DIRECT, Listener
from support.lifesigns import LifeSignsProtocol

FINAL = MASKED = 0x80
WHOLE_TEXT = FINAL | Opcode.TEXT
FIRST_BYTES = frozenset(opcode | final for opcode in Opcode for final in (0, FINAL))
"""First bytes of frames that are nobody's fault: known opcodes, no reserved bits."""
TURN_BYTES = 64 * 1024
SHORT_HEADS = tuple(bytes((WHOLE_TEXT, length)) for length in range(126))


class Turn:
    """The connections of one event loop that have something to send when its turn ends."""

    def __init__(self) -> None:
        self._waiting: list[DirectProtocol] = []

    def add(self, connection: DirectProtocol) -> None:
        if not self._waiting:
            connection.loop.call_soon(self._flush)
        self._waiting.append(connection)

    def _flush(self) -> None:
        waiting, self._waiting = self._waiting, []
        for connection in waiting:
            connection.flush()


_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, Turn] = WeakKeyDictionary()


class DirectProtocol(LifeSignsProtocol):
    """One connection. Until `listen` is called, and again from a fault or a close on, it is uvicorn's own protocol."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._listener: Listener | None = None
        self._part = b""
        self._out: list[bytes] = []
        self._turn = _turns.setdefault(self.loop, Turn())
        self._waiting = 0
        self._may_write = True

    # -- what the application calls ------------------------------------------------------------------------------

    def listen(self, listener: Listener) -> bool:
        """From now on messages go to `listener`. False when some came already: then `receive` gives all."""
        if not self.queue.empty() or self.frames or self.conn.reader.buffer:
            return False
        self._listener = listener
        return True

    def write_text(self, text: bytes) -> bool:
        """Sends one text frame. False when it has to wait for a slow reader: `send` does that."""
        if not self._may_write or self.close_sent:
            return False
        length = len(text)
        if not self._out:
            self._waiting = 0
            self._turn.add(self)
        if length < 126:
            self._out.append(SHORT_HEADS[length])
        elif length < 65_536:
            self._out.append(b"\x81\x7e" + length.to_bytes(2, "big"))
        else:
            self._out.append(b"\x81\x7f" + length.to_bytes(8, "big"))
        self._out.append(text)
        self._waiting += length
        if self._waiting > TURN_BYTES:
            # Only what the transport has tells whether the peer reads.
            self.flush()
        return True

    def pause(self) -> None:
        """Reads no more until `go_on`: the application has enough to do."""
        if not self.read_paused:
            self.read_paused = True
            self.transport.pause_reading()

    def go_on(self) -> None:
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()

    # -- sending -------------------------------------------------------------------------------------------------

    def flush(self) -> None:
        """Everything written in this turn, in one system call. What a lost peer was sent is in its mailbox."""
        if self._out:
            out, self._out = self._out, []
            if not self.disconnected and not self.transport.is_closing():
                self.transport.write(b"".join(out))

    async def send(self, message: Any) -> None:
        self.flush()
        await super().send(message)
        if message["type"] == "websocket.accept":
            # Only the handshake needs these, and they are kilobytes on every idle connection.
            self.request = self.response = self.scope = None  # type: ignore[assignment]

    def shutdown(self) -> None:
        self.flush()
        super().shutdown()

    def pause_writing(self) -> None:
        self._may_write = False
        super().pause_writing()

    def resume_writing(self) -> None:
        self._may_write = True
        super().resume_writing()

    # -- receiving -----------------------------------------------------------------------------------------------

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if self.response.status_code == 101:
            cast(dict[str, object], self.scope["extensions"])[DIRECT] = self

    def data_received(self, data: bytes) -> None:
        if self._listener is None:
            super().data_received(data)
            return
        if self._part:
            data, self._part = self._part + data, b""
        at, end = 0, len(data)
        while end - at >= 2:
            head, length, start = data[at], data[at + 1] - MASKED, at + 6
            if length == 126:
                if end - at < 4:
                    break
                length, start = data[at + 2] << 8 | data[at + 3], at + 8
            elif length == 127:
                if end - at < 10:
                    break
                length, start = int.from_bytes(data[at + 2 : at + 10], "big"), at + 14
            if self.close_sent or length < 0 or length > self.config.ws_max_size or head not in FIRST_BYTES:
                self._listener = None
                super().data_received(data[at:])
                return
            if start + length > end:
                break
            at, begins = start + length, at
            if head == WHOLE_TEXT and self.conn.current_size is None:
                try:
                    text = str(apply_mask(data[start:at], data[start - 4 : start]), "utf-8")
                except UnicodeDecodeError:
                    self._not_utf8()
                    return
                self._listener(text, None)
            else:
                super().data_received(data[begins:at])
                if self.transport.is_closing():
                    return
        self._part = data[at:]

    def send_receive_event_to_app(self) -> None:
        if self._listener is None:
            super().send_receive_event_to_app()
            return
        message, self.frames = b"".join(self.frames), []
        if self.close_sent:
            return
        if self.curr_msg_data_type == "bytes":
            self._listener(None, message)
            return
        try:
            text = str(message, "utf-8")
        except UnicodeDecodeError:
            self._not_utf8()
        else:
            self._listener(text, None)

    def _not_utf8(self) -> None:
        self.conn.send_close(1007)
        self.handle_parser_exception()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._listener = None
