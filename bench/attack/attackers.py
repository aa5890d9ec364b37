"""The strangers: `python -m bench.attack.attackers KIND PORT SECS SOCKETS`.

A process of their own, so that what they burn is not what is measured. Loopback only; each ends by itself.
"""

from __future__ import annotations

import asyncio
import base64
import os
import struct
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

MASK = b"\x00\x00\x00\x00"
WRITE_BYTES = 64 * 1024
FLOOD_BYTES = 40 * 1024 * 1024
"""No attack sends more, however fast it is read."""


def frame(payload: bytes, opcode: int, *, final: bool = True) -> bytes:
    head = bytes([(0x80 if final else 0) | opcode])
    if len(payload) < 126:
        head += bytes([0x80 | len(payload)])
    elif len(payload) < 65_536:
        head += bytes([0x80 | 126]) + struct.pack("!H", len(payload))
    else:
        head += bytes([0x80 | 127]) + struct.pack("!Q", len(payload))
    return head + MASK + payload


def _repeated(one: bytes) -> bytes:
    return one * max(1, WRITE_BYTES // len(one))


HELLO = frame(b'{"type":"hello","protocol":1}', 1)
BRACKETS = b'{"type":"ping","x":' + b"[]," * 21_000 + b"[]}"
SOCKET_FLOODS = {
    "fragments": (frame(b"", 1, final=False), _repeated(frame(b"", 0, final=False))),
    "pings": (b"", _repeated(frame(b"", 9))),
    "fat pings": (b"", _repeated(frame(b"x" * 125, 9))),
    "pongs": (b"", _repeated(frame(b"", 10))),
    "brackets": (HELLO, frame(BRACKETS, 1)),
    "nested": (HELLO, frame(b'{"type":"ping","x":' + b"[" * 60_000, 1)),
    "lists": (HELLO, frame(b'{"type":"ping","x":[' + b"1," * 30_000 + b"1]}", 1)),
    "frames": (HELLO, _repeated(frame(b'{"type":"ping"}', 1))),
    "bytes": (HELLO, _repeated(frame(b"x" * 1000, 2))),
    "dribble": (HELLO, b""),
}
HTTP_FLOODS = {
    "head lines": (b"GET / HTTP/1.1\r\nHost: a\r\n", b"X-Line: " + b"y" * 90 + b"\r\n"),
    "head line": (b"GET / HTTP/1.1\r\nHost: a\r\nX: ", b"y" * 100),
    "trailers": (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"T: t\r\n"),
    "ahead": (b"", b"GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n"),
    "body to sign-in": (
        b"POST /admin/otp/request HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n",
        b"400\r\n" + b"x" * 0x400 + b"\r\n",
    ),
    "body to login page": (
        b"POST /admin/login/ HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=b\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n",
        b"400\r\n" + b"x" * 0x400 + b"\r\n",
    ),
    "body announced": (
        b"POST /admin/otp/verify HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
        b"Content-Length: 314572800\r\n\r\n",
        b"x" * 1024,
    ),
}
KINDS = (*SOCKET_FLOODS, *HTTP_FLOODS, "idle")


async def attack(kind: str, port: int, until: float) -> None:
    """One stranger; comes again when it is closed, at most ten times a second."""
    while time.monotonic() < until:
        with suppress(ConnectionError, asyncio.IncompleteReadError, TimeoutError):
            await _once(kind, port, until)
        await asyncio.sleep(0.1)


async def _once(kind: str, port: int, until: float) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        if kind == "idle":
            await asyncio.sleep(until - time.monotonic())
        elif kind in HTTP_FLOODS:
            await _flood(writer, *HTTP_FLOODS[kind], until)
        else:
            await _upgrade(reader, writer, port)
            await (_dribble(writer, until) if kind == "dribble" else _flood(writer, *SOCKET_FLOODS[kind], until))
    finally:
        writer.transport.abort()


async def _upgrade(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
    key = base64.b64encode(os.urandom(16)).decode()
    writer.write(
        (
            f"GET /ws/customer/ HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Protocol: adminara.v1\r\nSec-WebSocket-Key: {key}\r\n\r\n"
        ).encode()
    )
    async with asyncio.timeout(10):
        await reader.readuntil(b"\r\n\r\n")


async def _flood(writer: asyncio.StreamWriter, first: bytes, again: bytes, until: float) -> None:
    """Sends as fast as it is read, and reads nothing itself."""
    writer.write(first)
    again = _repeated(again)
    for _ in range(FLOOD_BYTES // len(again)):
        if time.monotonic() >= until:
            return
        writer.write(again)
        async with asyncio.timeout(max(0.1, until - time.monotonic())):
            await writer.drain()
    await asyncio.sleep(max(0.0, until - time.monotonic()))


async def _dribble(writer: asyncio.StreamWriter, until: float) -> None:
    """A large frame byte by byte."""
    writer.write(HELLO)
    for byte in frame(b"x" * 60_000, 1):
        if time.monotonic() >= until:
            return
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0)


async def main(kind: str, port: int, secs: float, sockets: int) -> None:
    until = time.monotonic() + secs
    attacks: list[Awaitable[None]] = [attack(kind, port, until) for _ in range(sockets)]
    await asyncio.gather(*attacks)


if __name__ == "__main__":
    run: Callable[..., None] = asyncio.run  # type: ignore[assignment]
    run(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])))
