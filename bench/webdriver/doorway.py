"""`python -m bench.webdriver.doorway SOCKET PORT`: a Unix socket that leads to a port of the namespace it runs in.

Unix sockets belong to the file system and not to a network, so a driver inside a namespace is reached from outside.
"""

from __future__ import annotations

import asyncio
import sys

from bench.call_lab.balancer import pipe


async def serve(path: str, port: int) -> None:
    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            writer.close()  # the driver is not there yet
            return
        await asyncio.gather(pipe(reader, inner_writer), pipe(inner_reader, writer))

    server = await asyncio.start_unix_server(accept, path)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], int(sys.argv[2])))
