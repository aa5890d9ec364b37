"""`python -m bench.call_lab.link SPEC`: one link as a process. It joins two network namespaces by a TUN device in each
and carries every packet between them as its conditions say.

SPEC is JSON: {"control": path of a Unix socket, "seed": n, "near": END, "far": END}, where END is {"namespace",
"device", "address": "a.b.c.d/n"}. "up" is near → far, "down" the way back.
The control socket takes one JSON object per datagram, {"both"?: CONDITIONS, "up"?: …, "down"?: …, "stats"?: true,
"reset"?: true}, and answers each with {"ok": true, "up": {"conditions", "counts"}, "down": …} or {"error"}: what is
answered is in force.
"""

from __future__ import annotations

import fcntl
import heapq
import json
import os
import random
import select
import socket
import struct
import subprocess
import sys
import time
from dataclasses import asdict
from typing import Any

from bench.call_lab.shaper import Conditions, Shaper

TUNSETIFF = 0x400454CA
IFF_TUN, IFF_NO_PI = 0x0001, 0x1000
MTU = 1400
BATCH = 64
READ_BYTES = 2048


class Way:
    """From one TUN device to the other, through a shaper."""

    def __init__(self, source: int, target: int, seed: int) -> None:
        self.source = source
        self.target = target
        self.shaper = Shaper(Conditions(), random.Random(seed))

    def report(self) -> dict[str, Any]:
        return {"conditions": asdict(self.shaper.conditions), "counts": dict(self.shaper.counts)}


class Link:
    """Two ways and the packets that are on them."""

    def __init__(self, near: int, far: int, control: socket.socket, seed: int) -> None:
        self.ways = {"up": Way(near, far, seed), "down": Way(far, near, seed + 1)}
        self.control = control
        self._flying: list[tuple[float, int, Way, bytes]] = []
        self._count = 0

    def run(self) -> None:
        poll = select.poll()
        sources = {way.source: way for way in self.ways.values()}
        for descriptor in (*sources, self.control.fileno()):
            poll.register(descriptor, select.POLLIN)
        while True:
            for descriptor, _ in poll.poll(self._wait_ms()):
                if descriptor in sources:
                    self._take(sources[descriptor])
                else:
                    self._obey()
            self._deliver()

    def _wait_ms(self) -> float | None:
        if not self._flying:
            return None
        return max(0.0, (self._flying[0][0] - time.monotonic()) * 1000)

    def _take(self, way: Way) -> None:
        for _ in range(BATCH):
            try:
                packet = os.read(way.source, READ_BYTES)
            except BlockingIOError:
                return
            at = way.shaper.arrival(time.monotonic(), packet)
            if at is not None:
                self._count += 1
                heapq.heappush(self._flying, (at, self._count, way, packet))

    def _deliver(self) -> None:
        now = time.monotonic()
        while self._flying and self._flying[0][0] <= now:
            _, _, way, packet = heapq.heappop(self._flying)
            if way.shaper.conditions.down:
                way.shaper.counts["down"] += 1
                continue
            try:
                os.write(way.target, packet)
            except OSError:  # the device is being taken away
                way.shaper.counts["write_errors"] += 1

    def _obey(self) -> None:
        data, sender = self.control.recvfrom(65_536)
        try:
            answer = self._apply(json.loads(data))
        except (ValueError, TypeError, KeyError) as error:
            answer = {"error": str(error)}
        self.control.sendto(json.dumps(answer).encode(), sender)

    def _apply(self, order: dict[str, Any]) -> dict[str, Any]:
        changed = {
            name: way.shaper.conditions.changed({**order.get("both", {}), **order.get(name, {})})
            for name, way in self.ways.items()
        }
        for name, way in self.ways.items():
            way.shaper.conditions = changed[name]
        answer = {"ok": True, **{name: way.report() for name, way in self.ways.items()}}
        if order.get("reset"):
            for way in self.ways.values():
                way.shaper.counts.clear()
        return answer


def open_tun(name: str) -> int:
    descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    fcntl.ioctl(descriptor, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
    return descriptor


def place(end: dict[str, str]) -> None:
    """Moves the device of `end` into its namespace and brings it up there."""
    namespace, device = end["namespace"], end["device"]
    for words in (
        ["ip", "link", "set", device, "netns", namespace],
        ["ip", "-n", namespace, "addr", "add", end["address"], "dev", device],
        ["ip", "-n", namespace, "link", "set", device, "mtu", str(MTU), "up"],
    ):
        subprocess.run(words, check=True)


def main(text: str) -> None:
    spec = json.loads(text)
    near, far = (open_tun(spec[end]["device"]) for end in ("near", "far"))
    for end in ("near", "far"):
        place(spec[end])
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as control:
        control.bind(spec["control"])
        print("ready", flush=True)
        Link(near, far, control, spec["seed"]).run()


if __name__ == "__main__":
    main(sys.argv[1])
