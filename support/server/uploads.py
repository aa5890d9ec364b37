"""Bodies of uploads: judged by their heads, then passed on as they come, with bounds in size, time and number.

Who may send is asked before the first byte of the body is read, so that a stranger has nothing put on our disk.
Whatever is refused is read on for a moment and dropped: a browser that is cut off while it sends shows no answer.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from channels.db import database_sync_to_async
from django.conf import settings
from django.db import DatabaseError
from django.http import parse_cookie
from django.utils import translation
from django.utils.translation import gettext as _

from accounts import sessions
from accounts.clients import client_of_scope
from desk.files import sharing, storage
from desk.files.sharing import Sender
from infra import pictures
from infra.addresses import counted_as
from infra.buckets import Buckets
from infra.errors import DatabaseUnavailable, DomainError
from infra.redis import rates
from infra.redis.bus import get_bus
from infra.writing import language
from messages_left.attachments import drafts, quota, taking
from messages_left.attachments.views import STATUS
from queueing import tokens
from queueing.errors import token_expired
from queueing.live import files as live
from support.http.errors import STATUS_OF_CODE
from support.server.body_limit import announced, refuse

logger = logging.getLogger(__name__)

OF_CONVERSATIONS, OF_MESSAGES = "/files/", "/messages/files/"
AROUND_BYTES = 16 * 1024
"""What multipart puts around a file."""
SILENT_SECS = 20.0
BYTES_A_SECOND = 8 * 1024
"""Slower than this on the whole, and it does not end."""
AT_ONCE, AT_ONCE_PER_ADDRESS = 24, 4
DROPPED_BYTES, DROPPED_SECS = 32 * 1024 * 1024, 5.0
"""Of a refused body, so that its sender reads why."""


class Uploads:
    """ASGI middleware for HTTP: `inner` gets everything but uploads, and those go to `application` as a stream."""

    def __init__(self, inner: Any, application: Any) -> None:
        self._inner = inner
        self._application = application
        self._begun = Buckets()
        self._running: Counter[str] = Counter()

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        way = WAYS.get(scope["path"])
        if way is None or scope["method"] != "POST":
            await self._inner(scope, receive, send)
            return
        query = parse_qs(scope["query_string"].decode("latin-1"))
        spoken = language.of_page(query.get("locale", [""])[0]) or language.of_header(
            _header(scope, b"accept-language")
        )
        body = _Body(receive)
        address = counted_as(client_of_scope(scope).address)
        with translation.override(spoken):
            try:
                self._charge(address)
            except DomainError as error:
                # Whoever comes too often is not listened to any longer.
                await refuse(send, STATUS_OF_CODE[error.code], error)
                return
            try:
                async with self._place(address):
                    _measure(scope, way.most_bytes())
                    await way.admit(scope, query)
                    await self._application(scope, body.receive, send)
            except DomainError as error:
                await self._refuse(send, error, body)
            except OSError as error:
                # Django keeps a large body in a file of its own until it has come.
                if error.errno not in storage.FULL:
                    raise
                await self._refuse(send, storage.full(), body)

    async def _refuse(self, send: Any, error: DomainError, body: _Body) -> None:
        """What Django answers itself does not come here: nothing was sent yet."""
        logger.info("upload refused", extra={"code": error.code})
        await refuse(send, STATUS.get(error.code) or STATUS_OF_CODE.get(error.code) or 400, error, more=True)
        with suppress(TimeoutError):
            async with asyncio.timeout(DROPPED_SECS):
                await body.drop()
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    def _charge(self, address: str) -> None:
        """Before anything else is done for it. Raises DomainError rate_limited."""
        wait = self._begun.take(address, settings.FILE_CLIENT_LIMIT, time.monotonic())
        if wait is not None:
            raise rates.refusal(round(wait * 1000), _("Too many files at once. Please wait a moment."))

    @asynccontextmanager
    async def _place(self, address: str) -> AsyncIterator[None]:
        """One of the uploads that may run at once."""
        if self._running.total() >= AT_ONCE or self._running[address] >= AT_ONCE_PER_ADDRESS:
            raise pictures.busy()
        self._running[address] += 1
        try:
            yield
        finally:
            self._running[address] -= 1
            if not self._running[address]:
                del self._running[address]


class _Body:
    """A body as it comes, of a length that the server sees to. `ended`: it is whole, or its sender is gone."""

    def __init__(self, receive: Any) -> None:
        self._receive = receive
        self._size = 0
        self._began = time.monotonic()
        self.ended = False

    async def receive(self) -> Any:
        """The next piece. Raises DomainError body_too_slow."""
        if self.ended:
            return await self._receive()
        try:
            async with asyncio.timeout(SILENT_SECS):
                event = await self._receive()
        except TimeoutError:
            raise _too_slow() from None
        self._note(event)
        if time.monotonic() - self._began > SILENT_SECS + self._size / BYTES_A_SECOND and not self.ended:
            raise _too_slow()
        return event

    async def drop(self) -> None:
        """What still comes of it, up to a bound."""
        while not self.ended and self._size < DROPPED_BYTES:
            self._note(await self._receive())

    def _note(self, event: Any) -> None:
        self._size += len(event.get("body", b""))
        self.ended = event["type"] != "http.request" or not event.get("more_body", False)


def _measure(scope: dict[str, Any], most: int) -> None:
    """Raises DomainError files_off, file_too_large, length_required: forms of browsers say how long they are."""
    if not most:
        raise sharing.switched_off()
    length = announced(scope)
    if length is None:
        raise DomainError("length_required", _("The request is not valid."), fields={"Content-Length": "is required"})
    if length > most + AROUND_BYTES:
        raise sharing.too_large()


Query = Mapping[str, list[str]]


async def _admit_to_conversation(scope: dict[str, Any], query: Query) -> None:
    """As `desk.files.sharing.admit` asks once more, when the body is here. Raises DomainError."""
    sender = await _sender(scope, query.get("conversation", [""])[0])
    try:
        await get_bus().execute(live.may_share(sender.party, sender.conversation))
    except DomainError as error:
        raise (token_expired() if error.code == "unknown" else error) from error


async def _admit_to_message(scope: dict[str, Any], _query: Query) -> None:
    """Raises DomainError draft_invalid, files_full, storage_full, database_unavailable."""
    scheme, _space, token = _header(scope, b"authorization").partition(" ")
    draft = drafts.read(token.strip() if scheme.lower() == "bearer" else "")
    try:
        await database_sync_to_async(taking.admit)(draft, client_of_scope(scope).address)
    except DatabaseError as error:
        raise DatabaseUnavailable from error


@dataclass(frozen=True)
class _Way:
    """`most_bytes`: of one file. `admit`: whether this one may come, before its body is read; raises DomainError."""

    most_bytes: Callable[[], int]
    admit: Callable[[dict[str, Any], Query], Awaitable[None]]


WAYS = {
    OF_CONVERSATIONS: _Way(sharing.most_bytes, _admit_to_conversation),
    OF_MESSAGES: _Way(quota.most_bytes, _admit_to_message),
}


async def _sender(scope: dict[str, Any], conversation: str) -> Sender:
    scheme, _space, token = _header(scope, b"authorization").partition(" ")
    if scheme.lower() == "bearer":
        return Sender(tokens.read(token.strip()).conversation)
    key = parse_cookie(_header(scope, b"cookie")).get(settings.SESSION_COOKIE_NAME, "")
    try:
        session = await sessions.identify(key) if key else None
    except DatabaseError as error:
        raise DatabaseUnavailable from error
    if session is None:
        raise DomainError("unauthorized", _("Please sign in."))
    return Sender(conversation[:64], session.admin_id)


def _too_slow() -> DomainError:
    message = _("The file came too slowly. Please try again where the connection is better.")
    return DomainError("body_too_slow", message, retryable=True)


def _header(scope: dict[str, Any], name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")
