"""Serving the application: in the test's own loop, or as processes of their own."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from typing import Any

import uvicorn

from support.web import uvicorn_config
from tests.signaling.client import Site


class _Server(uvicorn.Server):
    """Without signal handlers: the test runner has its own."""

    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def]
        yield


@contextlib.asynccontextmanager
async def serve(ws: Any = None) -> AsyncIterator[Site]:
    """The application under the web process' own uvicorn settings; `ws` is another of uvicorn's WebSocket sides."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    config = uvicorn_config("127.0.0.1", 0)
    config.ws = ws or config.ws
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listening]))
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.005)
    try:
        yield Site(listening.getsockname()[1])
    finally:
        server.should_exit = True
        await task
        listening.close()
