"""What packages above add to the reports: figures, how they are shown, and columns of both files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

from queueing.history.models import Conversation
from queueing.reports.charts import Chart
from queueing.reports.periods import Figures, Measure, Report

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise as StrOrPromise

Rows = QuerySet[Conversation]


@dataclass(frozen=True)
class Table:
    """A part of the page. The first cell of a row is its head; `empty` is said where there is no row."""

    key: str
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    empty: str


def _nothing(_conversations: Rows, _group: list[str]) -> dict[Any, dict[str, Any]]:
    return {}


@dataclass(frozen=True)
class ReportExtension:
    """`measure` counts into `Figures.more`, under names of its own; most others read from there.

    tiles: (label, value, note). tables: of the conversations of the period, which are in no order. operator_columns:
    heading and cell. daily, conversations: column of the file and its value. rows: fetches what `conversations` need
    along with them. shown: whether there is anything to show at all.
    """

    measure: Measure = _nothing
    tiles: Callable[[Figures], Sequence[tuple[str, str, str]]] = lambda _whole: ()
    charts: Callable[[Report], Sequence[Chart]] = lambda _report: ()
    tables: Callable[[Rows], Sequence[Table]] = lambda _conversations: ()
    operator_columns: Sequence[tuple[StrOrPromise, Callable[[Figures], str]]] = ()
    daily: Sequence[tuple[str, Callable[[Figures], Any]]] = ()
    conversations: Sequence[tuple[str, Callable[[Conversation], Any]]] = ()
    rows: Callable[[Rows], Rows] = lambda rows: rows
    shown: Callable[[Figures], bool] = lambda _whole: True


_known: list[ReportExtension] = []


def add(extension: ReportExtension) -> None:
    """Called once, when Django starts."""
    if extension not in _known:
        _known.append(extension)


def known() -> tuple[ReportExtension, ...]:
    return tuple(_known)
