"""An HTTP endpoint on loopback for apprise's `json://` URLs: remembers what it was given, refuses on request."""

import json
from http.server import BaseHTTPRequestHandler
from typing import Any, Self

from harness.loopback import LoopbackServer


class FakeFallback:
    """`url` is for FALLBACK_URLS; `taken` are the accepted notes, `statuses` all answers in order."""

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self.statuses: list[int] = []
        self._refusals: list[int] = []
        self._server = LoopbackServer(type("Handler", (_Handler,), {"fake": self}))

    @property
    def url(self) -> str:
        return f"json://user:secret-word@127.0.0.1:{self._server.port}/notes"

    def refuse(self, *statuses: int) -> None:
        """The next answers."""
        self._refusals.extend(statuses)

    def answer(self, note: dict[str, Any]) -> int:
        status = self._refusals.pop(0) if self._refusals else 200
        self.statuses.append(status)
        if status == 200:
            self.taken.append(note)
        return status

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()


class _Handler(BaseHTTPRequestHandler):
    fake: FakeFallback

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: the notes are kept."""

    def do_POST(self) -> None:
        note = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
        self.send_response(self.fake.answer(note))
        self.send_header("Content-Length", "0")
        self.end_headers()
