"""No request body is read further than somebody could need it: before Django, which would put it on disk first.

A length that is announced is judged at once, one that is not is counted while it comes, and both have a time. The body
that fits is handed on whole, so that no thread of Django waits for a slow client.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

BODY_BYTES = 256 * 1024
"""Forms of the admin and JSON of the pages are far below; an upload would bring a bound of its own (`limit_of`)."""
BODY_SECS = 20.0


def limit_of(path: str) -> int:
    """Bytes that a body for this path may have."""
    return BODY_BYTES


class BodyLimit:
    """ASGI middleware for HTTP: 413 for what is too large, 408 for what does not come."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        most = limit_of(scope["path"])
        if (length := _announced(scope)) is not None and length > most:
            await _refuse(send, 413, "body_too_large", f"The body has at most {most} bytes.")
            return
        try:
            async with asyncio.timeout(BODY_SECS):
                body = await _body(receive, most)
        except TimeoutError:
            await _refuse(send, 408, "body_too_slow", f"The body has to arrive within {BODY_SECS:.0f} seconds.")
            return
        if body is None:
            return
        if len(body) > most:
            await _refuse(send, 413, "body_too_large", f"The body has at most {most} bytes.")
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


def _announced(scope: dict[str, Any]) -> int | None:
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


async def _refuse(send: Any, status: int, code: str, message: str) -> None:
    """Closes the connection too: what still comes of the body belongs to nobody."""
    body = json.dumps({"error": {"code": code, "message": message, "retryable": status == 408}}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
