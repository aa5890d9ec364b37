"""One seeded interleaving: who acts where and when is drawn from the seed; what must hold is checked on the way."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from tests.properties import invariants, reader, replay
from tests.properties.fleet import Fleet, Gone, Process
from tests.properties.pages import Page, Socket, Violation

BLINK_MS = 5_000
CLOCK_SLACK_MS = 3


def nothing(*_: Any) -> None:
    """For steps whose answer says nothing."""


@dataclass
class Step:
    """A request to one process. `done(step, kind, value)` takes the answer; `unknown()` is called when it died first.

    `begin()` is called when it is sent. `since`: the step was carried out after this moment of the run's `clock`.
    """

    process: Process
    label: str
    request: tuple[Any, ...]
    done: Callable[[Step, str, Any], None] = nothing
    unknown: Callable[[], None] = nothing
    begin: Callable[[], None] = nothing
    since: int = 0


@dataclass
class Life:
    """When a customer came and was lost, in ms of the run's time (warps included)."""

    came: list[tuple[float, float]] = field(default_factory=list)
    lost: list[float] = field(default_factory=list)


class Run:
    """`forgetful`: Redis may have lost its last moments, so what was answered may be gone.

    `archive` keeps journal entries that a worker may have trimmed since.
    """

    def __init__(self, fleet: Fleet, seed: int) -> None:
        self.fleet = fleet
        self.random = random.Random(seed)
        self.pages: list[Page] = []
        self.history: list[tuple[Any, ...]] = []
        self.in_flight: dict[Process, list[Step]] = {}
        self.warps: list[tuple[float, int]] = []
        self.lives: dict[str, Life] = {}
        self.joined: set[str] = set()
        self.over: set[str] = set()
        self.forgetful = False
        self.may_redraw = False
        self.archive: dict[str, dict[str, str]] = {}
        self.clock = 0
        self._numbers = 0
        fleet.reset()
        self.awake[0].call("tick")
        reader.forget_pause(fleet.raw)

    # -- processes -------------------------------------------------------------------------------------------------

    @property
    def awake(self) -> list[Process]:
        return [process for process in self.fleet.processes if not process.stopped]

    @property
    def stopped(self) -> list[Process]:
        return [process for process in self.fleet.processes if process.stopped]

    def number(self) -> int:
        self._numbers += 1
        return self._numbers

    def socket(self, process: Process) -> Socket:
        return Socket(process, f"{process.name}|{self.number()}")

    def note(self, *words: Any) -> None:
        """One line of the run's history; made into text only when the run fails."""
        self.history.append(words)

    def told(self) -> str:
        return "\n".join(" ".join(_short(word) for word in words) for words in self.history)

    # -- time ------------------------------------------------------------------------------------------------------

    def virtual(self, real_ms: float | None = None) -> float:
        """Real time plus all warps up to then."""
        real_ms = time.time() * 1000 if real_ms is None else real_ms
        return real_ms + sum(by for at, by in self.warps if at <= real_ms)

    def warp(self, milliseconds: int) -> None:
        self.note("time +", milliseconds)
        # Whole milliseconds, as the journal has them: a claim right after the warp would else seem to come before it.
        began = float(int(time.time() * 1000))
        reader.warp(self.fleet.raw, milliseconds)
        self.warps.append((began, milliseconds))

    def came(self, cid: str, before: float) -> None:
        self.lives.setdefault(cid, Life()).came.append((before, self.virtual()))

    def lost(self, page: Page) -> None:
        if page.side == "c" and page.cid:
            self.lives.setdefault(page.cid, Life()).lost.append(self.virtual())

    def may_be_absent(self, cid: str, real_at: int) -> bool:
        """False only when it is certain that the customer was there within the last 5 s before `real_at`."""
        life, at = self.lives.get(cid), self.virtual(real_at)
        if life is None or self.forgetful:
            return True
        known = [(before, after) for before, after in life.came if after < at - CLOCK_SLACK_MS]
        if not known:
            return True
        before, _after = known[-1]
        if before > at - BLINK_MS + CLOCK_SLACK_MS:
            return False
        return any(before <= lost <= at + CLOCK_SLACK_MS for lost in life.lost)

    def was_here(self, cid: str, real_at: int) -> bool:
        """True only when it is certain that the customer had a socket at `real_at`."""
        life, at = self.lives.get(cid), self.virtual(real_at)
        if life is None or self.forgetful:
            return False
        known = [before for before, after in life.came if after < at - CLOCK_SLACK_MS]
        return bool(known) and not any(known[-1] <= lost <= at + CLOCK_SLACK_MS for lost in life.lost)

    # -- steps -----------------------------------------------------------------------------------------------------

    def do(self, *steps: Step) -> None:
        """Sends every step, then takes the answers: steps of different processes race. Stopped ones answer later."""
        sent: list[Step] = []
        for step in steps:
            self.note(step.process.name, step.label)
            self.send(step)
            if step.process.stopped:
                self.in_flight.setdefault(step.process, []).append(step)
            else:
                sent.append(step)
        for step in sent:
            self.finish(step)

    def send(self, step: Step) -> None:
        step.since = self.clock
        step.begin()
        step.process.send(*step.request)

    def finish(self, step: Step) -> None:
        try:
            kind, value = step.process.receive()
        except Gone:
            self.note(" ", step.process.name, step.label, "-> ?")
            step.unknown()
            return
        self.note(" ", step.process.name, step.label, "->", kind, value)
        if kind == "down":
            step.unknown()
        else:
            self.clock += 1
            step.done(step, kind, value)

    def page_of(self, party: str, process: Process) -> Page | None:
        for page in self.pages:
            if page.party == party and page.socket is not None and page.socket.process is process:
                return page
        return None

    def read(self) -> reader.State:
        """The state, with the whole journal."""
        state = reader.read(self.fleet.raw)
        self.archive |= dict(state.entries)
        return replace(state, entries=sorted(self.archive.items(), key=lambda entry: _order(entry[0])))

    def has_ended(self, cid: str | None) -> bool:
        """By the journal, which outlives the record of an ended conversation."""
        return any(fields["type"] == "ended" and fields["conversation"] == cid for _id, fields in self.read().entries)

    # -- checks ----------------------------------------------------------------------------------------------------

    def check(self) -> reader.State:
        """All that must hold in every state."""
        state = self.read()
        found = invariants.problems(state)
        built = replay.rebuild(state.entries, self.may_be_absent, self.was_here, self.served())
        found += list(replay.differences(state, built, purged=set(built.ended)))
        if not self.forgetful:
            found += self._answered(state, built)
        if self.awake:
            kind, value = self.awake[0].call("command", "check", False)
            found += [f"check: {row}" for row in value] if kind == "ok" else []
        if found:
            raise Violation("\n".join(found))
        return state

    def served(self) -> dict[str, set[str]]:
        """Operator → the lines that it serves."""
        return {page.name: page.served for page in self.pages if page.side == "o"}

    def _answered(self, state: reader.State, built: replay.Rebuilt) -> list[str]:
        """What somebody was told is so: joins and ends that were answered are there."""
        found = [
            f"{cid} was told it joined, and is nowhere" for cid in self.joined - set(state.records) - set(built.ended)
        ]
        found += [f"{cid} was told it is over" for cid in self.over & (set(state.line) | set(state.active))]
        stored = {(cid, side, number) for cid, lines in built.lines.items() for side, number, _text in lines}
        for page in self.pages:
            side = "customer" if page.side == "c" else "operator"
            for line in page.sent:
                if line.acked and (line.cid, side, line.number) not in stored:
                    found.append(f"{page.party}'s line {line.number} in {line.cid} was acknowledged and is not stored")
        return found


def _order(entry_id: str) -> tuple[int, int]:
    milliseconds, number = entry_id.split("-")
    return int(milliseconds), int(number)


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) < 200 else text[:200] + "…"
