"""`python -m bench.chaos`: makes faults in a real stack under load, one part after another, and judges after each.

Customers wait, some leave and are called back, some have chosen a time, calls run, are passed on and chat all the time.
After each fault nobody may be lost, nobody called twice, the order of the queue holds but for what the fairness log
says of it, everybody has had one operator at a time, every line of chat arrived once, every notification was sent once,
`queue check` is clean and /health is healthy again. Exits with 1 when something is not so.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
import time
from collections.abc import Sequence

import uvloop

from bench.chaos.faults import FAULTS, Fault
from bench.chaos.system import System
from bench.chaos.traffic import QUICK, Pace
from bench.chaos.trial import Outcome, running_system, try_out
from bench.load.figures import show
from bench.load.participants import Participants
from harness.programs import ROOT

OPERATORS = 4
ALERTS = ROOT / "deploy" / "monitoring" / "alerts.yml"


def arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.chaos", description=__doc__.split("\n")[0])
    names = [fault.name for fault in FAULTS]
    parser.add_argument("--only", choices=names, action="append", help="these alone (may be given again)")
    parser.add_argument("--quick", action="store_true", help="the short subset that belongs to the tests")
    return parser.parse_args(words)


def chosen(only: Sequence[str] | None, quick: bool) -> list[tuple[Fault, float]]:
    """(fault, how many seconds it lasts)"""
    some = [fault for fault in FAULTS if not only or fault.name in only]
    if quick:
        return [(fault, fault.quick_secs) for fault in some if fault.quick_secs is not None]
    return [(fault, fault.secs) for fault in some]


async def make_all(system: System, faults: Sequence[tuple[Fault, float]], pace: Pace) -> list[Outcome]:
    participants = Participants(system.stack)
    outcomes = []
    try:
        sessions = await asyncio.to_thread(system.stack.sign_in, OPERATORS)
        for number, session in enumerate(sessions):
            await participants.desk(f"bench-{number}", session)
        for fault, secs in faults:
            began = time.monotonic()
            outcomes.append(await try_out(system, participants, fault, secs, pace))
            tell(outcomes[-1], time.monotonic() - began)
    finally:
        await participants.close()
    return outcomes


def tell(outcome: Outcome, secs: float) -> None:
    print(f"\n{outcome.fault.title} ({secs:.0f} s): {outcome.done}", flush=True)
    print(f"  /health meanwhile: {outcome.health}")
    print(f"  alert: {alert(outcome.fault)}")
    for fault in outcome.broken[:20]:
        print(f"  BROKEN: {fault}")
    if len(outcome.broken) > 20:
        print(f"  … and {len(outcome.broken) - 20} more")
    sys.stdout.flush()


def alert(fault: Fault) -> str:
    if not fault.alert:
        return "none: nothing stays out"
    known = set(re.findall(r"^\s*- alert: (\w+)", ALERTS.read_text(), re.MULTILINE)) if ALERTS.exists() else set()
    return fault.alert if fault.alert in known else f"{fault.alert} (not in {ALERTS.name})"


def table(outcomes: Sequence[Outcome]) -> str:
    head = (
        "fault",
        "customers",
        "passed on",
        "called back",
        "at a time",
        "chat lines",
        "reconnects",
        "healthy again s",
        "broken",
    )
    return show([head, *(_row(outcome) for outcome in outcomes)])


def _row(outcome: Outcome) -> tuple[str, ...]:
    recovered = "never" if outcome.recovered_s is None else f"{outcome.recovered_s:.1f}"
    figures = (outcome.customers, outcome.passed, outcome.called, outcome.chosen, outcome.lines, outcome.reconnects)
    return (outcome.fault.title, *map(str, figures), recovered, str(len(outcome.broken)))


def main(words: list[str]) -> int:
    options = arguments(words)
    began = time.monotonic()
    with running_system(impatient=options.quick) as system:
        faults = chosen(options.only, options.quick)
        outcomes = uvloop.run(make_all(system, faults, QUICK if options.quick else Pace()))
        broken = any(outcome.broken for outcome in outcomes)
        if broken:
            print(system.stack.said(), file=sys.stderr)
    print(f"\n{table(outcomes)}")
    print(f"{'broken' if broken else 'everything holds'}; {time.monotonic() - began:.0f} s")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
