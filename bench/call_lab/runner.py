"""Runs a row once and says what came of it."""

from __future__ import annotations

import time
import traceback
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import Any

from bench.call_lab import measure
from bench.call_lab.calls import BROWSER_ERRORS, Call, now_ms
from bench.call_lab.context import Context
from bench.call_lab.gates import Row
from bench.call_lab.measure import Record

TAIL_MS = 500.0
EVENTS_KEPT = 120  # per side, for whoever wants to know why


@dataclass
class Outcome:
    """One run. `faults` are what may never be: lines lost, doubled or out of order, a call that ended."""

    row: str
    figures: dict[str, Any] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    # The run itself went wrong: no media, or the lab did not work.
    error: str | None = None
    seconds: float = 0.0


def run_once(row: Row, context: Context) -> Outcome:
    outcome = Outcome(row.name)
    started = time.monotonic()
    try:
        context.topology.reset()
        row.scenario(context)
    except Exception as error:
        outcome.error = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
        outcome.figures["trace"] = traceback.format_exc()[-1500:]
    if context.call is not None:
        with suppress(*BROWSER_ERRORS):
            _look(context, context.call, outcome)
        with suppress(*BROWSER_ERRORS):
            context.call.end()
    outcome.seconds = time.monotonic() - started
    return outcome


def _look(context: Context, call: Call, outcome: Outcome) -> None:
    end = now_ms() - TAIL_MS
    chat = call.finish_chat() if not outcome.error or call.fault_at else {}
    records = call.records()
    outcome.figures.update(common_figures(records, call, context.window, end))
    outcome.figures.update(context.figures)
    outcome.figures["chat"] = {side: asdict(lines) for side, lines in chat.items()}
    for side, lines in chat.items():
        for what in ("lost", "doubled", "disordered"):
            if count := getattr(lines, what):
                outcome.faults.append(f"{count} of {side}'s lines {what}")
    for side, record in records.items():
        if (ended := record.first("in call:ended")) is not None:
            outcome.faults.append(f"the call ended for the {side} after {(ended - call.fault_at) / 1000:.1f} s")
    outcome.figures["events"] = {side: record.events[-EVENTS_KEPT:] for side, record in records.items()}


def common_figures(
    records: dict[str, Record], call: Call, window: tuple[float, float] | None, end: float
) -> dict[str, Any]:
    """The worse of both sides, each. A figure is missing when it cannot be told."""
    start, stop = window or (call.fault_at, end)
    sides = list(records.values())
    figures = {
        "setup_ms": _worst([_setup(record) for record in sides]),
        "setup_video_ms": _worst([_setup(record, "video") for record in sides]),
    }
    if call.fault_at:
        figures |= {
            "audio_gap_ms": _worst([measure.longest_gap(r.samples, "ap", start, stop) for r in sides]),
            "video_gap_ms": _worst([measure.longest_gap(r.samples, "vf", start, stop) for r in sides]),
            "concealed_pct": _worst([measure.concealment(r.samples, start, stop) for r in sides]),
            "sampling_hole_ms": max(measure.longest_hole(r.samples, start, stop) for r in sides),
            "offers": sum(r.count("out rtc:description", call.fault_at, kind="offer") for r in sides),
            "sockets": sum(r.count("socket-open", call.fault_at) for r in sides),
            "rebuilds": sum(r.count("peer", call.fault_at) for r in sides),
            "rungs": {side: [e["rung"] for e in r.events if e["what"] == "rung"] for side, r in records.items()},
            "ladder": {side: measure.steps(r.samples, call.fault_at) for side, r in records.items()},
        }
    if call.healed_at:
        figures["recovery_ms"] = _worst([measure.recovery(r.samples, "ap", call.healed_at) for r in sides])
    return {name: value for name, value in figures.items() if value is not None}


def _setup(record: Record, kind: str = "audio") -> float | None:
    """From the news that it is one's turn to the first packet from the other side."""
    ready = record.first("in queue:ready")
    if ready is None:
        return None
    first = record.first("unmute", ready, kind=kind)
    return None if first is None else first - ready


def _worst(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return max(known) if len(known) == len(values) else None
