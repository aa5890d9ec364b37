"""No request body is read further than somebody could need it: before Django, which would put it on disk first.

A length that is announced is judged at once, one that is not is counted while it comes, and both have a time. The body
that fits is handed on whole, so that no thread of Django waits for a slow client.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from infra.errors import DomainError
from support.http.bare_page import HEADERS, bare_page, reads_pages

BODY_BYTES = 256 * 1024
"""Forms of the admin and JSON of the pages are far below. Files have bounds of their own (`uploads.py`)."""
BODY_SECS = 20.0


TOO_LARGE = DomainError("body_too_large", f"The body has at most {BODY_BYTES} bytes.")
TOO_SLOW = DomainError("body_too_slow", f"The body has to arrive within {BODY_SECS:.0f} seconds.", retryable=True)


class BodyLimit:
    """ASGI middleware for HTTP: 413 for what is too large, 408 for what does not come."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if (length := announced(scope)) is not None and length > BODY_BYTES:
            await _refuse(scope, send, 413, TOO_LARGE)
            return
        try:
            async with asyncio.timeout(BODY_SECS):
                body = await _body(receive, BODY_BYTES)
        except TimeoutError:
            await _refuse(scope, send, 408, TOO_SLOW)
            return
        if body is None:
            return
        if len(body) > BODY_BYTES:
            await _refuse(scope, send, 413, TOO_LARGE)
            return
        await self.inner(scope, _Given(bytes(body), receive), send)


class _Given:
    """`receive` with the body in hand; after it, what the server says (that the client is gone)."""

    def __init__(self, body: bytes, receive: Any) -> None:
        self._body: bytes | None = body
        self._receive = receive

    async def __call__(self) -> Any:
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        return await self._receive()


def announced(scope: dict[str, Any]) -> int | None:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() and len(value) < 20 else 1 << 62
    return None


async def _body(receive: Any, most: int) -> bytearray | None:
    """The body, one byte past the bound at the least when it is too long; None when the client is gone."""
    body = bytearray()
    while len(body) <= most:
        event = await receive()
        if event["type"] != "http.request":
            return None
        body += event.get("body", b"")
        if not event.get("more_body", False):
            break
    return body


async def _refuse(scope: dict[str, Any], send: Any, status: int, error: DomainError) -> None:
    """As `refuse`; a browser that shows what it gets is given a page."""
    sent = {
        name: value.decode("latin-1") for name, value in scope["headers"] if name in (b"accept", b"accept-language")
    }
    if not reads_pages(sent.get(b"accept")):
        await refuse(send, status, error)
        return
    body = bare_page(status, sent.get(b"accept-language"))
    headers = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
    headers += [(b"content-length", str(len(body)).encode()), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def refuse(send: Any, status: int, error: DomainError, *, more: bool = False) -> None:
    """Closes the connection too: what still comes of the body belongs to nobody. `more`: the caller ends the answer."""
    body = json.dumps({"error": error.as_dict()}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"connection", b"close"),
    ]
    if error.retry_after is not None:
        headers.append((b"retry-after", str(max(1, round(error.retry_after))).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": more})
