"""Reports as CSV, for spreadsheets (`infra.spreadsheet`)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from infra.spreadsheet import Sheet
from queueing.history import words
from queueing.history.models import Conversation
from queueing.reports.periods import Period, Report

MAX_ROWS = 100_000
CHUNK = 500

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


def daily(report: Report, sheet: Sheet) -> str:
    """The table of days, whole: at most a year."""
    rows = [sheet.head(DAILY_COLUMNS)]
    for day, figures in report.days.items():
        row: dict[str, Any] = {"day": day, "customers": figures.joined, **vars(figures.outcomes)}
        rows.append(sheet.line(row[name] if name in row else getattr(figures, name) for name in DAILY_COLUMNS))
    return "".join(rows)


async def conversations(period: Period, sheet: Sheet) -> AsyncIterator[str]:
    """The conversations of the period, oldest first, as they come from the database."""
    yield sheet.head(CONVERSATION_COLUMNS)
    rows = period.conversations().order_by("joined_at", "id")[: MAX_ROWS + 1]
    written, lines = 0, []
    async for row in rows.aiterator(chunk_size=CHUNK):
        written += 1
        if written > MAX_ROWS:
            lines.append(sheet.line([f"# {MAX_ROWS} rows at most: take a shorter period for the rest"]))
            break
        lines.append(sheet.line(_conversation(row)))
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
