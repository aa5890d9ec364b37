"""`python -m bench.relay`: what relaying a frame costs, with durable delivery on.

Two web processes as the Procfile starts them and a Redis of their own; 100 pairs in calls exchange 200-byte frames
through the whole protocol: ids, acks of the store, numbered delivery, cumulative acks of the receivers every 250 ms.
The load generator is a process of its own on the same machine. Figures:

- server CPU seconds (user and system, both web processes) per 10,000 messages, and Redis' own, in a closed loop;
- messages per second in that loop, and per server CPU second;
- one-way delivery time (p50, p99) in an open loop of 2,000 messages per second;
- frames lost and doubled (both must be 0) and memory per idle connection.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import platform
import resource
import shlex
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

import uvloop

from bench.pairs import Counts, Pairs
from harness.stack import WEB, Stack, Web
from harness.wire_client import Body, WireClient

WARM_UP_SECS = 1.0
WARM_UP_SOCKETS = 200
GOALS = {"cpu_s_per_10k": 0.45, "p50_ms": 0.6, "lost": 0, "doubled": 0, "kb_per_idle_connection": 24.0}


@dataclass(frozen=True)
class Row:
    """Results of one server and one placing of the clients."""

    server: str
    frames: str
    processes: int
    cpu_s_per_10k: float
    best_cpu_s_per_10k: float
    redis_cpu_s_per_10k: float
    messages_per_s: float
    messages_per_cpu_s: float
    p50_ms: float
    p99_ms: float
    open_loop_cpu_s_per_10k: float
    messages: int
    lost: int
    doubled: int
    kb_per_idle_connection: float | None = None


def arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.relay", description=__doc__.split("\n")[0])
    parser.add_argument("--server", choices=("uvicorn", "daphne", "both"), default="uvicorn")
    parser.add_argument("--frames", choices=("rtc", "chat", "both"), default="rtc", help="candidates or lines of chat")
    parser.add_argument("--placing", choices=("1", "2", "both"), default="both", help="clients on 1 or 2 processes")
    parser.add_argument("--secs", type=float, default=6.0, help="length of each loop")
    parser.add_argument("--pairs", type=int, default=100)
    parser.add_argument("--size", type=int, default=200, help="bytes of a frame as it is sent")
    parser.add_argument("--window", type=int, default=1, help="closed loop: frames on the way per client")
    parser.add_argument("--rate", type=float, default=2000.0, help="open loop: messages per second")
    parser.add_argument("--idle", type=int, default=2000, help="idle connections to weigh; 0: none")
    parser.add_argument("--command", help="how to start a web process (default: as the Procfile)")
    parser.add_argument("--out", type=Path, help="JSON file (default: in the temporary folder)")
    return parser.parse_args(words)


async def weigh_idle(stack: Stack, count: int) -> float:
    """KB that one greeted, silent connection adds to the web processes."""
    warm = await connect_idle(stack.webs, WARM_UP_SOCKETS)
    await asyncio.sleep(0.5)
    before = stack.resident()
    idle = await connect_idle(stack.webs, count)
    await asyncio.sleep(0.5)
    grown = stack.resident() - before
    for client in warm + idle:
        client.close()
    await asyncio.sleep(0.5)
    return grown / 1024 / count


async def connect_idle(webs: list[Web], count: int) -> list[WireClient]:
    clients: list[WireClient] = []
    while len(clients) < count:
        some = min(20, count - len(clients))
        clients += await asyncio.gather(*(WireClient.connect(webs[i % len(webs)], "customer") for i in range(some)))
    return clients


async def measure(stack: Stack, pairs: Pairs, frames: str, processes: int, options: argparse.Namespace) -> Row:
    pairs.use(Body(frames, options.size))
    await pairs.closed_loop(WARM_UP_SECS, options.window)
    await pairs.settle()
    # The generator's own pauses are not the server's.
    gc.collect()
    gc.disable()
    looks: list[tuple[int, float]] = []
    counted, used, began = pairs.counts(), stack.usage(), time.monotonic()
    await pairs.closed_loop(
        options.secs, options.window, lambda: looks.append((pairs.counts().received, stack.usage().web))
    )
    took = time.monotonic() - began
    await pairs.settle()
    closed, cost = pairs.counts() - counted, stack.usage() - used
    counted, used = pairs.counts(), stack.usage()
    latencies = sorted(await pairs.open_loop(options.secs, options.rate))
    opened, open_cost = pairs.counts() - counted, stack.usage() - used
    gc.enable()
    return Row(
        server=stack.server,
        frames=frames,
        processes=processes,
        cpu_s_per_10k=round(cost.web / closed.received * 10_000, 3),
        best_cpu_s_per_10k=round(best(looks), 3),
        redis_cpu_s_per_10k=round(cost.redis / closed.received * 10_000, 3),
        messages_per_s=round(closed.received / took),
        messages_per_cpu_s=round(closed.received / cost.web),
        p50_ms=round(latencies[len(latencies) // 2] / 1e6, 3),
        p99_ms=round(latencies[len(latencies) * 99 // 100] / 1e6, 3),
        open_loop_cpu_s_per_10k=round(open_cost.web / opened.received * 10_000, 3),
        messages=closed.received + opened.received,
        lost=missing(closed) + missing(opened),
        doubled=closed.doubled + opened.doubled,
    )


def best(looks: list[tuple[int, float]]) -> float:
    """The cheapest second of a closed loop: what the relay costs when little else disturbs the machine's caches."""
    seconds = pairwise(looks)
    return min(((b[1] - a[1]) / (b[0] - a[0]) * 10_000 for a, b in seconds if b[0] > a[0]), default=0.0)


def missing(counts: Counts) -> int:
    """Sent and not delivered, whether or not a later one shows the gap."""
    return counts.sent - counts.received


async def measure_server(server: str, options: argparse.Namespace) -> list[Row]:
    stack = Stack(server, command=tuple(shlex.split(options.command)) if options.command else WEB)
    rows: list[Row] = []
    try:
        kb = round(await weigh_idle(stack, options.idle), 1) if options.idle else None
        first, second = stack.webs
        placings = {"1": [first], "2": [second], "both": [second, first]}[options.placing]
        sessions = stack.sign_in(options.pairs * len(placings))
        for number, operators in enumerate(placings):
            mine = sessions[number * options.pairs :][: options.pairs]
            pairs = await Pairs.connect(first, operators, mine)
            processes = 1 if operators is first else 2
            # For whoever attaches a profiler.
            print(f"in calls; web processes: {' '.join(str(web.process.pid) for web in stack.webs)}", file=sys.stderr)
            for frames in ("rtc", "chat") if options.frames == "both" else (options.frames,):
                row = await measure(stack, pairs, frames, processes, options)
                rows.append(Row(**{**asdict(row), "kb_per_idle_connection": kb}))
                print(line(rows[-1]), flush=True)
            pairs.close()
    finally:
        stack.close()
    return rows


COLUMNS = (
    ("server", 8, "server"),
    ("frames", 6, "frames"),
    ("processes", 5, "procs"),
    ("cpu_s_per_10k", 9, "CPU s/10k"),
    ("best_cpu_s_per_10k", 6, "best s"),
    ("redis_cpu_s_per_10k", 9, "Redis/10k"),
    ("messages_per_s", 7, "msg/s"),
    ("messages_per_cpu_s", 9, "msg/CPU s"),
    ("p50_ms", 7, "p50 ms"),
    ("p99_ms", 7, "p99 ms"),
    ("open_loop_cpu_s_per_10k", 10, "open s/10k"),
    ("lost", 5, "lost"),
    ("doubled", 7, "doubled"),
    ("kb_per_idle_connection", 7, "KB/idle"),
)


def line(row: Row | None) -> str:
    """One line of the table; None: its head."""
    values = asdict(row) if row is not None else {name: title for name, _, title in COLUMNS}
    return "  ".join(str(values[name] if values[name] is not None else "-").rjust(width) for name, width, _ in COLUMNS)


def verdict(row: Row) -> str:
    """Which goals the row of the Procfile's server on two processes holds."""
    parts = []
    for name, goal in GOALS.items():
        value = getattr(row, name)
        if value is not None:
            parts.append(f"{name} {value:g} {'<=' if value <= goal else '> MISSED'} {goal:g}")
    return "; ".join(parts)


def main(words: list[str]) -> int:
    options = arguments(words)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    began = time.monotonic()
    rows: list[Row] = []
    print(line(None), flush=True)
    for server in ("uvicorn", "daphne") if options.server == "both" else (options.server,):
        rows += uvloop.run(measure_server(server, options))
    # A folder of the moment, unless told where: results belong to a machine, not to the project.
    out = options.out or Path(tempfile.mkdtemp(prefix="adminara-bench-")) / "relay.json"
    about = {"python": platform.python_version(), "machine": platform.machine(), "options": vars(options)}
    out.write_text(json.dumps({"about": about, "goals": GOALS, "rows": [asdict(row) for row in rows]}, default=str))
    for row in rows:
        if row.processes == 2:
            print(f"goals ({row.server}, {row.frames}): {verdict(row)}")
    print(f"{time.monotonic() - began:.0f} s; {out}")
    return 1 if any(row.lost or row.doubled for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
