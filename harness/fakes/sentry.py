"""Sentry's envelope endpoint on loopback: takes what the real SDK sends and keeps it."""

from __future__ import annotations

import gzip
import json
import threading
from http.server import BaseHTTPRequestHandler
from typing import Any, Self

import brotli

from harness.loopback import LoopbackServer

DECODERS = {"gzip": gzip.decompress, "br": brotli.decompress}
"""The SDK takes brotli where it finds it."""


class FakeSentry:
    """`events` are the error events so far; `text` is everything that ever arrived."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.text = ""
        self._changed = threading.Condition()
        handler = type("Handler", (_Handler,), {"fake": self})
        self._server = LoopbackServer(handler)

    @property
    def dsn(self) -> str:
        return f"http://0123456789abcdef0123456789abcdef@127.0.0.1:{self._server.port}/1"

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()

    def await_events(self, count: int, seconds: float = 30) -> list[dict[str, Any]]:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.events) >= count, seconds), self.events
            return list(self.events)

    def take(self, envelope: bytes) -> None:
        """An envelope: a header line, then for each item a header line with its type and length, and its body."""
        rest = envelope.split(b"\n", 1)[1]
        with self._changed:
            self.text += envelope.decode(errors="replace")
            while rest.strip():
                head, rest = rest.split(b"\n", 1)
                header = json.loads(head)
                length = header.get("length", len(rest.split(b"\n", 1)[0]))
                body, rest = rest[:length], rest[length:].lstrip(b"\n")
                if header["type"] == "event":
                    self.events.append(json.loads(body))
            self._changed.notify_all()


class _Handler(BaseHTTPRequestHandler):
    fake: FakeSentry

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        coding = self.headers.get("Content-Encoding")
        if coding in DECODERS:
            body = DECODERS[coding](body)
        self.fake.take(body)
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""
