"""Customers who send a file: uploaded over HTTP as a browser does it, said in the chat, fetched by the operator."""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
import time
import urllib.error
import urllib.request
from typing import Any

from bench.load.participants import Participants
from harness.people import Desk, Guest
from harness.programs import Web

BYTES = 300_000
"""As a page of a scanned PDF."""
AT_ONCE = 4
"""All of them come from one address here, and the server takes so many of one at once."""
TRIES = 10
PATIENCE_SECS = 60.0


class Files:
    """Of every so-many-th customer one file. `shared`: id → digest of its content."""

    def __init__(self, participants: Participants, every: int) -> None:
        self.shared: dict[str, str] = {}
        self.faults: list[str] = []
        self._participants = participants
        self._every = every
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._pending: dict[str, asyncio.Event] = {}

    def come(self, number: int, guest: Guest) -> None:
        """The customer with this number is on the way."""
        if self._every and number % self._every == 0:
            self._participants.spawn(self._share(guest))

    async def settled(self, conversation: str) -> None:
        """Returns when the file of this conversation, if there is to be one, is where it belongs."""
        if event := self._pending.get(conversation):
            await event.wait()

    async def _share(self, guest: Guest) -> None:
        await guest.until(lambda: guest.conversation is not None or guest.finished)
        if guest.conversation is None:
            return
        conversation = guest.conversation
        event = self._pending.setdefault(conversation, asyncio.Event())
        try:
            await guest.until(lambda: guest.phase == "active" or guest.finished)
            async with self._turns:
                await self._send(guest, conversation)
        except (OSError, TimeoutError) as error:
            self.faults.append(f"{guest.name} ({conversation}): a file did not arrive: {error!r}")
        finally:
            event.set()

    async def _send(self, guest: Guest, conversation: str) -> None:
        content = b"%PDF-1.4\n" + secrets.token_bytes(BYTES)
        began = time.monotonic()
        web = guest.webs[len(self.shared) % len(guest.webs)]
        info = await self._uploaded(web, str(guest.token), content)
        self._participants.times("file, upload", time.monotonic() - began)
        self.shared[info["id"]] = hashlib.sha256(content).hexdigest()
        guest.say(conversation, file=info["id"])
        desk = self._desk_of(conversation)
        await desk.until(lambda: info["id"] in desk.files, PATIENCE_SECS)
        self._participants.times("file, chosen → shown to the operator", time.monotonic() - began)
        began = time.monotonic()
        got = await asyncio.to_thread(_fetch, f"{web.origin}{desk.files[info['id']]['url']}")
        self._participants.times("file, fetched", time.monotonic() - began)
        if hashlib.sha256(got).hexdigest() != self.shared[info["id"]]:
            self.faults.append(f"{guest.name} ({conversation}): the operator got another file than was sent")

    async def _uploaded(self, web: Web, token: str, content: bytes) -> dict[str, Any]:
        """As pages do: with one key, again where the server says when."""
        key = secrets.token_hex(8)
        for _ in range(TRIES):
            answer = await asyncio.to_thread(_post, f"{web.origin}/files/?key={key}", token, content)
            error = answer.get("error")
            if error is None:
                return answer
            if not error["retryable"]:
                raise OSError(error["code"])
            await asyncio.sleep(float(error.get("retry_after") or 2))
        raise TimeoutError("the server is busy with files")

    def _desk_of(self, conversation: str) -> Desk:
        return next(desk for desk in self._participants.desks if desk.conversation == conversation)


def _post(address: str, token: str, content: bytes) -> dict[str, Any]:
    edge = secrets.token_hex(16)
    head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="scan.pdf"\r\n\r\n'
    body = head.encode() + content + f"\r\n--{edge}--\r\n".encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": f"multipart/form-data; boundary={edge}"}
    try:
        request = urllib.request.Request(address, body, headers)
        with urllib.request.urlopen(request, timeout=PATIENCE_SECS) as answer:
            return dict(json.load(answer))
    except urllib.error.HTTPError as error:
        words = error.read()
        try:
            return dict(json.loads(words))
        except ValueError:
            raise OSError(f"{error.code} without words: {words[:60]!r}") from None


def _fetch(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=PATIENCE_SECS) as answer:
        return bytes(answer.read())
