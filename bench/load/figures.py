"""Latencies by step, and what the processes say about themselves."""

from __future__ import annotations

import asyncio
import re
import urllib.request
from collections import defaultdict
from collections.abc import Sequence

from harness.programs import Web

FIGURE = re.compile(r"^([0-9.,]+|–)$")
SAMPLE = re.compile(r"^(\w+)(?:\{(.*)\})? ([0-9.eE+-]+|NaN|\+Inf)$")


class Times:
    """Seconds by step; `table` gives ms."""

    def __init__(self) -> None:
        self.samples: dict[str, list[float]] = defaultdict(list)

    def __call__(self, step: str, secs: float) -> None:
        self.samples[step].append(secs)

    def taken(self) -> Times:
        """What there is so far; this one begins anew."""
        taken = Times()
        taken.samples, self.samples = self.samples, taken.samples
        return taken

    def table(self) -> list[tuple[str, ...]]:
        rows: list[tuple[str, ...]] = [("step", "samples", "p50 ms", "p95 ms", "p99 ms", "max ms")]
        for step, samples in self.samples.items():
            ordered = sorted(samples)
            picked = [ordered[min(len(ordered) - 1, int(len(ordered) * share))] for share in (0.5, 0.95, 0.99)]
            rows.append((step, str(len(ordered)), *(f"{value * 1000:.1f}" for value in (*picked, ordered[-1]))))
        return rows


def beside(before: Times, now: Times) -> list[tuple[str, ...]]:
    """Medians and 95th percentiles of the same steps, one load's beside another's; a dash where a step was not made."""
    first, second = ({row[0]: row for row in times.table()[1:]} for times in (before, now))
    rows: list[tuple[str, ...]] = [("step", "p50 ms without", "with", "p95 ms without", "with")]
    for step in dict.fromkeys([*first, *second]):
        cells = [table[step][column] if step in table else "–" for column in (2, 3) for table in (first, second)]
        rows.append((step, *cells))
    return rows


def show(rows: Sequence[Sequence[str]]) -> str:
    """A table; columns of figures stand to the right."""
    figures = [all(FIGURE.match(row[column]) for row in rows[1:]) for column in range(len(rows[0]))]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]

    def line(row: Sequence[str]) -> str:
        cells = zip(row, widths, figures, strict=True)
        return "  ".join(cell.rjust(width) if right else cell.ljust(width) for cell, width, right in cells).rstrip()

    return "\n".join(line(row) for row in rows)


Metrics = dict[str, float]


async def scrape(web: Web) -> Metrics:
    """`name{labels}` → value."""

    def read() -> str:
        with urllib.request.urlopen(f"{web.origin}/metrics", timeout=10) as answer:
            return str(answer.read().decode())

    found: Metrics = {}
    for line in (await asyncio.to_thread(read)).splitlines():
        if match := SAMPLE.match(line):
            name, labels, value = match.groups()
            found[f"{name}{{{labels}}}" if labels else name] = float(value)
    return found


def total(pages: Sequence[Metrics], name: str) -> float:
    """Over the processes, of a figure that each counts for itself, and over its labels."""
    return sum(value for metrics in pages for key, value in metrics.items() if key.split("{")[0] == name)
