"""Bodies of uploads, sent over real sockets to the real server: bounded while they come, and no half one stays."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from desk.files.models import File
from infra.buckets import Buckets
from support.asgi import application
from support.server import uploads
from tests.desk.files import samples
from tests.queueing.ended import talk, token_of
from tests.queueing.world import Customer, lease, settle
from tests.signaling.client import Site
from tests.signaling.servers import serve

pytestmark = [pytest.mark.usefixtures("redis_server", "transactional_db")]
BOUNDARY = b"b0undary"
END = b"\r\n--" + BOUNDARY + b"--\r\n"


@pytest.fixture
async def site(folder: Path) -> AsyncIterator[Site]:
    async with serve() as running:
        yield running


@pytest.fixture
async def ayse(site: Site) -> Customer:
    return await sync_to_async(_talk)()


def _talk() -> Customer:
    settle()
    lease()
    return talk()


def begin(name: str = "a.txt") -> bytes:
    head = f'Content-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
    return b"--" + BOUNDARY + b"\r\n" + head


class Wire:
    """One connection, and what is said on it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    def head(self, length: int | None, *more: str, query: str = "", path: str = "/files/") -> None:
        lines = [f"POST {path}{query} HTTP/1.1", "Host: localhost", "Accept-Language: en", *more]
        lines += [f"Content-Type: multipart/form-data; boundary={BOUNDARY.decode()}"]
        lines += ["Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"]
        self.writer.write("\r\n".join([*lines, "", ""]).encode())

    def write(self, body: bytes) -> None:
        self.writer.write(body)

    async def answer(self) -> tuple[int, dict[str, Any]]:
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
        (length,) = [
            int(line.split(":")[1]) for line in head.lower().split("\r\n") if line.startswith("content-length")
        ]
        return int(head.split()[1]), json.loads(await self.reader.readexactly(length))

    async def refusal(self) -> tuple[int, str]:
        status, told = await self.answer()
        return status, told["error"]["code"]


@asynccontextmanager
async def connected(site: Site) -> AsyncIterator[Wire]:
    wire = Wire(*await asyncio.open_connection("127.0.0.1", site.port))
    yield wire
    wire.writer.close()


def bearer(customer: Customer) -> str:
    return f"Authorization: Bearer {token_of(customer)}"


async def until(running: int) -> None:
    """So many uploads run."""
    async with asyncio.timeout(10):
        while gate()._running.total() != running:  # noqa: ASYNC110 - the gate has no event for it
            await asyncio.sleep(0.01)


async def nothing_stays(folder: Path) -> None:
    await until(0)
    assert await File.objects.acount() == 0
    assert not await sync_to_async(lambda: [path for path in folder.rglob("*") if path.is_file()])()


def gate() -> uploads.Uploads:
    found: uploads.Uploads = application.application.application_mapping["http"]
    return found


async def test_a_file_comes_in_pieces_and_is_there(site: Site, ayse: Customer) -> None:
    picture = samples.picture(size=(900, 900))
    async with connected(site) as wire:
        wire.head(len(begin("a.png") + picture + END), bearer(ayse))
        for piece in (begin("a.png")[:10], begin("a.png")[10:], picture[:500], picture[500:], END):
            wire.write(piece)
            await wire.writer.drain()
        status, sent = await wire.answer()
    assert (status, sent["mime"], sent["width"]) == (201, "image/png", 900)


async def test_a_stranger_is_refused_before_the_body(site: Site, ayse: Customer, folder: Path) -> None:
    """None of it has been sent when the answer comes."""
    refused = {
        (): (401, "unauthorized"),
        ("Authorization: Bearer nonsense",): (401, "token_invalid"),
        ("Cookie: adminSession=nonsense",): (401, "unauthorized"),
    }
    for headers, told in refused.items():
        async with connected(site) as wire:
            wire.head(1000, *headers)
            assert await wire.refusal() == told
    await sync_to_async(ayse.leave)()
    async with connected(site) as wire:
        wire.head(1000, bearer(ayse))
        assert await wire.refusal() == (409, "not_in_call")
    await nothing_stays(folder)


async def test_ten_gigabytes_are_refused_when_they_are_announced(site: Site, ayse: Customer) -> None:
    async with connected(site) as wire:
        wire.head(10 * 1024**3, bearer(ayse))
        status, told = await wire.answer()
    assert (status, told["error"]["code"]) == (413, "file_too_large")
    assert told["error"]["fields"] == {"file": "A file may have 10 MB at most."}


async def test_a_body_without_an_end_is_refused_before_it(site: Site, ayse: Customer) -> None:
    async with connected(site) as wire:
        wire.head(None, bearer(ayse))
        assert await wire.refusal() == (411, "length_required")


async def test_who_is_refused_while_sending_reads_why(site: Site, ayse: Customer, settings: Any) -> None:
    settings.FILE_MAX_MB = 1
    async with connected(site) as wire:
        wire.head(3_000_000, bearer(ayse))
        for _ in range(30):
            wire.write(b"x" * 100_000)
            await wire.writer.drain()
        assert await wire.refusal() == (413, "file_too_large")


@pytest.mark.parametrize("reason", ["silent", "slow"])
async def test_who_stops_or_trickles_is_told_so(
    site: Site, ayse: Customer, folder: Path, monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    monkeypatch.setattr(uploads, "SILENT_SECS", 0.2 if reason == "silent" else 0.6)
    monkeypatch.setattr(uploads, "DROPPED_SECS", 0.1)
    async with connected(site) as wire:
        wire.head(100_000, bearer(ayse))
        wire.write(begin())
        told = asyncio.create_task(wire.refusal())
        while reason == "slow" and not told.done():
            wire.write(b"x")
            await asyncio.wait((told,), timeout=0.05)
        assert await told == (408, "body_too_slow")
    await nothing_stays(folder)


async def test_nothing_stays_of_an_upload_that_is_cut_off(site: Site, ayse: Customer, folder: Path) -> None:
    async with connected(site) as wire:
        wire.head(5_000_000, bearer(ayse))
        wire.write(begin() + b"x" * 4_000_000)
        await wire.writer.drain()
        wire.writer.transport.abort()
    await nothing_stays(folder)


async def test_one_address_sends_few_at_once_and_not_too_often(
    site: Site, ayse: Customer, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.FILE_CLIENT_LIMIT = "6/hour"
    monkeypatch.setattr(gate(), "_begun", Buckets())
    wires = [Wire(*await asyncio.open_connection("127.0.0.1", site.port)) for _ in range(uploads.AT_ONCE_PER_ADDRESS)]
    for wire in wires:
        wire.head(1000, bearer(ayse))
        wire.write(begin())
    await until(len(wires))
    async with connected(site) as wire:
        wire.head(10, bearer(ayse))
        assert await wire.refusal() == (503, "uploads_busy")
    for wire in wires:
        wire.writer.transport.abort()
    await until(0)
    async with connected(site) as wire:
        wire.head(10, bearer(ayse))
        wire.write(b"0123456789")
        assert await wire.refusal() == (400, "schema")
    async with connected(site) as wire:
        wire.head(10, bearer(ayse))
        assert await wire.refusal() == (429, "rate_limited")


async def test_no_room_to_take_it_in(site: Site, ayse: Customer, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Django keeps what is larger than two megabytes in a file of its own, wherever that is."""

    def full(*_args: Any, **_options: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.TemporaryFile", full)
    monkeypatch.setattr("tempfile._TemporaryFile", full, raising=False)
    body = begin() + b"x" * 3_000_000 + END
    async with connected(site) as wire:
        wire.head(len(body), bearer(ayse))
        wire.write(body)
        assert await wire.refusal() == (507, "storage_full")
    await nothing_stays(folder)
