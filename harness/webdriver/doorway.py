"""`python -m harness.webdriver.doorway SOCKET PORT`: a Unix socket that leads to a port of the namespace it runs in.

Unix sockets belong to the file system and not to a network, so a driver inside a namespace is reached from outside.
"""

from __future__ import annotations

import asyncio
import sys

from harness.balancer import forward


async def serve(path: str, port: int) -> None:
    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await forward(reader, writer, [("127.0.0.1", port)])  # closed when the driver is not there yet

    server = await asyncio.start_unix_server(accept, path)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], int(sys.argv[2])))
