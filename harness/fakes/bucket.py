"""A store that speaks S3's language, as far as we ask it: objects by path, over real HTTP on loopback."""

from __future__ import annotations

import re
import time
from http.server import BaseHTTPRequestHandler
from typing import Self

from harness.loopback import LoopbackServer

KEY_ID, SECRET = "AKIDEXAMPLE", "bucket-secret"
_CREDENTIAL = re.compile(r"AWS4-HMAC-SHA256 Credential=(\w+)/")
_RANGE = re.compile(r"bytes=(\d+)-(\d*)")


class FakeBucket:
    """`objects` by name. `fail` answers everything with that status; `hits` are the methods asked for."""

    name = "adminara-files"

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.fail = 0
        self.hits: list[str] = []
        store = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _serve(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                store.hits.append(self.command)
                status, answer = store._answer(self, body)
                self.send_response(status)
                self.send_header("Content-Length", str(len(answer)))
                self.send_header("Last-Modified", time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime()))
                self.send_header("ETag", '"0"')
                if status == 206:
                    self.send_header("Content-Range", store._range(self, len(answer)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(answer)

            do_GET = do_PUT = do_HEAD = do_DELETE = _serve

            def log_message(self, *_: object) -> None:
                pass

        self._server = LoopbackServer(Handler)

    @property
    def url(self) -> str:
        return self._server.origin

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()

    def _range(self, request: BaseHTTPRequestHandler, length: int) -> str:
        name = request.path.partition("?")[0].removeprefix(f"/{self.name}/")
        first = int(request.headers["Range"].removeprefix("bytes=").partition("-")[0])
        return f"bytes {first}-{first + length - 1}/{len(self.objects[name])}"

    def _answer(self, request: BaseHTTPRequestHandler, body: bytes) -> tuple[int, bytes]:
        if self.fail:
            return self.fail, b"<Error><Code>InternalError</Code></Error>"
        known = _CREDENTIAL.match(request.headers.get("Authorization", ""))
        if known is None or known[1] != KEY_ID:
            return 403, b"<Error><Code>AccessDenied</Code></Error>"
        bucket, _slash, name = request.path.partition("?")[0].lstrip("/").partition("/")
        if bucket != self.name or (request.command in ("GET", "HEAD") and name not in self.objects):
            return 404, b"<Error><Code>NoSuchKey</Code></Error>"
        if request.command == "PUT":
            self.objects[name] = body
            return 200, b""
        if request.command == "DELETE":
            self.objects.pop(name, None)
            return 204, b""
        content = self.objects[name]
        if part := _RANGE.fullmatch(request.headers.get("Range", "")):
            first, last = int(part[1]), int(part[2] or len(content) - 1)
            return 206, content[first : last + 1]
        return 200, content
