"""`python -m bench.chaos`: torments a real stack under load, one part after another, and judges after each.

Customers wait, calls run and chat all the time. After each torment nobody may be lost, the order of the line holds,
everybody has had one operator, every line of chat arrived once, every notification was sent once, `queue check` is
clean and /health is healthy again. Exits with 1 when something is not so.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
import time
from collections.abc import Sequence

import uvloop

from bench.chaos.faults import TORMENTS, Torment
from bench.chaos.stage import Stage
from bench.chaos.traffic import QUICK, Pace
from bench.chaos.trial import Outcome, tormented, try_out
from bench.load.figures import show
from bench.load.room import Room
from harness.programs import ROOT

OPERATORS = 4
ALERTS = ROOT / "deploy" / "monitoring" / "alerts.yml"


def arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.chaos", description=__doc__.split("\n")[0])
    names = [torment.name for torment in TORMENTS]
    parser.add_argument("--only", choices=names, action="append", help="these alone (may be given again)")
    parser.add_argument("--quick", action="store_true", help="the short subset that belongs to the tests")
    return parser.parse_args(words)


def chosen(only: Sequence[str] | None, quick: bool) -> list[tuple[Torment, float]]:
    """(torment, how many seconds it lasts)"""
    some = [torment for torment in TORMENTS if not only or torment.name in only]
    if quick:
        return [(torment, torment.quick_secs) for torment in some if torment.quick_secs is not None]
    return [(torment, torment.secs) for torment in some]


async def torment_all(stage: Stage, torments: Sequence[tuple[Torment, float]], pace: Pace) -> list[Outcome]:
    room = Room(stage.stack)
    outcomes = []
    try:
        sessions = await asyncio.to_thread(stage.stack.sign_in, OPERATORS)
        for number, session in enumerate(sessions):
            await room.desk(f"bench-{number}", session)
        for torment, secs in torments:
            began = time.monotonic()
            outcomes.append(await try_out(stage, room, torment, secs, pace))
            tell(outcomes[-1], time.monotonic() - began)
    finally:
        await room.close()
    return outcomes


def tell(outcome: Outcome, secs: float) -> None:
    print(f"\n{outcome.torment.title} ({secs:.0f} s): {outcome.done}", flush=True)
    print(f"  /health meanwhile: {outcome.health}")
    print(f"  alert: {alert(outcome.torment)}")
    for fault in outcome.faults[:20]:
        print(f"  BROKEN: {fault}")
    if len(outcome.faults) > 20:
        print(f"  … and {len(outcome.faults) - 20} more")
    sys.stdout.flush()


def alert(torment: Torment) -> str:
    if not torment.alert:
        return "none: nothing stays out"
    known = set(re.findall(r"^\s*- alert: (\w+)", ALERTS.read_text(), re.MULTILINE)) if ALERTS.exists() else set()
    return torment.alert if torment.alert in known else f"{torment.alert} (not in {ALERTS.name})"


def table(outcomes: Sequence[Outcome]) -> str:
    head = ("torment", "customers", "chat lines", "reconnects", "healthy again s", "broken")
    return show([head, *(_row(outcome) for outcome in outcomes)])


def _row(outcome: Outcome) -> tuple[str, ...]:
    recovered = "never" if outcome.recovered_s is None else f"{outcome.recovered_s:.1f}"
    figures = (outcome.customers, outcome.lines, outcome.reconnects)
    return (outcome.torment.title, *map(str, figures), recovered, str(len(outcome.faults)))


def main(words: list[str]) -> int:
    options = arguments(words)
    began = time.monotonic()
    with tormented(impatient=options.quick) as stage:
        torments = chosen(options.only, options.quick)
        outcomes = uvloop.run(torment_all(stage, torments, QUICK if options.quick else Pace()))
        broken = any(outcome.faults for outcome in outcomes)
        if broken:
            print(stage.stack.said(), file=sys.stderr)
    print(f"\n{table(outcomes)}")
    print(f"{'broken' if broken else 'everything holds'}; {time.monotonic() - began:.0f} s")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
