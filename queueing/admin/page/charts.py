"""Charts of a call as plain geometry: the template draws it with SVG attributes and classes, and no style of its own.

All coordinates are in a box of WIDTH × HEIGHT that the page stretches; words and numbers stand beside it, in HTML.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import fmean, median

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from queueing.history import words
from queueing.history.models import CallSample
from queueing.history.recording.call_stats import Interval

WIDTH, HEIGHT = 720, 120
SIDES = ("customer", "operator")
NAMES = {"customer": gettext_lazy("Customer"), "operator": gettext_lazy("Operator")}
GAP_AT_LEAST_S = 20.0
"""A line is not drawn over a pause this long, or six times the usual one."""


@dataclass(frozen=True)
class Line:
    side: str
    name: str
    path: str
    mean: str
    worst: str


@dataclass(frozen=True)
class Band:
    """A shaded stretch: `kind` is lost or rung-1 … rung-6."""

    x: float
    width: float
    kind: str
    title: str


@dataclass(frozen=True)
class Chart:
    """`top` is the value at the upper edge, in words; `description` says in a sentence what the lines show."""

    id: str
    title: str
    top: str
    bottom: str
    description: str
    lines: list[Line]
    bands: list[Band]


@dataclass(frozen=True)
class Ladder:
    """How far a side had cut back what it sends, over the call."""

    side: str
    name: str
    bands: list[Band]
    description: str


@dataclass(frozen=True)
class Span:
    """The time that the charts show."""

    start: datetime
    end: datetime

    def x(self, at: datetime) -> float:
        whole = max(1.0, (self.end - self.start).total_seconds())
        return round(min(1.0, max(0.0, (at - self.start).total_seconds() / whole)) * WIDTH, 1)

    @property
    def ticks(self) -> list[str]:
        """Beginning, quarters and end of the call as its own clock tells them."""
        whole = (self.end - self.start).total_seconds()
        return [words.clock(whole * quarter / 4) for quarter in range(5)]


@dataclass(frozen=True)
class _Figure:
    """`least`: the upper edge at least, so that a good call does not look like a bad one. `upwards`: more is better."""

    id: str
    title: str
    unit: str
    value: Callable[[CallSample], float | None]
    least: float
    bottom: float = 0.0
    upwards: bool = False
    most: float | None = None


def _figures() -> list[_Figure]:
    return [
        _Figure("quality", _("Quality"), "", lambda s: s.quality, 5.0, bottom=1.0, upwards=True, most=5.0),
        _Figure("rtt", _("Round trip"), _("ms"), lambda s: s.rtt_ms, 200.0),
        _Figure("jitter", _("Jitter"), _("ms"), lambda s: s.jitter_ms, 50.0),
        _Figure("loss", _("Packet loss"), "%", lambda s: s.loss_pct, 5.0, most=100.0),
        _Figure("bitrate", _("Received"), _("kbit/s"), lambda s: s.bitrate_kbps, 100.0, upwards=True),
    ]


def charts(samples: Sequence[CallSample], span: Span, outages: Iterable[Interval]) -> list[Chart]:
    """One chart for each figure that was measured at all."""
    outages = list(outages)
    bands, breaks = lost_bands(outages, span), [start for start, _end in outages]
    found = []
    for figure in _figures():
        by_side = {side: [s for s in samples if s.side == side and figure.value(s) is not None] for side in SIDES}
        if any(by_side.values()):
            found.append(_chart(figure, by_side, span, bands, breaks))
    return found


def lost_bands(outages: Iterable[Interval], span: Span) -> list[Band]:
    found = []
    for start, end in outages:
        x = span.x(start)
        title = _("No media for %(time)s") % {"time": words.clock((end - start).total_seconds())}
        found.append(Band(x, max(2.0, round(span.x(end) - x, 1)), "lost", title))
    return found


def ladders(steps: Sequence[tuple[datetime, str, int]], span: Span) -> list[Ladder]:
    """`steps`: (when, side, rung entered), in order. Nothing where no side ever cut back."""
    if not steps:
        return []
    found = []
    for side in SIDES:
        own = [(at, rung) for at, who, rung in steps if who == side]
        bands = []
        ends = [*(at for at, _rung in own[1:]), span.end]
        for (at, rung), after in zip(own, ends, strict=False):
            if rung:
                x = span.x(at)
                bands.append(Band(x, max(2.0, round(span.x(after) - x, 1)), f"rung-{min(rung, 6)}", words.rung(rung)))
        lowest = max((rung for _at, rung in own), default=0)
        description = _("%(side)s: lowest was %(rung)s") % {"side": NAMES[side], "rung": words.rung(lowest)}
        found.append(Ladder(side, str(NAMES[side]), bands, description))
    return found


def _chart(
    figure: _Figure, by_side: dict[str, list[CallSample]], span: Span, bands: list[Band], breaks: list[datetime]
) -> Chart:
    values = {side: [_known(figure, s) for s in own] for side, own in by_side.items()}
    highest = max(max(own) for own in values.values() if own)
    top = _round_up(highest, figure.least)
    if figure.most is not None:
        top = min(top, figure.most)
    lines = []
    for side, own in values.items():
        if own:
            heights = [_height(min(value, top), figure.bottom, top) for value in own]
            path = _path([sample.at for sample in by_side[side]], heights, span, breaks)
            worst = min(own) if figure.upwards else max(own)
            lines.append(Line(side, str(NAMES[side]), path, _shown(figure, fmean(own)), _shown(figure, worst)))
    sentences = [_("%(side)s: mean %(mean)s, worst %(worst)s") % _as_words(line) for line in lines]
    return Chart(
        id=figure.id,
        title=figure.title,
        top=_shown(figure, top),
        bottom=_shown(figure, figure.bottom),
        description="; ".join(sentences),
        lines=lines,
        bands=bands,
    )


def _as_words(line: Line) -> dict[str, str]:
    return {"side": line.name, "mean": line.mean, "worst": line.worst}


def _known(figure: _Figure, sample: CallSample) -> float:
    value = figure.value(sample)
    assert value is not None
    return value


def _height(value: float, bottom: float, top: float) -> float:
    return round(HEIGHT - max(0.0, (value - bottom) / (top - bottom)) * HEIGHT, 1)


def _path(times: list[datetime], heights: list[float], span: Span, breaks: list[datetime]) -> str:
    """The `d` of a line. What was not measured, or lost, is a gap; a lone point is a dot by the line's round ends."""
    pauses = [(after - before).total_seconds() for before, after in pairwise(times)]
    limit = timedelta(seconds=max(GAP_AT_LEAST_S, 6 * median(pauses)) if pauses else GAP_AT_LEAST_S)
    parts: list[str] = []
    last: datetime | None = None
    for at, y in zip(times, heights, strict=True):
        joined = last is not None and at - last <= limit and not any(last <= lost < at for lost in breaks)
        parts.append(f"L{span.x(at)} {y}" if joined else f"M{span.x(at)} {y}h0")
        last = at
    return "".join(parts)


def _round_up(value: float, least: float) -> float:
    """The next of 1, 2, 5 times a power of ten, and at least `least`."""
    if value <= least:
        return least
    power = 1.0
    while power * 10 < value:
        power *= 10
    return next(step * power for step in (1, 2, 5, 10) if step * power >= value)


def _shown(figure: _Figure, value: float) -> str:
    number = f"{value:.1f}" if value < 10 and value != int(value) else f"{value:.0f}"
    return f"{number} {figure.unit}".strip()
