"""Pairs of a customer and an operator in a call, and the two ways of loading them."""

from __future__ import annotations

import asyncio
import random
from array import array
from collections.abc import Callable
from dataclasses import dataclass
from itertools import cycle

from harness.stack import Web
from harness.wire_client import ACK_EVERY, SECS, Body, WireClient

TURN = 0.001
"""Seconds between looks at what is due in the open loop: the resolution of the event loop's clock."""


@dataclass(frozen=True)
class Counts:
    """Frames of all pairs so far. `acked`: durable at the sender; `received`: first deliveries."""

    sent: int
    acked: int
    received: int
    lost: int
    doubled: int

    def __sub__(self, other: Counts) -> Counts:
        mine, others = vars(self), vars(other)
        return Counts(**{name: mine[name] - others[name] for name in mine})


class Pairs:
    """`clients` are 2i and 2i+1 of the same call. Receivers acknowledge every 250 ms, each at its own moment."""

    def __init__(self, clients: list[WireClient]) -> None:
        self.clients = clients
        self._acks = asyncio.create_task(self._acknowledge())

    @classmethod
    async def connect(cls, customers: Web, operators: Web, sessions: list[str]) -> Pairs:
        """One pair per operator's session, all of them in a call."""
        desks = [await WireClient.connect(operators, "operator", session) for session in sessions]
        for desk in desks:
            desk.write({"type": "operator:available", "available": True})
        for desk in desks:
            await desk.expect("operator:state")
        guests: dict[str, WireClient] = {}
        for number in range(len(desks)):
            guest = await WireClient.connect(customers, "customer")
            guest.write({"type": "queue:join", "name": f"Guest {number}", "media": "video"})
            joined = await guest.expect("queue:joined")
            guests[joined["conversation"]] = guest
        clients: list[WireClient] = []
        for desk in desks:
            ready = await desk.expect("queue:ready")
            guest = guests.pop(ready["conversation"])
            await guest.expect("queue:ready")
            clients += [guest, desk]
        return cls(clients)

    async def _acknowledge(self) -> None:
        parts = 25
        for turn in cycle(range(parts)):
            for client in self.clients[turn::parts]:
                client.acknowledge()
            await asyncio.sleep(ACK_EVERY / parts)

    def counts(self) -> Counts:
        total = [0] * 5
        for client in self.clients:
            values = (client.sent, client.acked, client.received, client.lost, client.doubled)
            total = [one + other for one, other in zip(total, values, strict=True)]
        sent, acked, received, lost, doubled = total
        return Counts(sent, acked, received - lost, lost, doubled)

    def use(self, body: Body) -> None:
        for client in self.clients:
            client.body = body

    async def closed_loop(self, secs: float, window: int, look: Callable[[], None] | None = None) -> None:
        """Every client keeps `window` frames on the way: the next one leaves when one is durable.

        `look` is called at the start and then once a second.
        """
        for client in self.clients:
            client.keeps_sending = True
            for _ in range(window):
                client.send_next()
        loop = asyncio.get_running_loop()
        end = loop.time() + secs
        while (left := end - loop.time()) > 0:
            if look is not None:
                look()
            await asyncio.sleep(min(1.0, left))
        for client in self.clients:
            client.keeps_sending = False

    async def open_loop(self, secs: float, rate: float) -> array[int]:
        """Frames leave at `rate` a second whatever comes back; answers one-way delivery times in ns."""
        latencies: array[int] = array("q")
        for client in self.clients:
            client.latencies = latencies
        order = self.clients.copy()
        random.shuffle(order)
        senders = cycle(order)
        loop = asyncio.get_running_loop()
        began = due = loop.time()
        while loop.time() < began + secs:
            while due <= loop.time():
                next(senders).send_next()
                # Poisson arrivals, as independent people make them.
                due += random.expovariate(rate)
            await asyncio.sleep(TURN)
        await self.settle()
        for client in self.clients:
            client.latencies = None
        return latencies

    async def settle(self) -> None:
        """Returns when everything sent is durable and delivered, or after some seconds when it is not."""
        deadline = asyncio.get_running_loop().time() + SECS / 6
        while asyncio.get_running_loop().time() < deadline:
            counts = self.counts()
            if counts.acked >= counts.sent and counts.received + counts.lost >= counts.sent:
                return
            await asyncio.sleep(0.01)

    def close(self) -> None:
        self._acks.cancel()
        for client in self.clients:
            client.close()
