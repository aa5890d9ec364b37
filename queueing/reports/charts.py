"""Charts as plain geometry: the template draws them as SVG, the style sheet colours them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import floor, log10
from typing import TYPE_CHECKING

from django.utils.formats import date_format

from queueing.reports.periods import Figures

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise as StrOrPromise

WIDTH, HEIGHT = 440, 180
LEFT, RIGHT, TOP, BOTTOM = 44, 6, 12, 24
PLOT_WIDTH, PLOT_HEIGHT = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
LABELS = 6
TIMES = [60.0 * minutes for minutes in (1, 2, 4, 6, 10, 20, 30, 40, 60, 120, 240)]

Value = Callable[[Figures], float | None]
Text = Callable[[float | None], str]


@dataclass(frozen=True)
class Series:
    """One line, or one part of the stack. `kind` is the class that colours it."""

    kind: str
    label: StrOrPromise
    value: Value


@dataclass(frozen=True)
class Box:
    kind: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Column:
    """A day: what is drawn in it, and what it says when it is pointed at."""

    x: float
    width: float
    title: str
    boxes: tuple[Box, ...]


@dataclass(frozen=True)
class Line:
    kind: str
    path: str
    dots: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Tick:
    position: float
    text: str


@dataclass
class Chart:
    """`rows` is the same as a table: the day, then a text for each series."""

    key: str
    title: str
    text: str
    series: Sequence[Series]
    columns: list[Column]
    lines: list[Line]
    ticks_x: list[Tick]
    ticks_y: list[Tick]
    rows: list[tuple[str, list[str]]]
    empty: bool
    box: str = field(default=f"0 0 {WIDTH} {HEIGHT}")
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP
    bottom: int = HEIGHT - BOTTOM


def round_top(value: float) -> float:
    """The next round number: 1, 2 or 5 times a power of ten."""
    power: float = 10.0 ** floor(log10(value)) if value > 0 else 1.0
    return next(step * power for step in (1, 2, 5, 10) if step * power >= value) if value > 0 else 1.0


def round_time(seconds: float) -> float:
    """The next duration that reads well in minutes or hours, and whose half does."""
    return next((step for step in TIMES if step >= seconds), round_top(seconds / 3600) * 3600)


def stacked(key: str, title: str, text: str, days: dict[date, Figures], series: Sequence[Series], show: Text) -> Chart:
    """Columns of parts."""
    totals = [sum(one.value(figures) or 0 for one in series) for figures in days.values()]
    top = round_top(max(totals, default=0))
    step = PLOT_WIDTH / max(1, len(days))
    chart = _frame(key, title, text, days, series, show, top)
    for number, (day, figures) in enumerate(days.items()):
        x, y, boxes = LEFT + number * step, float(HEIGHT - BOTTOM), []
        for one in series:
            height = (one.value(figures) or 0) / top * PLOT_HEIGHT
            y -= height
            if height > 0:
                boxes.append(Box(one.kind, _r(x + step * 0.12), _r(y), _r(step * 0.76), _r(height)))
        chart.columns.append(Column(_r(x), _r(step), _title(day, figures, series, show), tuple(boxes)))
    chart.empty = not any(totals)
    return chart


def lined(
    key: str, title: str, text: str, days: dict[date, Figures], series: Sequence[Series], show: Text,
    scale: Callable[[float], float] = round_top,
) -> Chart:  # fmt: skip
    """Lines over the days; a day without a value is a gap."""
    values = [value for one in series for figures in days.values() if (value := one.value(figures)) is not None]
    ceiling = scale(max(values, default=0))
    step = PLOT_WIDTH / max(1, len(days))
    chart = _frame(key, title, text, days, series, show, ceiling)
    for one in series:
        points: list[tuple[float, float] | None] = []
        for number, figures in enumerate(days.values()):
            value = one.value(figures)
            at = LEFT + (number + 0.5) * step
            points.append(
                None if value is None else (_r(at), _r(TOP + (1 - min(value, ceiling) / ceiling) * PLOT_HEIGHT))
            )
        chart.lines.append(Line(one.kind, _path(points), tuple(point for point in points if point is not None)))
    for number, (day, figures) in enumerate(days.items()):
        chart.columns.append(Column(_r(LEFT + number * step), _r(step), _title(day, figures, series, show), ()))
    chart.empty = not values
    return chart


def _frame(
    key: str, title: str, text: str, days: dict[date, Figures], series: Sequence[Series], show: Text, top: float
) -> Chart:
    every = max(1, -(-len(days) // LABELS))
    step = PLOT_WIDTH / max(1, len(days))
    ticks_x = [
        Tick(_r(LEFT + (number + 0.5) * step), date_format(day, "j M"))
        for number, day in enumerate(days)
        if number % every == 0
    ]
    ticks_y = [Tick(_r(TOP + (1 - share) * PLOT_HEIGHT), show(top * share)) for share in (0, 0.5, 1)]
    rows = [(date_format(day, "j F Y"), [show(one.value(figures)) for one in series]) for day, figures in days.items()]
    return Chart(key, title, text, series, [], [], ticks_x, ticks_y, rows, empty=False)


def _title(day: date, figures: Figures, series: Sequence[Series], show: Text) -> str:
    parts = [f"{one.label}: {show(one.value(figures))}" for one in series]
    return "\n".join([date_format(day, "j F Y"), *parts])


def _path(points: list[tuple[float, float] | None]) -> str:
    path, drawing = "", False
    for point in points:
        if point is not None:
            path += f"{'L' if drawing else 'M'}{point[0]} {point[1]}"
        drawing = point is not None
    return path


def _r(value: float) -> float:
    return round(value, 1)
