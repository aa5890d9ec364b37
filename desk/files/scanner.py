"""ClamAV's daemon, asked over its INSTREAM: https://docs.clamav.net/manual/Usage/Scanning.html#clamd

One question a connection, no retry: while it does not answer, the file waits, and the worker asks again.
"""

from __future__ import annotations

import logging
import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import IO
from urllib.parse import urlsplit

from django.conf import settings

logger = logging.getLogger(__name__)
CONNECT_SECS, WHOLE_SECS = 2.0, 20.0
CHUNK = 64 * 1024
ANSWER_MOST = 4096


@dataclass(frozen=True)
class Verdict:
    """`clean` None: it did not answer. `found`: the name of what it found."""

    clean: bool | None
    found: str = ""


CLEAN, SILENT = Verdict(True), Verdict(None)


def scan(content: IO[bytes]) -> Verdict:
    """Without CLAMD_URL everything passes."""
    if not settings.CLAMD_URL:
        return CLEAN
    try:
        answer = _ask(content)
    except OSError as error:
        logger.warning("virus scanner does not answer (%s)", error)
        return SILENT
    if answer.endswith(" OK"):
        return CLEAN
    if answer.endswith(" FOUND"):
        return Verdict(False, answer.removeprefix("stream: ").removesuffix(" FOUND")[:200])
    if "size limit exceeded" in answer:
        # It would say so for ever.
        logger.error("virus scanner takes less than FILE_MAX_MB: raise its StreamMaxLength")
        return Verdict(False, "INSTREAM size limit exceeded")
    logger.warning("virus scanner answered %r", answer[:200])
    return SILENT


def _ask(content: IO[bytes]) -> str:
    deadline = time.monotonic() + WHOLE_SECS
    with _connected() as server:
        # Once it has heard enough it hangs up, and may have said why.
        with suppress(ConnectionError):
            content.seek(0)
            server.sendall(b"zINSTREAM\0")
            while chunk := content.read(CHUNK):
                _bound(server, deadline)
                server.sendall(len(chunk).to_bytes(4, "big") + chunk)
            server.sendall(bytes(4))
        answer = b""
        while not answer.endswith(b"\0") and len(answer) < ANSWER_MOST:
            _bound(server, deadline)
            if not (part := server.recv(1024)):
                break
            answer += part
    if not answer:
        raise ConnectionError("it hung up without an answer")
    return answer.rstrip(b"\0\n").decode(errors="replace")


def _connected() -> socket.socket:
    parts = urlsplit(settings.CLAMD_URL)
    if parts.scheme == "unix":
        server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        server.settimeout(CONNECT_SECS)
        try:
            server.connect(parts.path)
        except OSError:
            server.close()
            raise
    else:
        server = socket.create_connection((parts.hostname, parts.port), CONNECT_SECS)
    return server


def _bound(server: socket.socket, deadline: float) -> None:
    """Whoever sends a byte now and then is not waited for for ever."""
    server.settimeout(max(0.001, deadline - time.monotonic()))
