"""What everybody may see leaves compressed: static files, the loader, the texts.

Each is compressed once, when it is first asked for, and kept: in this process, and in DATA_DIR for all others and for
the next start. Only what is told of as `public` is: an answer that holds a secret beside words of a stranger would
give it away by its length (BREACH), so the pages of people who are signed in stay as they are.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Lock, get_ident

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase, StreamingHttpResponse
from django.utils.cache import has_vary_header, patch_vary_headers

GetResponse = Callable[[HttpRequest], HttpResponseBase]

KINDS = ("text/", "application/json", "application/javascript", "image/svg+xml", "application/manifest+json")
CODINGS = ("br", "gzip")
"""In the order in which we like them."""
LEAST_BYTES, MOST_BYTES = 200, 1024 * 1024
KEPT_BYTES = 4 * 1024 * 1024
STORED_LEAST_BYTES = 8 * 1024
"""On disk. Small answers there may be any number of, as strangers choose the address (a site's colours)."""
STORED_SECS = 30 * 86_400
"""What no process has asked for in that time is of an older release."""
WORTH_IT = 0.95
MARKED = re.compile(r'-(?:br|gzip)"')


class CompressionMiddleware:
    """In front of what answers with a strong ETag and `Cache-Control: public`. A coding's ETag bears its name, since
    it is of other bytes; behind us nobody knows of that.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self._kept = Kept()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        known = request.META.get("HTTP_IF_NONE_MATCH", "")
        if known:
            request.META["HTTP_IF_NONE_MATCH"] = MARKED.sub('"', known)
        response = self.get_response(request)
        etag = response.headers.get("ETag", "")
        if response.status_code == 304:
            return _still_marked(response, etag, known)
        if not _can_be_compressed(response, etag):
            return response
        patch_vary_headers(response, ["Accept-Encoding"])
        coding = preferred(request.headers.get("Accept-Encoding", ""))
        if coding is None or request.method != "GET" or "Range" in request.headers:
            return response
        return self._compressed(response, (request.path_info, etag, coding))

    def _compressed(self, response: HttpResponseBase, key: tuple[str, str, str]) -> HttpResponseBase:
        found, body = self._kept.get(key)
        if not found:
            content = _content(response)
            body = stored(content, key[2]) if len(content) <= MOST_BYTES else None
            self._kept.put(key, body)
            if body is None:
                return _with_headers_of(response, content)
        if body is None:
            return response
        answer = _with_headers_of(response, body)
        answer["Content-Encoding"] = key[2]
        answer["Content-Length"] = str(len(body))
        answer["ETag"] = f'{key[1][:-1]}-{key[2]}"'
        response.close()
        return answer


class Kept:
    """Compressed bodies by (path, ETag, coding), None where it is not worth it; the oldest go first."""

    def __init__(self, most_bytes: int = KEPT_BYTES) -> None:
        self._most = most_bytes
        self._bodies: dict[tuple[str, str, str], bytes | None] = {}
        self._bytes = 0
        self._lock = Lock()

    def get(self, key: tuple[str, str, str]) -> tuple[bool, bytes | None]:
        with self._lock:
            if key not in self._bodies:
                return False, None
            return True, self._bodies[key]

    def put(self, key: tuple[str, str, str], body: bytes | None) -> None:
        with self._lock:
            if key in self._bodies:  # another thread made it meanwhile
                return
            self._bodies[key] = body
            self._bytes += _cost(key, body)
            while self._bytes > self._most:
                oldest = next(iter(self._bodies))
                self._bytes -= _cost(oldest, self._bodies.pop(oldest))


def preferred(accepted: str) -> str | None:
    """The best coding that an Accept-Encoding header names; `*` names none, as who says that may mean anything."""
    allowed = set()
    for entry in accepted.split(","):
        name, *parameters = entry.strip().lower().split(";")
        if not any(re.fullmatch(r"\s*q\s*=\s*0(?:\.0*)?\s*", parameter) for parameter in parameters):
            allowed.add(name.strip())
    return next((coding for coding in CODINGS if coding in allowed), None)


def folder() -> Path:
    return Path(settings.DATA_DIR) / "compressed"


def stored(content: bytes, coding: str) -> bytes | None:
    """As `compressed`; but what takes long, up to a second for the largest of our scripts, is done once for all."""
    if len(content) < STORED_LEAST_BYTES:
        return compressed(content, coding)
    path = folder() / f"{hashlib.sha256(content).hexdigest()[:32]}.{coding}"
    with suppress(OSError):
        body = path.read_bytes()
        os.utime(path)
        return body
    made = compressed(content, coding)
    if made is not None:
        # Without a disk, or with a full one, this process keeps it all the same.
        with suppress(OSError):
            _store(path, made)
    return made


def _store(path: Path, body: bytes) -> None:
    """Whole or not at all, as several processes may do it at once; and what is old goes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.{get_ident()}")
    with draft.open("wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    last = time.time() - STORED_SECS
    for other in path.parent.iterdir():
        if other.stat().st_mtime < last:
            other.unlink(missing_ok=True)


def compressed(content: bytes, coding: str) -> bytes | None:
    """None where it would save next to nothing."""
    if len(content) < LEAST_BYTES:
        return None
    if coding == "br":
        # Here and not at the top: only a web process needs it.
        import brotli

        body = bytes(brotli.compress(content))
    else:
        body = gzip.compress(content, 9, mtime=0)
    return body if len(body) <= WORTH_IT * len(content) else None


def _can_be_compressed(response: HttpResponseBase, etag: str) -> bool:
    headers = response.headers
    return (
        response.status_code == 200
        and etag.startswith('"')
        and "public" in headers.get("Cache-Control", "")
        and headers.get("Content-Type", "").startswith(KINDS)
        and "Content-Encoding" not in headers
        and not has_vary_header(response, "Cookie")
    )


def _still_marked(response: HttpResponseBase, etag: str, known: str) -> HttpResponseBase:
    """Of what the browser holds: under the ETag that it asked with."""
    for coding in CODINGS:
        marked = f'{etag[:-1]}-{coding}"'
        if etag and marked in known:
            response["ETag"] = marked
            patch_vary_headers(response, ["Accept-Encoding"])
    return response


def _content(response: HttpResponseBase) -> bytes:
    if isinstance(response, StreamingHttpResponse):
        return b"".join(response)
    assert isinstance(response, HttpResponse)
    return response.content


def _with_headers_of(response: HttpResponseBase, body: bytes) -> HttpResponse:
    answer = HttpResponse(body)
    answer.headers = response.headers
    answer.cookies = response.cookies
    return answer


def _cost(key: tuple[str, str, str], body: bytes | None) -> int:
    return len(body or b"") + sum(map(len, key)) + 200
