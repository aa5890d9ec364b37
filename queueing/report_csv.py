"""Reports as CSV: for spreadsheets, which take `=`, `+`, `-` and `@` at the beginning of a cell for a formula."""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from typing import Any

from django.utils import timezone

from queueing.models import Conversation
from queueing.page import words
from queueing.reports import Period, Report

MAX_ROWS = 100_000
CHUNK = 500
FORMULA = ("=", "+", "-", "@", "\t", "\r")

CONVERSATION_COLUMNS = (
    "conversation", "name", "topic", "media", "locale", "status", "operator", "joined_at", "claimed_at", "ended_at",
    "waited_s", "promised_low_s", "promised_high_s", "promise_kept", "duration_s", "reason", "ended_by",
    "interruptions", "interrupted_s", "mean_rtt_ms", "mean_quality", "media_in_words", "ended_in_words",
)  # fmt: skip
DAILY_COLUMNS = (
    "day", "customers", "answered", "completed", "lost", "left", "vanished", "waited_too_long", "other", "open",
    "wait_median_s", "wait_p90_s", "promised", "earlier", "within", "later", "handling_median_s", "handling_p90_s",
    "quality", "calls", "troubled", "interrupted_s",
)  # fmt: skip


class Line:
    """A file for csv.writer that hands the line back."""

    def write(self, text: str) -> str:
        return text


def cell(value: Any) -> Any:
    """A text that a spreadsheet would compute gets an apostrophe: it says "this is text" there and is not shown."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat(timespec="seconds")
    if isinstance(value, float):
        return round(value, 2)
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def line(values: Iterable[Any]) -> str:
    written: str = csv.writer(Line()).writerow([cell(value) for value in values])
    return written


def daily(report: Report) -> str:
    """The table of days, whole: at most a year."""
    rows = [line(DAILY_COLUMNS)]
    for day, figures in report.days.items():
        row: dict[str, Any] = {"day": day.isoformat(), "customers": figures.joined, **vars(figures.outcomes)}
        rows.append(line(row[name] if name in row else getattr(figures, name) for name in DAILY_COLUMNS))
    return "".join(rows)


async def conversations(period: Period) -> AsyncIterator[str]:
    """The conversations of the period, oldest first, as they come from the database."""
    yield line(CONVERSATION_COLUMNS)
    rows = period.conversations().order_by("joined_at", "id")[: MAX_ROWS + 1]
    written, lines = 0, []
    async for row in rows.aiterator(chunk_size=CHUNK):
        written += 1
        if written > MAX_ROWS:
            lines.append(line([f"# {MAX_ROWS} rows at most: take a shorter period for the rest"]))
            break
        lines.append(line(_conversation(row)))
        if len(lines) == CHUNK:
            yield "".join(lines)
            lines = []
    yield "".join(lines)


def _conversation(row: Conversation) -> list[Any]:
    kept: bool | None = None
    if (
        row.claimed_at
        and row.waited_s is not None
        and row.promised_low_s is not None
        and row.promised_high_s is not None
    ):
        kept = row.waited_s <= row.promised_high_s
    return [
        row.pk, row.name, row.topic, row.media, row.locale, row.status, row.admin_id, row.joined_at, row.claimed_at,
        row.ended_at, row.waited_s, row.promised_low_s, row.promised_high_s, "" if kept is None else int(kept),
        row.duration_s, row.reason, row.ended_by, row.reconnects, row.interrupted_s, row.mean_rtt_ms, row.mean_quality,
        row.get_media_display(), words.reason(row.reason),
    ]  # fmt: skip
