"""`python -m bench.call_lab.balancer HOST:PORT A B`: what stands before two web processes in a real installation.

A and B are HOST:PORT. Customers (of 10.77.1.0/24) get A as long as it answers, all others B; each falls back to the
other. Established connections stay where they are.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys

CHUNK = 64 * 1024
CUSTOMERS = "10.77.1."


def split(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host, int(port)


async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()
    with contextlib.suppress(OSError):
        writer.close()


async def serve(here: str, a: str, b: str) -> None:
    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = str(writer.get_extra_info("peername")[0])
        for target in (a, b) if peer.startswith(CUSTOMERS) else (b, a):
            with contextlib.suppress(OSError):
                upstream_reader, upstream_writer = await asyncio.open_connection(*split(target))
                await asyncio.gather(pipe(reader, upstream_writer), pipe(upstream_reader, writer))
                return
        writer.close()

    server = await asyncio.start_server(accept, *split(here))
    print("ready", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(*sys.argv[1:4]))
