"""A small reverse proxy, as a process: `python -m tests.support.reverse_proxy PORT TARGET_PORT FROM_ADDRESS`.

It speaks to the service from FROM_ADDRESS (an address of the loopback network, so that a test has trusted and other
proxies) and writes X-Forwarded-* as nginx and Caddy do: it appends its client to X-Forwarded-For, and claims https.
A header `X-Test-Proto` says otherwise, and `X-Test-Entry` how the client is written (`{}:4444`, `unknown`). After the
head of the request bytes pass both ways, so it carries WebSockets.
"""

from __future__ import annotations

import asyncio
import sys

HEAD_BYTES = 64 * 1024


async def serve(port: int, target: int, source: str) -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()
            return
        client = writer.get_extra_info("peername")[0]
        up_reader, up_writer = await asyncio.open_connection("127.0.0.1", target, local_addr=(source, 0))
        up_writer.write(forwarded(head, client))
        await asyncio.gather(_pipe(reader, up_writer), _pipe(up_reader, writer))

    server = await asyncio.start_server(handle, "127.0.0.1", port, limit=HEAD_BYTES)
    print("ready", flush=True)
    await server.serve_forever()


def forwarded(head: bytes, client: str) -> bytes:
    """The request's head with this hop written into it; the connection is not reused for a second request."""
    first, *lines = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
    chain, proto, entry, kept = [], b"https", b"{}", []
    for line in lines:
        name, _colon, value = line.partition(b":")
        match name.lower():
            case b"x-forwarded-for":
                chain.append(value.strip())
            case b"x-test-proto":
                proto = value.strip()
            case b"x-test-entry":
                entry = value.strip()
            case b"x-forwarded-proto" | b"x-forwarded-host":
                pass
            case b"connection" if b"upgrade" not in value.lower():
                pass
            case _:
                kept.append(line)
    upgrade = any(line.lower().startswith(b"upgrade:") for line in lines)
    chain.append(entry.replace(b"{}", client.encode()))
    kept += [b"X-Forwarded-For: " + b", ".join(chain), b"X-Forwarded-Proto: " + proto]
    if not upgrade:
        kept.append(b"Connection: close")
    return b"\r\n".join([first, *kept]) + b"\r\n\r\n"


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(HEAD_BYTES):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
