"""`python -m bench.footprint`: what the default run costs while nobody needs it.

Starts what `make run` starts, on a DATA_DIR and a port of its own, waits until it is ready and has settled, then looks
at each process for a while: memory as its proportional set size (shared pages are shared out, so that the sum is what
the machine gives), processor time as a share of one core. Prints a table by process, and exits with 1 when a goal is
missed.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from harness.processes import Running, free_port

GOAL_MB, GOAL_CPU = 260.0, 1.0
READY_SECS = 120.0
SETTLED_CPU = 10.0
"""Percent of a core: below, a start is over."""
SETTLE_SECS, SETTLE_STEP_SECS = 60.0, 3.0
TICK = os.sysconf("SC_CLK_TCK")
NAMES = (
    ("support.launcher", "launcher"),
    ("support.web", "web"),
    ("worker", "worker"),
    ("beat", "beat"),
    ("redis-server", "redis"),
    ("telegrambot", "bot"),
)
"""A word of a command line, and what the process is called; the first that fits."""


@dataclass(frozen=True)
class Cost:
    """`rss_mb` counts shared pages whole, `pss_mb` by its share; `cpu` in percent of one core."""

    name: str
    pid: int
    pss_mb: float
    rss_mb: float
    threads: int
    cpu: float


def name_of(command: list[str]) -> str:
    """What to call a process in the table; its whole command where nothing fits."""
    words = " ".join(command)
    return next((name for word, name in NAMES if word in words), words[:40])


def memory_mb(rollup: str) -> tuple[float, float]:
    """(PSS, RSS) of `/proc/<pid>/smaps_rollup`."""
    found = dict(re.findall(r"^(Pss|Rss):\s+(\d+) kB$", rollup, re.MULTILINE))
    return int(found["Pss"]) / 1024, int(found["Rss"]) / 1024


def cpu_secs(stat: str) -> float:
    """User and system time of `/proc/<pid>/stat`; the name before it may hold anything, also brackets and blanks."""
    fields = stat.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def costs(processes: list[psutil.Process], secs: float) -> list[Cost]:
    """What each costs over so many seconds. Raises OSError or psutil.Error when one ends meanwhile."""
    before = {process.pid: _spent(process.pid) for process in processes}
    began = time.monotonic()
    time.sleep(secs)
    took = time.monotonic() - began
    found = []
    for process in processes:
        pss, rss = memory_mb(Path(f"/proc/{process.pid}/smaps_rollup").read_text())
        cpu = 100 * (_spent(process.pid) - before[process.pid]) / took
        found.append(Cost(name_of(process.cmdline()), process.pid, pss, rss, process.num_threads(), cpu))
    return sorted(found, key=lambda cost: -cost.pss_mb)


def settle(running: Running) -> None:
    """Returns when the start is over: imports, first queries, the first beats. Bounded: a busy one is measured busy."""
    deadline = time.monotonic() + SETTLE_SECS
    while time.monotonic() < deadline:
        if sum(cost.cpu for cost in costs(running.family(), SETTLE_STEP_SECS)) < SETTLED_CPU:
            return


def table(found: list[Cost]) -> str:
    lines = [f"{'process':<12}{'PSS MB':>9}{'RSS MB':>9}{'threads':>9}{'CPU %':>8}"]
    lines += [
        f"{cost.name:<12}{cost.pss_mb:>9.1f}{cost.rss_mb:>9.1f}{cost.threads:>9}{cost.cpu:>8.2f}" for cost in found
    ]
    pss, cpu = sum(cost.pss_mb for cost in found), sum(cost.cpu for cost in found)
    lines.append(f"{'sum':<12}{pss:>9.1f}{'':>9}{sum(cost.threads for cost in found):>9}{cpu:>8.2f}")
    lines.append(f"{'goal':<12}{GOAL_MB:>9.1f}{'':>9}{'':>9}{GOAL_CPU:>8.2f}")
    return "\n".join(lines)


def missed(found: list[Cost]) -> list[str]:
    """A sentence for each goal that is missed."""
    pss, cpu = sum(cost.pss_mb for cost in found), sum(cost.cpu for cost in found)
    return [
        *([f"memory: {pss:.1f} MB, more than {GOAL_MB:g}"] if pss > GOAL_MB else []),
        *([f"processor: {cpu:.2f} % of a core, more than {GOAL_CPU:g}"] if cpu > GOAL_CPU else []),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.footprint", description=__doc__)
    parser.add_argument("--secs", type=float, default=60.0, help="how long to look")
    parser.add_argument("--port", type=int, default=0, help="of the web process; any free one by default")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="adminara-footprint-") as folder:
        settings = {"PORT": str(options.port or free_port()), "DATA_DIR": folder, "DJANGO_ENV": "development"}
        began = time.monotonic()
        with Running("-m", "support.launcher", **settings) as running:
            running.await_line(lambda line: line.startswith("ready "), READY_SECS)
            started = time.monotonic() - began
            spent = sum(_spent(process.pid) for process in running.family())
            print(f"ready after {started:.1f} s; its processes had used {spent:.1f} s of processor", flush=True)
            settle(running)
            found = costs(running.family(), options.secs)
            running.terminate()
    print(table(found))
    faults = missed(found)
    for fault in faults:
        print(f"MISSED {fault}", file=sys.stderr)
    return 1 if faults else 0


def _spent(pid: int) -> float:
    return cpu_secs(Path(f"/proc/{pid}/stat").read_text())


if __name__ == "__main__":
    sys.exit(main())
