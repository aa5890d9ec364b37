"""A TCP balancer as in front of a real installation: each new connection goes to the first web process that answers.

`python -m harness.balancer HOST:PORT A B` is one as a process: A and B are HOST:PORT. Customers (of 10.77.1.0/24) get
A as long as it answers, all others B; each falls back to the other.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
import threading
from collections.abc import Sequence

import uvloop

CHUNK = 64 * 1024
CUSTOMERS = "10.77.1."


class Balancer:
    """Listens on `port`; `targets` are tried in order. Use as a context manager. Established connections stay."""

    def __init__(self, targets: Sequence[int]) -> None:
        self.targets = list(targets)
        self.port = 0
        # All that browsers fetch and say passes here, in the process of the tests.
        self._loop = uvloop.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def __enter__(self) -> Balancer:
        self._thread.start()
        if not self._ready.wait(10):
            raise RuntimeError("the balancer did not start")
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        listening = socket.create_server(("localhost", 0))
        self.port = listening.getsockname()[1]
        server = self._loop.run_until_complete(asyncio.start_server(self._accept, sock=listening))
        self._ready.set()
        self._loop.run_forever()
        server.close()
        # Awaited to their end: the loop complains about each that is dropped half way.
        connections = asyncio.all_tasks(self._loop)
        for task in connections:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*connections, return_exceptions=True))
        self._loop.close()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await forward(reader, writer, [("localhost", target) for target in self.targets])


async def forward(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, targets: Sequence[tuple[str, int]]
) -> None:
    """One connection, to the first target that takes it; closed when none does. It stays there until it ends."""
    for host, port in targets:
        with contextlib.suppress(OSError):
            upstream_reader, upstream_writer = await asyncio.open_connection(host, port)
            await asyncio.gather(_pipe(reader, upstream_writer), _pipe(upstream_reader, writer))
            return
    writer.close()


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()
    with contextlib.suppress(OSError):
        writer.close()


def split(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host, int(port)


async def serve(here: str, a: str, b: str) -> None:
    first, second = split(a), split(b)

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = str(writer.get_extra_info("peername")[0])
        await forward(reader, writer, [first, second] if peer.startswith(CUSTOMERS) else [second, first])

    server = await asyncio.start_server(accept, *split(here))
    print("ready", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(*sys.argv[1:4]))
