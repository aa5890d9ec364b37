"""Who fills the queue: strangers of one IPv6 network and of fifty addresses, against the places of production."""

from __future__ import annotations

import asyncio
from typing import Any

from bench.attack.words import Finding
from harness.stack import Stack, Web
from harness.wire_client import WireClient

LENGTH = 200
PLACES = {
    "QUEUE_MAX_LENGTH": str(LENGTH),
    "PLACES_PER_ADDRESS": "3",
    "PLACES_PER_IPV6_56": "9",
    "PLACES_PER_IPV6_48": "30",
    "PLACES_FOR_NEWCOMERS_PCT": "20",
    "TRUSTED_PROXIES": "127.0.0.1/32",
}
"""Of production, in a shorter queue. The attackers are told apart by what a proxy of ours says of them."""
HOUSE = [f"2001:db8:1:{net:x}::1" for net in range(0, 0x10000, 0x100)]
FIFTY = [f"198.51.100.{host}" for host in range(1, 51)]


def queue() -> list[Finding]:
    stack = Stack("uvicorn", processes=1, settings=PLACES)
    try:
        return asyncio.run(_queue(stack))
    finally:
        stack.close()


async def _queue(stack: Stack) -> list[Finding]:
    web, clients = stack.webs[0], []
    taken: dict[str, int] = {}
    try:
        for who, addresses in (("one IPv6 /48", HOUSE), ("fifty addresses", FIFTY * 4), ("newcomers", _newcomers())):
            taken[who] = 0
            for address in addresses:
                client, joined = await _join(web, address)
                clients.append(client)
                taken[who] += joined
    finally:
        for client in clients:
            client.close()
    kept = LENGTH * 20 // 100
    return [
        Finding("places that one IPv6 /48 gets", f"{taken['one IPv6 /48']} of {LENGTH}", taken["one IPv6 /48"] <= 30),
        Finding("places that fifty addresses more get", f"{taken['fifty addresses']}", taken["fifty addresses"] <= 150),
        Finding("places left for newcomers", f"{taken['newcomers']} of {kept}", taken["newcomers"] >= kept),
    ]


def _newcomers() -> list[str]:
    return [f"203.0.113.{host}" for host in range(1, 51)]


async def _join(web: Web, address: str) -> tuple[WireClient, bool]:
    client = await WireClient.connect(web, "customer", forwarded_for=address)
    client.write({"type": "queue:join", "name": "Stranger", "media": "chat"})
    answer: dict[str, Any] = await client.expect("queue:joined", "queue:refused")
    return client, answer["type"] == "queue:joined"
