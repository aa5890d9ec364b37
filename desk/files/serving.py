"""What strangers sent, on its way out: whatever a browser makes of it, it can do nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import IO
from urllib.parse import quote

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from infra import ranges

LOCKED_UP = "sandbox; default-src 'none'; frame-ancestors 'none'"
"""Policy of what a stranger sent."""
KEPT_SECS = 600
CHUNK = 256 * 1024


@dataclass(frozen=True)
class Served:
    """`tag`: names this content, which never changes. `size`: bytes, None where nobody noted it: then it is sent whole.
    `inline`: a browser may show it; what was drawn or judged by us. Everything else goes to the disk, where its name
    says what it is."""

    tag: str
    name: str
    mime: str
    size: int | None
    inline: bool


def response(request: HttpRequest, opened: IO[bytes], served: Served) -> HttpResponseBase:
    """The content, or the range of it that is asked for: 200, 206, 416."""
    tag = f'"{served.tag}"'
    try:
        part = _part(request, tag, served.size)
    except ranges.Unsatisfiable:
        opened.close()
        refused = HttpResponse(status=416, headers={"Content-Range": f"bytes */{served.size}"})
        return _locked_up(refused)
    first, length = part or (0, served.size)
    if first:
        opened.seek(first)
    answer = StreamingHttpResponse(
        chunks(opened, length), content_type=served.mime, status=206 if part is not None else 200
    )
    if served.size is not None:
        answer["Accept-Ranges"] = "bytes"
        answer["ETag"] = tag
        answer["Content-Length"] = str(length)
    if part is not None:
        answer["Content-Range"] = f"bytes {first}-{first + part[1] - 1}/{served.size}"
    answer["Content-Disposition"] = _disposition(served.name, inline=served.inline)
    return _locked_up(answer)


def _part(request: HttpRequest, tag: str, size: int | None) -> tuple[int, int] | None:
    """Raises ranges.Unsatisfiable."""
    header = request.headers.get("Range", "")
    if not header or size is None or request.headers.get("If-Range", tag) != tag:
        return None
    return ranges.asked(header, size)


def _locked_up(answer: HttpResponseBase) -> HttpResponseBase:
    answer["Content-Security-Policy"] = LOCKED_UP
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = f"private, max-age={KEPT_SECS}"
    return answer


async def chunks(content: IO[bytes], length: int | None = None) -> AsyncIterator[bytes]:
    """So many bytes of it, or all. Never the whole of it in memory, whoever reads slowly."""
    read, close = sync_to_async(content.read, thread_sensitive=False), sync_to_async(content.close)
    left = length
    try:
        while left != 0 and (part := await read(CHUNK if left is None else min(CHUNK, left))):
            yield part
            left = None if left is None else left - len(part)
    finally:
        await close()


def _disposition(name: str, *, inline: bool) -> str:
    ascii_name = "".join(letter if letter.isascii() and letter not in '"\\%' else "_" for letter in name)
    return f"{'inline' if inline else 'attachment'}; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(name, safe='')}"
