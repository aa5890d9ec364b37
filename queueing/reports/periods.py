"""What a period was like: waits, promises, handling, outcomes and quality by day and by operator.

Everything is counted by the database and comes back as at most two rows a day, however many conversations there were; a
conversation belongs to the day on which its customer joined. Medians are ranks over windows, so that SQLite and
PostgreSQL say the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Avg, Count, F, FloatField, Func, Q, QuerySet, Sum, Window
from django.db.models.functions import RowNumber, TruncDate
from django.utils import timezone

from queueing.history.models import Conversation, Status
from queueing.live.reasons import LOST

MAX_DAYS = 366
MAX_OPERATORS = 200


@dataclass(frozen=True)
class Period:
    """Whole days of the installation's time zone, both ends included."""

    first: date
    last: date
    site: str | None = None
    """Key of the one whose conversations count; None: of all sites."""
    line: str | None = None
    """The same of departments."""

    @classmethod
    def of_days(cls, days: int, site: str | None = None, line: str | None = None) -> Period:
        """The last `days` days, today among them."""
        today = timezone.localdate()
        return cls(today - timedelta(days=days - 1), today, site, line)

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def __iter__(self) -> Iterator[date]:
        return (self.first + timedelta(days=number) for number in range(self.days))

    def conversations(self) -> QuerySet[Conversation]:
        """Those whose customers joined in the period."""
        zone = timezone.get_current_timezone()
        begin, end = (
            datetime.combine(day, time.min, tzinfo=zone) for day in (self.first, self.last + timedelta(days=1))
        )
        rows = Conversation.objects.filter(joined_at__gte=begin, joined_at__lt=end).order_by()
        rows = rows if self.site is None else rows.filter(site=self.site)
        return rows if self.line is None else rows.filter(line=self.line)


@dataclass
class Outcomes:
    """How conversations went, each counted once."""

    completed: int = 0
    lost: int = 0
    left: int = 0
    vanished: int = 0
    waited_too_long: int = 0
    other: int = 0
    open: int = 0

    @property
    def total(self) -> int:
        return sum(vars(self).values())


@dataclass
class Figures:
    """Of a day, an operator, or the whole period. Times in seconds; None where nothing was measured."""

    outcomes: Outcomes = field(default_factory=Outcomes)
    answered: int = 0
    wait_median_s: float | None = None
    wait_p90_s: float | None = None
    promised: int = 0
    earlier: int = 0
    within: int = 0
    later: int = 0
    handling_median_s: float | None = None
    handling_p90_s: float | None = None
    quality: float | None = None
    calls: int = 0
    troubled: int = 0
    interrupted_s: float = 0.0
    more: dict[str, Any] = field(default_factory=dict)
    """What packages above have measured (queueing/reports/extensions.py)."""

    @property
    def joined(self) -> int:
        return self.outcomes.total

    @property
    def kept_share(self) -> float | None:
        """Of the promises that could be judged, those kept: nobody served earlier than promised has been let down."""
        return (self.within + self.earlier) / self.promised if self.promised else None

    @property
    def answered_share(self) -> float | None:
        return self.answered / self.joined if self.joined else None


@dataclass
class OperatorFigures:
    admin_id: str
    name: str
    figures: Figures


@dataclass
class Report:
    period: Period
    whole: Figures
    days: dict[date, Figures]
    operators: list[OperatorFigures]


Measure = Callable[[QuerySet[Conversation], list[str]], Mapping[Any, Mapping[str, Any]]]
"""Conversations and how they are grouped (one name or none) → value of the group, or None → name → figure."""


class Seconds(Func):
    """From the first moment to the second, as a number."""

    output_field = FloatField()
    arity = 2

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        template = "round((julianday(%(expressions)s)) * 86400.0, 3)"
        return self.as_sql(compiler, connection, template=template, arg_joiner=") - julianday(", **extra)

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        template = "EXTRACT(EPOCH FROM (%(expressions)s))::double precision"
        return self.as_sql(compiler, connection, template=template, arg_joiner=" - ", **extra)


WAIT = Seconds(F("claimed_at"), F("joined_at"))
HANDLING = Seconds(F("ended_at"), F("claimed_at"))
ANSWERED = Q(claimed_at__isnull=False)
HANDLED = Q(claimed_at__isnull=False, ended_at__isnull=False)
ENDED = Q(status=Status.ENDED)
PROMISED = ANSWERED & Q(promised_low_s__isnull=False, promised_high_s__isnull=False)

COUNTS: dict[str, Any] = {
    "completed": Count("id", filter=ENDED & ANSWERED & ~Q(reason__in=LOST)),
    "lost": Count("id", filter=ENDED & ANSWERED & Q(reason__in=LOST)),
    "left": Count("id", filter=ENDED & ~ANSWERED & Q(ended_by="customer")),
    "vanished": Count("id", filter=ENDED & ~ANSWERED & Q(reason="abandoned")),
    "waited_too_long": Count("id", filter=ENDED & ~ANSWERED & Q(reason="max-wait")),
    "other": Count("id", filter=ENDED & ~ANSWERED & ~Q(ended_by="customer") & ~Q(reason__in=("abandoned", "max-wait"))),
    "open": Count("id", filter=~ENDED),
    "answered": Count("id", filter=ANSWERED),
    "promised": Count("id", filter=PROMISED),
    "earlier": Count("id", filter=PROMISED & Q(wait__lt=F("promised_low_s"))),
    "later": Count("id", filter=PROMISED & Q(wait__gt=F("promised_high_s"))),
    "quality": Avg("mean_quality"),
    "calls": Count("id", filter=HANDLED & Q(mean_quality__isnull=False)),
    "troubled": Count("id", filter=HANDLED & Q(mean_quality__isnull=False, had_trouble=True)),
    "interrupted_s": Sum("interrupted_s"),
}


def report(period: Period, measures: Iterable[Measure] = ()) -> Report:
    rows, measures = period.conversations(), tuple(measures)
    by_day = _figures(rows.annotate(day=TruncDate("joined_at")), ["day"], measures)
    by_operator = _figures(rows.filter(ANSWERED), ["admin_id"], measures)
    busiest = sorted(by_operator.items(), key=lambda item: -item[1].answered)[:MAX_OPERATORS]
    names = _names(rows, [admin_id for admin_id, _figures in busiest])
    return Report(
        period=period,
        whole=_figures(rows, [], measures).get(None, Figures()),
        days={day: by_day.get(day, Figures()) for day in period},
        operators=[OperatorFigures(admin_id, names.get(admin_id, ""), figures) for admin_id, figures in busiest],
    )


def figures_of(admin_id: str, period: Period) -> Figures:
    """One operator's: of the conversations they answered."""
    return _figures(period.conversations().filter(ANSWERED, admin_id=admin_id), [], ()).get(None, Figures())


def _figures(rows: QuerySet[Conversation], group: list[str], measures: Iterable[Measure]) -> dict[Any, Figures]:
    """One `Figures` for each value of the group; under None where nothing is grouped."""
    found: dict[Any, Figures] = {}
    counted = rows.annotate(wait=WAIT)
    for row in counted.values(*group).annotate(**COUNTS) if group else [counted.aggregate(**COUNTS)]:
        figures = found[row[group[0]] if group else None] = Figures()
        for name, value in row.items():
            if name not in group and value is not None:
                setattr(figures.outcomes if name in vars(figures.outcomes) else figures, name, value)
        figures.within = figures.promised - figures.earlier - figures.later
    for value, which, median, p90 in [("wait", ANSWERED, "wait_median_s", "wait_p90_s"),
                                      ("handling", HANDLED, "handling_median_s", "handling_p90_s")]:  # fmt: skip
        for key, (middle, high) in _ranks(rows.filter(which), value, group).items():
            if key in found:
                setattr(found[key], median, middle)
                setattr(found[key], p90, high)
    for measure in measures:
        for key, more in measure(rows, group).items():
            if key in found:
                found[key].more.update(more)
    return found


def _ranks(rows: QuerySet[Conversation], value: str, group: list[str]) -> dict[Any, tuple[float, float]]:
    """Median and 90th percentile by nearest rank: values that really occurred."""
    partition = [F(name) for name in group] or None
    ranked = rows.annotate(**{value: WAIT if value == "wait" else HANDLING}).annotate(
        rank=Window(RowNumber(), partition_by=partition, order_by=[F(value), F("id")]),
        size=Window(Count("id"), partition_by=partition),
    )
    middle, high = (F("size") + 1) / 2, (F("size") * 9 + 9) / 10
    picked = ranked.filter(Q(rank=middle) | Q(rank=high)).values_list(*group, value, "rank", "size")
    found: dict[Any, list[float]] = {}
    for *key, seconds, rank, size in picked:
        pair = found.setdefault(key[0] if key else None, [0.0, 0.0])
        if rank == (size + 1) // 2:
            pair[0] = seconds
        if rank == (size * 9 + 9) // 10:
            pair[1] = seconds
    return {key: (pair[0], pair[1]) for key, pair in found.items()}


def _names(rows: QuerySet[Conversation], admin_ids: list[str]) -> dict[str, str]:
    found = rows.filter(admin_id__in=admin_ids, operator__isnull=False).values_list("admin_id", "operator__name")
    return dict(found.distinct())
