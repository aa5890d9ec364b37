"""uvicorn's WebSocket protocol with a short way for what a relay does all day: whole text frames.

The handshake, control frames, fragments and every fault stay with `websockets`. A whole, unfragmented text frame is
unmasked here and handed to the application by a call instead of a queue and a task switch; what the application writes
leaves in one system call per turn of the event loop. The application finds the short way in the ASGI scope, as
`scope["extensions"]["adminara.direct"]` (`signaling.connection.send_buffer.Direct`); without it, it works through
plain ASGI.

Every frame is cut out of the stream here, also on the long way, and paid for first (`support.server.intake`). While
the peer does not read what it is sent, nothing more of it is read either: answers do not pile up.
"""

from __future__ import annotations

import asyncio
from typing import Any, cast
from weakref import WeakKeyDictionary

from websockets.frames import Frame, Opcode, apply_mask  # type: ignore[attr-defined]
from websockets.http11 import Request

from signaling.connection.send_buffer import DIRECT, Listener
from support.server.intake import FRAGMENTS_MOST, FRAMES_A_TURN, Meter
from support.server.ws_keepalive import KeepaliveProtocol

FINAL = MASKED = 0x80
WHOLE_TEXT = FINAL | Opcode.TEXT
WHOLE_CLOSE = FINAL | Opcode.CLOSE
FIRST_BYTES = frozenset(opcode | final for opcode in Opcode for final in (0, FINAL))
"""First bytes of frames that are nobody's fault: known opcodes, no reserved bits."""
BATCH_BYTES = 64 * 1024
PATIENCE_SECS = 0.004
"""How long a text that nobody waits for may wait for others to leave with: the system call is most of its cost."""
CLOSE_SECS = 1.0
"""How long a peer in debt has for its own close: it stands behind everything that is not read."""
SHORT_HEADS = tuple(bytes((WHOLE_TEXT, length)) for length in range(126))


class WriteBatch:
    """The connections of one event loop that have something to send: when its turn ends, or a moment later."""

    def __init__(self) -> None:
        self._waiting: list[DirectProtocol] = []
        self._patient: list[DirectProtocol] = []  # for PATIENCE_SECS at most

    def add(self, connection: DirectProtocol) -> None:
        if not self._waiting:
            connection.loop.call_soon(self._flush)
        self._waiting.append(connection)

    def add_patient(self, connection: DirectProtocol) -> None:
        if not self._patient:
            connection.loop.call_later(PATIENCE_SECS, self._flush_patient)
        self._patient.append(connection)

    def _flush(self) -> None:
        waiting, self._waiting = self._waiting, []
        for connection in waiting:
            connection.flush()

    def _flush_patient(self) -> None:
        patient, self._patient = self._patient, []
        for connection in patient:
            connection.flush()


_batches: WeakKeyDictionary[asyncio.AbstractEventLoop, WriteBatch] = WeakKeyDictionary()


class DirectProtocol(KeepaliveProtocol):
    """One connection. Until `listen` is called, and again from a fault or a close on, it is uvicorn's own protocol."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._listener: Listener | None = None
        self._part = b""
        self._meter: Meter | None = None  # from the handshake to a fault
        self._later: asyncio.Handle | None = None
        self._resting = False
        self._out: list[bytes] = []
        self._batch = _batches.setdefault(self.loop, WriteBatch())
        self._waiting = 0
        self._leaving = False
        self._may_write = True

    # -- what the application calls ------------------------------------------------------------------------------

    def listen(self, listener: Listener) -> bool:
        """From now on messages go to `listener`. False when some came already: then `receive` gives all."""
        if not self.queue.empty() or self.frames or self.conn.reader.buffer:
            return False
        self._listener = listener
        return True

    def write_text(self, text: bytes, *, patient: bool = False) -> bool:
        """Sends one text frame. False when it has to wait for a slow reader: `send` does that."""
        if not self._may_write or self.close_sent:
            return False
        length = len(text)
        if not self._leaving:
            if not patient:
                self._leaving = True
                self._batch.add(self)
            elif not self._out:
                self._batch.add_patient(self)
        if length < 126:
            self._out.append(SHORT_HEADS[length])
        elif length < 65_536:
            self._out.append(b"\x81\x7e" + length.to_bytes(2, "big"))
        else:
            self._out.append(b"\x81\x7f" + length.to_bytes(8, "big"))
        self._out.append(text)
        self._waiting += length
        if self._waiting > BATCH_BYTES:
            # Only what the transport has tells whether the peer reads.
            self.flush()
        return True

    def pause(self) -> None:
        """Reads no more until `resume`: the application has enough to do."""
        if not self.read_paused:
            self.read_paused = True
            self.transport.pause_reading()

    def resume(self) -> None:
        if self.read_paused:
            self.read_paused = False
            if not self._resting:
                self.transport.resume_reading()

    # -- sending -------------------------------------------------------------------------------------------------

    def flush(self) -> None:
        """Everything written so far, in one system call. What a lost peer was sent is in its mailbox."""
        if self._out:
            out, self._out = self._out, []
            self._leaving, self._waiting = False, 0
            if not self.disconnected and not self.transport.is_closing():
                self.transport.write(b"".join(out))

    async def send(self, message: Any) -> None:
        self.flush()
        await super().send(message)
        if message["type"] == "websocket.accept":
            # Only the handshake needs these, and they are kilobytes on every idle connection.
            self.request = self.response = self.scope = None  # type: ignore[assignment]
        elif self._resting and self.close_timer is not None:
            self.close_timer.cancel()
            self.close_timer = self.loop.call_later(CLOSE_SECS, self.transport.close)

    def shutdown(self) -> None:
        self.flush()
        super().shutdown()

    def pause_writing(self) -> None:
        self._may_write = False
        super().pause_writing()

    def resume_writing(self) -> None:
        self._may_write = True
        super().resume_writing()
        if self._resting and self._later is None:
            self._look_later(0.0)

    # -- receiving -----------------------------------------------------------------------------------------------

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if self.response.status_code == 101:
            self._meter = Meter(self.loop.time())
            cast(dict[str, object], self.scope["extensions"])[DIRECT] = self

    def data_received(self, data: bytes) -> None:
        meter = self._meter
        if meter is None:
            super().data_received(data)
            return
        meter.read(len(data), self.loop.time())
        self._part = self._part + data if self._part else data
        if self._later is None and self._may_write:
            self._look(meter)
        else:
            self._rest()

    def _look(self, meter: Meter) -> None:
        """Hands on the frames that have come, as far as they are paid for."""
        data, self._part = self._part, b""
        at, end, seen = 0, len(data), 0
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
            if length < 0 or length > self.config.ws_max_size or head not in FIRST_BYTES:
                self._listener = self._meter = None
                super().data_received(data[at:])
                return
            if start + length > end:
                break
            wait = meter.wait(self.loop.time())
            if wait > 0.0 or seen == FRAMES_A_TURN or not self._may_write:
                self._part = data[at:]
                self._rest()
                if self._may_write:
                    self._look_later(wait)
                return
            seen += 1
            meter.frame()
            at, begins = start + length, at
            if self.close_sent and head != WHOLE_CLOSE:
                continue  # too late; only the peer's own close is awaited
            if head == WHOLE_TEXT and self.conn.current_size is None and self._listener is not None:
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
        if self._resting:
            self._read_on()

    def _look_later(self, wait: float) -> None:
        again = self._look_again
        self._later = self.loop.call_later(wait, again) if wait > 0.0 else self.loop.call_soon(again)

    def _look_again(self) -> None:
        self._later = None
        if self._meter is not None and not self.disconnected and not self.transport.is_closing():
            self._look(self._meter)

    def _rest(self) -> None:
        self._resting = True
        self.transport.pause_reading()

    def _read_on(self) -> None:
        self._resting = False
        if not self.read_paused and not self.transport.is_closing():
            self.transport.resume_reading()

    def handle_cont(self, event: Frame) -> None:
        super().handle_cont(event)
        if len(self.frames) > FRAGMENTS_MOST:
            self.frames = []
            self._fault(1009)

    def handle_ping(self) -> None:
        if self._may_write:
            super().handle_ping()
        else:
            self.conn.data_to_send()  # nobody reads the answer

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
        self._fault(1007)

    def _fault(self, code: int) -> None:
        self.conn.send_close(code)
        self.handle_parser_exception()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._listener = self._meter = None
        self._part = b""
        if self._later is not None:
            self._later.cancel()
            self._later = None
