"""What a client may send before anybody has looked at it, against the real server over real sockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
import uvloop
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.server import body_limit, http_guard
from support.server.body_limit import BODY_BYTES, BodyLimit
from support.server.direct import DirectProtocol
from support.server.http_guard import HEAD_BYTES, GuardedHttp

HOST = b"Host: localhost\r\n"


class Seen:
    """An application that says how much of a body reached it."""

    def __init__(self) -> None:
        self.bodies: list[int] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        size, more = 0, True
        while more:
            event = await receive()
            size += len(event.get("body", b""))
            more = event.get("more_body", False)
        self.bodies.append(size)
        await asyncio.sleep(0.01)  # as an application that has something to do
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})


Server = tuple[int, Seen]


@asynccontextmanager
async def serving() -> AsyncIterator[Server]:
    seen = Seen()
    config = uvicorn.Config(
        BodyLimit(seen), port=0, http=GuardedHttp, ws=DirectProtocol, lifespan="off", log_config=None, access_log=False
    )
    running = uvicorn.Server(config)
    config.load()
    running.lifespan = config.lifespan_class(config)
    await running.startup()
    yield running.servers[0].sockets[0].getsockname()[1], seen
    await running.shutdown()


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving() as served:
        yield served


async def answer(port: int, *parts: bytes, most: int | None = 2000) -> bytes:
    """What the server says to these bytes: the first of it, or without `most` all until it closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        try:
            for part in parts:
                writer.write(part)
                await writer.drain()
        except ConnectionError:
            pass
        return await asyncio.wait_for(reader.read(-1 if most is None else most), 10)
    except ConnectionError:
        return b""
    finally:
        writer.close()


async def test_a_body_that_fits_arrives_whole_in_either_form(server: Server) -> None:
    port, seen = server
    body = b"x" * 1000
    head = b"POST / HTTP/1.1\r\n" + HOST
    assert b" 200 " in await answer(port, head + b"Content-Length: 1000\r\n\r\n", body)
    assert b" 200 " in await answer(
        port, head + b"Transfer-Encoding: chunked\r\n\r\n", b"3e8\r\n" + body + b"\r\n0\r\n\r\n"
    )
    assert seen.bodies == [1000, 1000]


AROUND = sorted({edge + by for edge in (HEAD_BYTES, 65_536, BODY_BYTES) for by in (-1, 0, 1)} - {BODY_BYTES + 1})
"""Sizes of bodies around the bounds of a head, of a read and of a body."""


def chunked(body: bytes, size: int) -> bytes:
    pieces = (body[at : at + size] for at in range(0, len(body), size))
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def posts(body: bytes) -> dict[str, tuple[bytes, ...]]:
    """Ways in which a client may send it: head and body by writes."""
    head = b"POST / HTTP/1.1\r\n" + HOST
    known = head + b"Content-Length: %d\r\n\r\n" % len(body)
    unknown = head + b"Transfer-Encoding: chunked\r\n\r\n"
    return {
        "one write": (known + body,),
        "head and body": (known, body),
        "last write is long": (known, body[:10], body[10:]),
        "last write is short": (known, body[:-10], body[-10:]),
        "chunked, one write": (unknown + chunked(body, 50_000),),
        "small chunks": (unknown, chunked(body, 7)),
    }


@pytest.mark.parametrize("size", AROUND)
async def test_a_body_that_fits_is_taken_in_whatever_pieces_it_comes(server: Server, size: int) -> None:
    """What is read with the end of a body is no head."""
    port, seen = server
    behind = b"GET / HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"
    for name, parts in posts(b"x" * size).items():
        seen.bodies.clear()
        got = await answer(port, *parts[:-1], parts[-1] + behind, most=None)
        assert (got.count(b" 200 OK"), seen.bodies) == (2, [size, 0]), name


@pytest.mark.parametrize("size", AROUND)
async def test_a_client_that_asks_first_is_told_to_go_on(server: Server, size: int) -> None:
    port, seen = server
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = b"POST / HTTP/1.1\r\n" + HOST + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % size
    writer.write(head)
    assert b" 100 Continue" in await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
    writer.write(b"x" * size)
    assert b" 200 OK" in await asyncio.wait_for(reader.readuntil(b"ok"), 10)
    assert seen.bodies == [size]
    writer.close()


@pytest.mark.parametrize(
    "before", [b"", b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 40000\r\n\r\n" + b"x" * 40_000]
)
@pytest.mark.parametrize("ended", [b"", b"\r\n\r\n"], ids=["no end", "whole"])
async def test_a_head_is_bounded_also_where_one_read_brings_all_of_it(
    server: Server, before: bytes, ended: bytes
) -> None:
    port, seen = server
    got = await answer(port, before + b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"y" * 100_000 + ended, most=None)
    assert got.count(b" 200 OK") <= 1
    assert got.endswith(http_guard.TOO_LARGE) or not got  # a reset may overtake the answer
    assert 0 not in seen.bodies


async def test_an_announced_body_that_is_too_large_is_refused_before_it_is_read(server: Server) -> None:
    port, seen = server
    for length in (b"%d" % (BODY_BYTES + 1), b"314572800", b"9" * 40):
        got = await answer(
            port, b"POST /admin/otp/request HTTP/1.1\r\n" + HOST + b"Content-Length: " + length + b"\r\n\r\n"
        )
        assert b" 413 " in got or b" 400 " in got
    assert seen.bodies == []


async def test_a_browser_reads_a_page_about_a_body_that_is_too_large(server: Server) -> None:
    port, _seen = server
    wishes = b"Accept: text/html\r\nAccept-Language: en\r\n"
    got = await answer(port, b"POST / HTTP/1.1\r\n" + HOST + wishes + b"Content-Length: 9999999\r\n\r\n")
    assert b" 413 " in got
    assert b"content-type: text/html" in got
    assert b"The request is too large." in got


async def test_a_body_without_a_length_is_counted_while_it_comes(server: Server) -> None:
    port, seen = server
    chunk = b"8000\r\n" + b"x" * 0x8000 + b"\r\n"
    got = await answer(port, b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n", *[chunk] * 40)
    assert b" 413 " in got
    assert json.loads(got.split(b"\r\n\r\n", 1)[1])["error"]["code"] == "body_too_large"
    assert seen.bodies == []


async def test_a_body_that_does_not_come_is_given_up(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body_limit, "BODY_SECS", 0.2)
    port, seen = server
    got = await answer(port, b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 10\r\n\r\nabc")
    assert b" 408 " in got
    assert seen.bodies == []


@pytest.mark.parametrize(
    "lines",
    [
        [b"X-%d: y\r\n" % n for n in range(5000)],
        [b"X: " + b"y" * 1000 + b"\r\n"] * 200,
        [b"X: " + b"y" * 60_000, b"y" * 60_000, b"y" * 60_000],
    ],
    ids=["many lines", "long lines", "one line without end"],
)
async def test_a_head_without_end_is_refused(server: Server, lines: list[bytes]) -> None:
    port, seen = server
    got = await answer(port, b"GET / HTTP/1.1\r\n" + HOST, *lines)
    assert b" 431 " in got or got == b""  # a reset may overtake the answer
    assert seen.bodies == []
    assert b" 200 " in await answer(port, b"GET / HTTP/1.1\r\n" + HOST + b"\r\n")


@pytest.mark.parametrize(
    "behind",
    [
        [b"0\r\n", *[b"T: t\r\n" * 1000] * 50],
        [b"0\r\n", b"T: ", *[b"t" * 60_000] * 5],
        [b"3\r\nabc\r\n5;x=", *[b"t" * 60_000] * 5],
    ],
    ids=["many lines", "one line without end", "a chunk's head without end"],
)
async def test_lines_in_a_chunked_body_are_bounded_too(server: Server, behind: list[bytes]) -> None:
    port, seen = server
    got = await answer(port, b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n", *behind)
    assert b" 431 " in got or got == b""
    assert seen.bodies == []


@pytest.mark.parametrize("said", [b"", b"GET / HT", b"\r\n", b"GET / HTTP/1.1\r\nHost: a\r\nX: "])
async def test_a_connection_that_does_not_ask_is_closed(
    server: Server, monkeypatch: pytest.MonkeyPatch, said: bytes
) -> None:
    monkeypatch.setattr(http_guard, "HEAD_SECS", 0.2)
    assert await answer(server[0], said) == b""


async def test_requests_sent_far_ahead_are_refused(server: Server) -> None:
    port, seen = server
    await answer(port, (b"GET / HTTP/1.1\r\n" + HOST + b"\r\n") * 5000, most=200_000)
    assert len(seen.bodies) <= 20


@pytest.mark.parametrize(
    "behind",
    [b"NOISE\r\n\r\n", b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * 200, (b"GET / HTTP/1.1\r\n" + HOST + b"\r\n") * 9],
    ids=["noise", "head", "ahead"],
)
def test_what_is_refused_gets_no_other_answer_and_no_error_in_the_log(
    behind: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """On the loop of production, whose closed connections do not take a word more."""

    async def refused() -> int:
        async with serving() as (port, seen):
            for _ in range(20):
                await answer(port, b"GET / HTTP/1.1\r\n" + HOST + b"\r\n" + behind)
            return len(seen.bodies)

    assert uvloop.run(refused()) > 0
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=400))
async def test_whatever_comes_the_server_goes_on(server: Server, noise: bytes) -> None:
    port, _seen = server
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(noise)
    writer.close()
    assert b" 200 " in await answer(port, b"GET / HTTP/1.1\r\n" + HOST + b"\r\n")
    assert reader is not None
