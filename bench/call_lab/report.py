"""Verdicts, the table, the JSON file."""

from __future__ import annotations

import json
import re
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.call_lab.gates import Row
from bench.call_lab.runner import Outcome

KNOWN_MISSES = Path(__file__).parent.parent / "known-misses.md"


@dataclass
class Verdict:
    """`state`: met; shown (not judged); missed; known (missed, the list of known misses says why); broken (lines, a
    call or a run lost)."""

    row: Row
    outcomes: list[Outcome]
    state: str
    values: list[float]

    @property
    def median(self) -> float | None:
        return statistics.median(self.values) if self.values else None

    @property
    def fails(self) -> bool:
        return self.state in ("missed", "broken")


def known_misses(path: Path = KNOWN_MISSES) -> dict[str, str]:
    """Row → reason, from the table whose rows begin with a row's name in backquotes."""
    pattern = re.compile(r"^\|\s*`([a-z0-9-]+)`\s*\|.*\|\s*([^|]+?)\s*\|\s*$", re.MULTILINE)
    return dict(pattern.findall(path.read_text()))


def judge(row: Row, outcomes: Sequence[Outcome], known: dict[str, str], *, gated: bool = True) -> Verdict:
    """Without `gated` figures are only shown: one run on a machine that does other things proves no speed. A lost line
    or a call that ended is broken all the same."""
    values = [float(outcome.figures[row.figure]) for outcome in outcomes if row.figure in outcome.figures]
    verdict = Verdict(row, list(outcomes), "met", values)
    # Never excused: what is listed as known is a figure, not a lost line.
    if any(outcome.faults for outcome in outcomes):
        verdict.state = "broken"
    elif any(outcome.error for outcome in outcomes) or len(values) < len(outcomes):
        verdict.state = "known" if row.name in known else "broken"
    elif not gated:
        verdict.state = "shown"
    elif verdict.median is None or verdict.median > row.limit:
        verdict.state = "known" if row.name in known else "missed"
    return verdict


def _number(value: float | None, unit: str) -> str:
    if value is None:
        return "–"
    return f"{value:.2f}" if unit == "%" else f"{value:.0f}"


def line(verdict: Verdict) -> list[str]:
    row, values = verdict.row, verdict.values
    span = f"{_number(min(values), row.unit)} … {_number(max(values), row.unit)}" if values else "–"
    return [
        row.name,
        row.title,
        f"{row.figure} {_number(verdict.median, row.unit)} {row.unit}".strip(),
        span,
        f"≤ {row.limit:g}{'*' if row.own_gate else ''}",
        row.measured,
        _common(verdict.outcomes, "video_gap_ms"),
        _chat(verdict.outcomes),
        f"{len(verdict.outcomes)}",
        verdict.state,
    ]


HEAD = ["row", "test", "median", "min … max", "gate", "plain", "video gap", "lines", "runs", "verdict"]


def table(verdicts: Sequence[Verdict]) -> str:
    rows = [HEAD, *(line(verdict) for verdict in verdicts)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    printed = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    notes = [
        f"  {verdict.row.name}: {text}"
        for verdict in verdicts
        for text in dict.fromkeys(
            fault for o in verdict.outcomes for fault in [*o.faults, *([o.error] if o.error else [])]
        )
    ]
    explained = "* a gate of ours; all others stand in docs/call-lab.md. lines: lost/doubled/out of order of all said."
    return "\n".join([*printed, "", explained, *notes])


def _common(outcomes: Sequence[Outcome], figure: str) -> str:
    values = [outcome.figures[figure] for outcome in outcomes if figure in outcome.figures]
    return f"{statistics.median(values):.0f}" if values else "–"


def _chat(outcomes: Sequence[Outcome]) -> str:
    total = {"said": 0, "lost": 0, "doubled": 0, "disordered": 0}
    for outcome in outcomes:
        for lines in outcome.figures.get("chat", {}).values():
            for name in total:
                total[name] += lines[name]
    return f"{total['lost']}/{total['doubled']}/{total['disordered']} of {total['said']}"


def as_json(verdicts: Sequence[Verdict], facts: dict[str, Any]) -> str:
    rows = [
        {
            "row": verdict.row.name,
            "figure": verdict.row.figure,
            "unit": verdict.row.unit,
            "limit": verdict.row.limit,
            "median": verdict.median,
            "min": min(verdict.values, default=None),
            "max": max(verdict.values, default=None),
            "verdict": verdict.state,
            "runs": [asdict(outcome) for outcome in verdict.outcomes],
        }
        for verdict in verdicts
    ]
    return json.dumps({**facts, "rows": rows}, indent=1, ensure_ascii=False)
