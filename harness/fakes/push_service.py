"""A push service on loopback: checks who sends (VAPID), reads what only a browser can read, and refuses on request."""

from __future__ import annotations

import base64
import json
import threading
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any, Self

import http_ece
import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from harness.loopback import LoopbackServer

SECRET = bytes(range(16))


@dataclass(frozen=True)
class Pushed:
    """As it came; `words` is what the browser would read, `sender` what the signature says of us."""

    path: str
    headers: dict[str, str]
    words: dict[str, Any]
    sender: dict[str, Any]


@dataclass
class FakePush:
    """`with FakePush() as service:` listens. `service.subscription("a")` is what a browser hands to the page;
    `answer(410)` scripts what comes next, with headers; with `dripping` set it lets a head drip that never ends."""

    pushed: list[Pushed] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    dripping: threading.Event = field(default_factory=threading.Event)
    _over: threading.Event = field(default_factory=threading.Event)
    _answers: deque[tuple[int, dict[str, str]]] = field(default_factory=deque)
    _key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def __post_init__(self) -> None:
        self._server = LoopbackServer(type("Handler", (_Handler,), {"service": self}))

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._server.stop()

    @property
    def origin(self) -> str:
        return self._server.origin

    def subscription(self, name: str) -> dict[str, Any]:
        point = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {"endpoint": f"{self.origin}/send/{name}", "keys": {"p256dh": _text(point), "auth": _text(SECRET)}}

    def answer(self, status: int, **headers: str) -> None:
        self._answers.append((status, headers))

    def take(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str]]:
        status, more = self._answers.popleft() if self._answers else (201, {})
        if status == 201:
            self.pushed.append(Pushed(path, headers, self._read(body), self._sender(headers)))
        return status, more

    def _read(self, body: bytes) -> dict[str, Any]:
        read = http_ece.decrypt(body, private_key=self._key, auth_secret=SECRET, version="aes128gcm")
        return dict(json.loads(read))

    def _sender(self, headers: dict[str, str]) -> dict[str, Any]:
        """Raises what jwt raises for a signature that is not of the key beside it."""
        scheme, _space, rest = headers["Authorization"].partition(" ")
        assert scheme == "vapid"
        fields = dict(part.strip().split("=", 1) for part in rest.split(","))
        raw = base64.urlsafe_b64decode(fields["k"] + "=" * (-len(fields["k"]) % 4))
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw)
        claims = jwt.decode(fields["t"], key, algorithms=["ES256"], audience=self.origin)
        return {**claims, "key": fields["k"]}


class _Handler(BaseHTTPRequestHandler):
    service: FakePush

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.service.dripping.is_set():
            return self._drip()
        try:
            status, headers = self.service.take(self.path, dict(self.headers), body)
        except Exception as error:
            self.service.faults.append(repr(error))
            status, headers = 400, {}
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _drip(self) -> None:
        """A head that never ends."""
        with suppress(OSError):
            self.wfile.write(b"HTTP/1.1 201 Created\r\nX-Slow: ")
            while not self.service._over.wait(0.02):
                self.wfile.write(b"a")

    def log_message(self, *_given: object) -> None:
        pass


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
