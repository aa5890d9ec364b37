"""What everybody may see leaves compressed: static files, the loader, the texts.

Each is compressed once, when it is first asked for, and kept in this process. Only what is told of as `public` is: an
answer that holds a secret beside words of a stranger would give it away by its length (BREACH), so the pages of people
who are signed in stay as they are.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from threading import Lock

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase, StreamingHttpResponse
from django.utils.cache import has_vary_header, patch_vary_headers

GetResponse = Callable[[HttpRequest], HttpResponseBase]

KINDS = ("text/", "application/json", "application/javascript", "image/svg+xml", "application/manifest+json")
CODINGS = ("br", "gzip")
"""In the order in which we like them."""
LEAST_BYTES, MOST_BYTES = 200, 1024 * 1024
KEPT_BYTES = 4 * 1024 * 1024
BROTLI_QUALITY = 10
"""One more is 2 % smaller and takes three times as long: half a second for the largest of our scripts."""
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
            body = compressed(content, key[2]) if len(content) <= MOST_BYTES else None
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


def compressed(content: bytes, coding: str) -> bytes | None:
    """None where it would save next to nothing."""
    if len(content) < LEAST_BYTES:
        return None
    if coding == "br":
        # Here and not at the top: only a web process needs it.
        import brotli

        body = bytes(brotli.compress(content, quality=BROTLI_QUALITY))
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
