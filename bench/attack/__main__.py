"""`python -m bench.attack`: strangers attack a stack with the limits of production, and what others feel is measured.

While 4 strangers flood the one web process, an innocent call goes on through it. Goals: its frames' p99 stays under
50 ms, the process under 60 % of a core, and its memory within 10 MB of what it was. Then what a customer's words may
break, and who fills the queue. Exits with 1 when a goal is missed. `--quick`: no goal that is a time, for a machine
that others use.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from statistics import quantiles

from bench.attack.floods import FLOODS, Felt, Goals, under_attack
from bench.attack.queue import queue as of_queue
from bench.attack.words import words
from bench.pairs import Pairs
from harness.stack import Stack
from harness.wire_client import Body

PRODUCTION = {
    "SOCKET_FRAME_BURST": "60",
    "SOCKET_FRAME_RATE": "30",
    "HTTP_LIMIT": "100000/minute",
    "SOCKET_OPEN_LIMIT": "100000/minute",
}
"""Frames as in production. Joins and sockets of one address are not what is measured, and all of it comes from one."""

SURVEYS = {"words": words, "queue": of_queue}


async def measure(stack: Stack, kinds: list[str], secs: float) -> list[Felt]:
    web = stack.webs[0]
    pairs = await Pairs.connect(web, web, stack.sign_in(1))
    pairs.use(Body("rtc", 200))
    try:
        felt = [await under_attack(stack, pairs, "nobody", secs)]
        for kind in kinds:
            felt.append(await under_attack(stack, pairs, kind, secs))
        return felt
    finally:
        pairs.close()


def row(felt: Felt, goals: Goals, quick: bool) -> tuple[str, bool]:
    p50, p99 = (quantiles(felt.latencies_ms, n=100)[n] for n in (49, 98)) if len(felt.latencies_ms) > 10 else (0.0, 1e9)
    missed = [
        name
        for name, value, most in (
            ("p99", p99, goals.p99_ms),
            ("core", felt.core, goals.core),
            ("memory", felt.grown_mb, goals.grown_mb),
            ("lost", float(felt.lost), 0.0),
        )
        if value > most and not (quick and name in ("p99", "core")) and felt.kind != "nobody"
    ]
    line = f"{felt.kind:20} {p50:8.1f} {p99:8.1f} {100 * felt.core:7.0f} {felt.grown_mb:8.1f} {felt.lost:5d}   "
    return line + (f"MISSED: {', '.join(missed)}" if missed else "held"), bool(missed)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.attack", description=__doc__)
    parser.add_argument("--secs", type=float, default=8.0, help="length of each flood")
    parser.add_argument("--only", action="append", choices=[*FLOODS, *SURVEYS], help="these alone; may be repeated")
    parser.add_argument("--quick", action="store_true", help="short, and no goal that is a time")
    options = parser.parse_args(arguments)
    secs = min(options.secs, 2.0) if options.quick else min(options.secs, 60.0)
    chosen = options.only or [*FLOODS, *SURVEYS]
    missed = False
    floods = [kind for kind in chosen if kind in FLOODS]
    if floods:
        stack = Stack("uvicorn", processes=1, settings=PRODUCTION)
        try:
            felt = asyncio.run(measure(stack, floods, secs))
        finally:
            stack.close()
        print(f"{'4 strangers send':20} {'p50 ms':>8} {'p99 ms':>8} {'core %':>7} {'+ MB':>8} {'lost':>5}")
        for each in felt:
            line, bad = row(each, Goals(), options.quick)
            print(line, flush=True)
            missed = missed or bad
    for survey in (SURVEYS[kind] for kind in chosen if kind in SURVEYS):
        for finding in survey():
            print(f"{finding.what:60} {finding.got:30} {'held' if finding.held else 'MISSED'}", flush=True)
            missed = missed or not finding.held
    return int(missed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
