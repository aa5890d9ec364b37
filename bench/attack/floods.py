"""What an innocent call and the web process feel while strangers flood it."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass

from bench.attack.attackers import HTTP_FLOODS, SOCKET_FLOODS
from bench.pairs import Pairs
from harness.programs import ROOT
from harness.stack import Stack

FLOODS = (*SOCKET_FLOODS, *HTTP_FLOODS)
STRANGERS = 4
RATE = 40.0
"""Frames a second of the innocent call, both ways together: within the limits of production."""
SETTLED = 1.0


@dataclass(frozen=True)
class Goals:
    """What must hold under every flood."""

    p99_ms: float = 50.0
    core: float = 0.6
    grown_mb: float = 10.0


@dataclass(frozen=True)
class Felt:
    """`latencies_ms`: one way, of the innocent call. `core`: CPU seconds of the web process per second."""

    kind: str
    latencies_ms: list[float]
    core: float
    grown_mb: float
    lost: int


async def under_attack(stack: Stack, pairs: Pairs, kind: str, secs: float) -> Felt:
    """`kind`: one of FLOODS, or nobody."""
    attackers = None
    web = stack.webs[0]
    memory, lost = stack.resident(), pairs.counts().lost
    if kind != "nobody":
        words = ("-m", "bench.attack.attackers", kind, str(web.port), str(secs + 2 * SETTLED), str(STRANGERS))
        attackers = await asyncio.create_subprocess_exec(sys.executable, *words, cwd=ROOT)
        await asyncio.sleep(SETTLED)
    before = stack.usage()
    peak = asyncio.create_task(_peak(stack, secs))
    latencies = await pairs.open_loop(secs, RATE)
    spent = stack.usage() - before
    highest = await peak
    if attackers is not None:
        await asyncio.wait_for(attackers.wait(), secs + 30)
    return Felt(
        kind,
        [nanos / 1e6 for nanos in latencies],
        spent.web / secs,
        (highest - memory) / 1e6,
        pairs.counts().lost - lost,
    )


async def _peak(stack: Stack, secs: float) -> int:
    """The most memory that the web process holds within `secs`."""
    loop = asyncio.get_running_loop()
    end, most = loop.time() + secs, 0
    while loop.time() < end:
        most = max(most, stack.resident())
        await asyncio.sleep(0.1)
    return most
