"""Reports as CSV, for spreadsheets (`infra.spreadsheet`)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from infra.spreadsheet import Sheet, streamed
from queueing.history import answers, line_choice, words
from queueing.history.models import Conversation
from queueing.reports import extensions
from queueing.reports.periods import Period, Report
from sites import lookup as sites

CONVERSATION_COLUMNS = (
    "conversation", "name", "topic", "media", "locale", "status", "operator", "joined_at", "claimed_at", "ended_at",
    "waited_s", "promised_low_s", "promised_high_s", "promise_kept", "duration_s", "reason", "ended_by",
    "interruptions", "interrupted_s", "mean_rtt_ms", "mean_quality", "media_in_words", "ended_in_words", "verified",
    "page", "page_title", "referrer", "time_zone", "browser", "system", "site", "answers", "line",
)  # fmt: skip
VISIT = ("page", "title", "referrer", "time_zone", "browser", "system")
DAILY_COLUMNS = (
    "day", "customers", "answered", "completed", "lost", "left", "vanished", "waited_too_long", "other", "open",
    "wait_median_s", "wait_p90_s", "promised", "earlier", "within", "later", "handling_median_s", "handling_p90_s",
    "quality", "calls", "troubled", "interrupted_s",
)  # fmt: skip


def daily(report: Report, sheet: Sheet) -> str:
    """The table of days, whole: at most a year."""
    more = [column for one in extensions.known() for column in one.daily]
    rows = [sheet.head([*DAILY_COLUMNS, *(name for name, _value in more)])]
    for day, figures in report.days.items():
        row: dict[str, Any] = {"day": day, "customers": figures.joined, **vars(figures.outcomes)}
        cells = [row[name] if name in row else getattr(figures, name) for name in DAILY_COLUMNS]
        rows.append(sheet.line([*cells, *(value(figures) for _name, value in more)]))
    return "".join(rows)


async def conversations(period: Period, sheet: Sheet) -> AsyncIterator[str]:
    """The conversations of the period, oldest first, as they come from the database."""
    known = extensions.known()
    more = [column for one in known for column in one.conversations]
    rows = period.conversations().order_by("joined_at", "id")
    for one in known:
        rows = one.rows(rows)
    names = await sites.sites.soon()

    def cells(row: Conversation) -> list[Any]:
        own = [*_conversation(row), names.name_of(row.site), answers.line(row.answers), line_choice.name_of(row.line)]
        return [*own, *(value(row) for _name, value in more)]

    columns = [*CONVERSATION_COLUMNS, *(name for name, _value in more)]
    async for part in streamed(sheet, columns, rows, cells, "take a shorter period"):
        yield part


def _conversation(row: Conversation) -> list[Any]:
    """All columns but the site's name, the answers and the department."""
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
        row.get_media_display(), words.reason(row.reason), int(bool(row.person)),
        *(row.visit.get(name, "") for name in VISIT),
    ]  # fmt: skip
