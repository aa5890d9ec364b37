"""One direction of a link: what happens to a packet. Pure: time and chance are handed in."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, fields, replace
from typing import Any

TCP, UDP = 6, 17
HEADER_BYTES = 20


@dataclass(frozen=True)
class Conditions:
    """Of one direction. Times in ms, loss in percent, rate in kbit/s (0: unlimited)."""

    delay_ms: float = 0.0
    jitter_ms: float = 0.0
    loss_pct: float = 0.0
    rate_kbps: float = 0.0
    # A packet that would wait longer than this for its turn is dropped: a router's full buffer.
    queue_ms: float = 300.0
    # Nothing passes, and what was under way is gone: a cut cable, a lift, a dead spot.
    down: bool = False
    block_udp: bool = False
    # Destination or source ports of TCP that a firewall swallows.
    block_tcp_ports: tuple[int, ...] = ()
    # Real jitter comes from queues and keeps the order of packets.
    reorder: bool = False

    def changed(self, changes: dict[str, Any]) -> Conditions:
        """Raises ValueError for a name that is none."""
        unknown = set(changes) - {field.name for field in fields(self)}
        if unknown:
            raise ValueError(f"no such condition: {', '.join(sorted(unknown))}")
        if "block_tcp_ports" in changes:
            changes = {**changes, "block_tcp_ports": tuple(changes["block_tcp_ports"])}
        return replace(self, **changes)


class Shaper:
    """Decides for each packet when it arrives at the other end, or that it does not. Counts both in `counts`."""

    def __init__(self, conditions: Conditions, chance: random.Random) -> None:
        self.conditions = conditions
        self.counts: Counter[str] = Counter()
        self._chance = chance
        self._free_at = 0.0  # when the wire has sent what it took so far
        self._last_arrival = 0.0

    def arrival(self, now: float, packet: bytes) -> float | None:
        """Seconds, on the clock of `now`; None when the packet is lost."""
        verdict = self._refusal(packet)
        if verdict is None:
            sent_at = self._transmit(now, len(packet))
            verdict = "queue_full" if sent_at is None else None
        if verdict is not None:
            self.counts[verdict] += 1
            return None
        assert sent_at is not None
        self.counts["packets"] += 1
        self.counts["bytes"] += len(packet)
        jitter = self._chance.random() * self.conditions.jitter_ms
        at = sent_at + (self.conditions.delay_ms + jitter) / 1000
        if not self.conditions.reorder:
            at = max(at, self._last_arrival)
        self._last_arrival = at
        return at

    def _refusal(self, packet: bytes) -> str | None:
        conditions = self.conditions
        if len(packet) < HEADER_BYTES or packet[0] >> 4 != 4:
            return "not_ipv4"
        if conditions.down:
            return "down"
        if conditions.block_udp and packet[9] == UDP:
            return "blocked"
        if conditions.block_tcp_ports and packet[9] == TCP and _ports(packet) & set(conditions.block_tcp_ports):
            return "blocked"
        if conditions.loss_pct and self._chance.random() * 100 < conditions.loss_pct:
            return "lost"
        return None

    def _transmit(self, now: float, size: int) -> float | None:
        if not self.conditions.rate_kbps:
            return now
        start = max(self._free_at, now)
        if (start - now) * 1000 > self.conditions.queue_ms:
            return None
        self._free_at = start + size * 8 / (self.conditions.rate_kbps * 1000)
        return self._free_at


def _ports(packet: bytes) -> set[int]:
    offset = (packet[0] & 15) * 4
    source, destination = packet[offset : offset + 2], packet[offset + 2 : offset + 4]
    return {int.from_bytes(source, "big"), int.from_bytes(destination, "big")}
