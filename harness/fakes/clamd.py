"""ClamAV's daemon on loopback, as far as INSTREAM goes: https://docs.clamav.net/manual/Usage/Scanning.html#clamd"""

from __future__ import annotations

import socketserver
import threading
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self

from harness.loopback import LoopbackServer

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""What every scanner finds, and harms nobody."""


@dataclass
class FakeClamd:
    """`with FakeClamd() as clamd:` listens; `clamd.url` is for CLAMD_URL. `scanned` is what it was shown.

    `answers` come first, one a question; an empty one hangs up without a word, `drip` sends a byte a tenth of a second
    for ever. `most`: bytes of a stream, as its StreamMaxLength.
    """

    answers: deque[str] = field(default_factory=deque)
    most: int = 25 * 1024 * 1024
    scanned: list[bytes] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        fake = self

        class Talk(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                with suppress(OSError):
                    fake._talk(self)

        self._server = LoopbackServer(Talk, socketserver.ThreadingTCPServer)

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._server.stop()

    @property
    def url(self) -> str:
        return f"tcp://127.0.0.1:{self._server.port}"

    def _talk(self, talk: socketserver.StreamRequestHandler) -> None:
        assert talk.rfile.read(10) == b"zINSTREAM\0"
        stream = b""
        while length := int.from_bytes(talk.rfile.read(4), "big"):
            stream += talk.rfile.read(length)
            if len(stream) > self.most:
                talk.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
                return
        self.scanned.append(stream)
        found = "stream: Win.Test.EICAR_HDB-1 FOUND" if EICAR in stream else "stream: OK"
        answer = self.answers.popleft() if self.answers else found
        while answer == "drip" and not self._over.wait(0.1):
            talk.wfile.write(b"s")
        if answer:
            talk.wfile.write(answer.encode() + b"\0")
