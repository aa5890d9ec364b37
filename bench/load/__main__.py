"""`python -m bench.load`: a load on a real stack (two web processes, worker, beat, Redis), judged by what must be so.

First 100 pairings (customers and operators come in random order, talk, end): every figure of /metrics, `queue status`,
the history and the clients has to be the same. They wait in departments (`--lines`); of these and the next, some have a
priority (`--priorities`), some are passed on (`--transfers`) and some are answered by nobody at first (`--unanswered`).
Then 1,000 customers wait for 50 operators, with every step timed; with `--files 10` once more, and every tenth of them
sends a file, so that its figures stand beside those without.
Exits with 1 when something is lost, doubled, out of order or counted differently.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import sys
import time
from collections.abc import Sequence

import uvloop

from bench.load.crowd import Crowd
from bench.load.detours import ANSWER_ACT_SECS, IDENTITY_SECRET, Detours, departments
from bench.load.figures import Times, beside, show
from bench.load.files import Files
from bench.load.pairings import compare, play
from bench.load.participants import Participants
from harness.judge import Records, problems
from harness.people import Desk, Guest
from harness.stack import Stack

RECORDED_SECS = 60.0


def arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.load", description=__doc__.split("\n")[0])
    parser.add_argument("--pairings", type=int, default=100)
    parser.add_argument("--customers", type=int, default=1000, help="who wait at once; 0: pairings only")
    parser.add_argument("--operators", type=int, default=50, help="of the second part; a fifth of them in the first")
    parser.add_argument("--files", type=int, default=0, help="every so-many-th of a second crowd sends a file; 0: none")
    parser.add_argument("--transfers", type=float, default=10, help="percent of the customers who are passed on once")
    parser.add_argument("--unanswered", type=float, default=5, help="percent whom the first operator does not answer")
    parser.add_argument("--lines", type=int, default=10, help="departments; an operator serves three; 0: none")
    parser.add_argument("--priorities", type=float, default=5, help="percent of the customers who have a priority")
    parser.add_argument("--server", choices=("uvicorn", "daphne"), default="uvicorn")
    options = parser.parse_args(words)
    if options.lines > options.operators:
        parser.error(f"--lines {options.lines}: there have to be as many operators, at least")
    return options


async def load(options: argparse.Namespace) -> list[str]:
    limits = {
        "WRAP_UP_SECS": "0",
        "IDENTITY_SECRET": IDENTITY_SECRET,
        "ANSWER_ACT_SECS": str(ANSWER_ACT_SECS),
        "QUEUE_MAX_LENGTH": str(max(options.customers, options.pairings)),
    }
    stack = await asyncio.to_thread(Stack, options.server, 2, workers=True, settings=limits)
    times = Times()
    participants = Participants(stack, times)
    names = [f"bench-{number}" for number in range(options.operators)]
    members = departments(options.lines, names)
    detours = Detours(options.transfers, options.unanswered, options.priorities, list(members))
    try:
        sessions = await asyncio.to_thread(stack.sign_in, options.operators)
        await asyncio.to_thread(stack.departments, members)
        desks = [await participants.desk(name, session) for name, session in zip(names, sessions, strict=True)]
        for desk in desks:
            served = frozenset(line for line, who in members.items() if desk.name in who)
            desk.lines_served = served or desk.lines_served
        began = time.monotonic()
        used = stack.usage()
        first = max(2, options.operators // 5, options.lines)  # so many serve all departments
        await play(participants, options.pairings, desks[:first], detours)
        faults = await settle(participants, f"{options.pairings} pairings", began)
        await off(desks)
        if options.customers:
            faults += await crowd(participants, options, desks, times, detours, every=0)
            print(show(times.table()), flush=True)
        if options.customers and options.files:
            without = times.taken()
            await off(desks)
            faults += await crowd(participants, options, desks, times, detours, every=options.files)
            print(show(beside(without, times)), flush=True)
        print(f"{len(members)} departments; with a priority {detours.urgent}, passed on {detours.passed_on}, ", end="")
        print(f"answered by nobody at first {detours.given_back}")
        cost = stack.usage() - used
        print(f"CPU seconds: web processes {cost.web:.1f}, Redis {cost.redis:.1f}")
        if faults:
            print(stack.said(), file=sys.stderr)
        return faults
    finally:
        await participants.close()
        await asyncio.to_thread(stack.close)


async def crowd(
    participants: Participants,
    options: argparse.Namespace,
    desks: Sequence[Desk],
    times: Times,
    detours: Detours,
    *,
    every: int,
) -> list[str]:
    """The second part; `every` so-many-th customer sends a file (0: nobody)."""
    began = time.monotonic()
    times.taken()
    files = Files(participants, every)
    waiting = Crowd(participants, options.customers, desks, files, detours)
    try:
        await waiting.play()
    except TimeoutError:
        waiting.faults.append("a step was not done in time")
    title = f"{options.customers} customers, {options.operators} operators"
    title += f", {len(files.shared)} files" if every else ""
    return waiting.faults + files.faults + await settle(participants, title, began)


async def off(desks: Sequence[Desk]) -> None:
    """Nobody takes the next customer."""
    for desk in desks:
        desk.wants = False
        desk.tell({"type": "operator:available", "available": False})


async def settle(participants: Participants, title: str, began: float) -> list[str]:
    """Waits until the history has everything, compares the counts, and judges."""
    records = await recorded(participants)
    status = await asyncio.to_thread(participants.stack.manage, "queue", "status", "--json")
    check = await asyncio.to_thread(participants.stack.manage, "queue", "check", "--json")
    guests, desks = taken_in(participants), participants.desks
    equals = await compare(participants, records, status)
    print(f"\n{title}: {time.monotonic() - began:.0f} s")
    print(show([("count", "", "where"), *(equal.row() for equal in equals)]), flush=True)
    faults = [f"{equal.what} differ: {equal.counts}" for equal in equals if not equal.holds]
    faults += [f"queue check: {row}" for row in check["found"]]
    return faults + problems(guests, desks, records) + participants.failures


def taken_in(participants: Participants) -> list[Guest]:
    return [guest for guest in participants.guests if not guest.refusals]


async def recorded(participants: Participants) -> Records:
    """The history, when it knows of as many ends as the customers do; or as it is after a minute."""
    over = sum(guest.phase == "ended" for guest in participants.guests)
    deadline = time.monotonic() + RECORDED_SECS
    while True:
        records: Records = json.loads(await asyncio.to_thread(participants.stack.run, "-m", "bench.records"))
        ended = sum(row[0] == "ended" for row in records["conversations"].values())
        if (ended >= over and not records["lag"]) or time.monotonic() > deadline:
            return records
        await asyncio.sleep(0.5)


def main(words: list[str]) -> int:
    options = arguments(words)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    began = time.monotonic()
    faults = uvloop.run(load(options))
    return verdict(faults, time.monotonic() - began)


def verdict(faults: Sequence[str], secs: float) -> int:
    for fault in faults[:30]:
        print(f"BROKEN: {fault}")
    if len(faults) > 30:
        print(f"… and {len(faults) - 30} more")
    print(f"{'broken' if faults else 'everything holds'}; {secs:.0f} s")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
