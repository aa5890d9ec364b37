"""`python -m bench.call_lab`: the table of the call lab; `--help` lists the choices.

Exit status 1: a chat line was lost, a call ended that should not, or a gate is missed that bench/known-misses.md does
not list. 2: this machine forbids the lab.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import sys
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from bench.call_lab import namespaces
from bench.call_lab.browsers import BROWSERS
from bench.call_lab.calls import Studio
from bench.call_lab.context import Context
from bench.call_lab.gates import ROWS, Row, in_firefox
from bench.call_lab.report import Verdict, as_json, judge, known_misses, line, table
from bench.call_lab.runner import Outcome, run_once
from bench.call_lab.topology import Topology

SIDES = ("customer", "operator")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.call_lab", description="Calls on bad networks, measured.")
    parser.add_argument("--runs", type=int, default=5, help="runs of each row (default 5)")
    parser.add_argument("--rows", default="", help=f"comma-separated: {', '.join(row.name for row in ROWS)}")
    parser.add_argument(
        "--quick",
        action="store_true",
        help="1 run of few rows, with small pictures; figures are shown, not judged",
    )
    parser.add_argument("--json", type=Path, default=Path("var/call-lab.json"), help="where the results go")
    parser.add_argument("--seed", type=int, default=None, help="of the links' chance; printed when not given")
    for side in SIDES:
        parser.add_argument(f"--{side}", choices=BROWSERS, default=BROWSERS[0], help=f"the {side}'s browser")
    parser.add_argument("--keep", type=Path, default=None, help="copies all logs of the run to this folder")
    return parser.parse_args()


def chosen(rows: str, quick: bool) -> list[Row]:
    if not rows:
        return [row for row in ROWS if row.quick or not quick]
    names = rows.split(",")
    unknown = set(names) - {row.name for row in ROWS}
    if unknown:
        raise SystemExit(f"No such row: {', '.join(sorted(unknown))}. See --help.")
    return [row for row in ROWS if row.name in names]


def run_row(row: Row, runs: int, topology: Topology, studio: Studio) -> list[Outcome]:
    outcomes = []
    for number in range(1, runs + 1):
        outcome = run_once(row, Context(topology, studio))
        outcomes.append(outcome)
        value = outcome.figures.get(row.figure)
        said = f"{value:.2f}" if isinstance(value, float) else str(value)
        trouble = "; ".join([*outcome.faults, *([outcome.error] if outcome.error else [])])
        print(f"  {row.name} {number}/{runs}: {row.figure} {said} ({outcome.seconds:.0f} s) {trouble}", flush=True)
        if outcome.error or outcome.faults:
            studio.forget()
            topology.server.clear()
    return outcomes


def measure_all(rows: list[Row], options: argparse.Namespace, seed: int) -> list[Verdict]:
    known = known_misses()
    verdicts = []
    run = namespaces.Run()
    topology = None
    try:
        topology = Topology(run, seed)
        topology.start()
        with sync_playwright() as playwright:
            kinds = {side: getattr(options, side) for side in SIDES}
            studio = Studio(playwright, topology, kinds, sparing=options.quick)
            for row in rows:
                runs = 1 if options.quick else min(options.runs, row.runs or options.runs)
                verdicts.append(judge(row, run_row(row, runs, topology, studio), known, gated=not options.quick))
                print("  ".join(line(verdicts[-1])), flush=True)
            studio.forget()
    finally:
        if options.keep:
            shutil.copytree(
                run.folder, options.keep, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.sock", "*.link", "*.lab")
            )
        if topology is not None:
            topology.close()
        run.close()
    return verdicts


def main() -> int:
    options = arguments()
    # A stopped lab cleans up as a finished one does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        namespaces.demand()
    except namespaces.Forbidden as reason:
        print(f"CALL LAB CANNOT RUN HERE.\n{reason}", file=sys.stderr)
        return 2
    for name in namespaces.sweep():
        print(f"Removed what {name} had left behind.")
    seed = options.seed if options.seed is not None else random.randrange(1_000_000)
    started = time.time()
    rows = chosen(options.rows, options.quick)
    if foxes := [side for side in SIDES if getattr(options, side) == "firefox"]:
        rows = in_firefox(rows, foxes, every=bool(options.rows))
    print(f"{len(rows)} rows, seed {seed}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}", flush=True)
    verdicts = measure_all(rows, options, seed)
    facts = {"seed": seed, "started": started, "seconds": time.time() - started, "load": os.getloadavg()[0]}
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(as_json(verdicts, facts))
    print(f"\n{table(verdicts)}\n\n{options.json}")
    return int(any(verdict.fails for verdict in verdicts))


if __name__ == "__main__":
    sys.exit(main())
