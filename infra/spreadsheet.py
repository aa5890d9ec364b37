"""CSV as spreadsheets read it, for every export of the product.

All cells are quoted, the file begins with a byte order mark (without it Excel takes UTF-8 for an old code page), and
separator, numbers and times are those of the reader's language. A text that a spreadsheet would compute is text: also
where the file is opened with another separator than it was written with, so that a cell falls apart.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.utils import timezone
from django.utils.formats import get_format

Row = TypeVar("Row", bound=Model)

BOM = "\ufeff"
SIGNS = "=﹦＝⁼₌+﹢＋⁺₊﬩-﹣－−@﹫＠"
"""Begin a formula, or are folded to what does."""
SEPARATORS = ";；,，\t|"
_BREAKS = r"\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029"
_COMPUTED = re.compile(f'(^|[{SEPARATORS}{_BREAKS}])([\\s"]*)(?=[{re.escape(SIGNS)}])')
_STARTS_ODDLY = re.compile(r"[\t\r\n]")


@dataclass(frozen=True)
class Dialect:
    """`decimal` is the sign between whole and part."""

    separator: str
    decimal: str


COMMA, SEMICOLON = Dialect(",", "."), Dialect(";", ",")
CHOICES = ("comma", "semicolon", "tab")
MAX_ROWS = 100_000
CHUNK = 500
"""Lines that leave together."""


def dialect_of(language: str, choice: str = "") -> Dialect:
    """What spreadsheets expect where that language is spoken; `choice` (one of CHOICES) names another separator."""
    usual = SEMICOLON if get_format("DECIMAL_SEPARATOR", language) == "," else COMMA
    if choice == "tab":
        return Dialect("\t", usual.decimal)
    return {"comma": COMMA, "semicolon": SEMICOLON}.get(choice, usual)


class Sheet:
    """Writes lines in one dialect. The first begins with `BOM`: `sheet.head(names)`."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self._writer = csv.writer(_Line(), delimiter=dialect.separator, quoting=csv.QUOTE_ALL)

    def head(self, names: Iterable[str]) -> str:
        return BOM + self.line(names)

    def line(self, values: Iterable[Any]) -> str:
        written: str = self._writer.writerow([self.cell(value) for value in values])
        return written

    def cell(self, value: Any) -> str:
        """None is empty; times are local, as `2026-03-02 12:00:00`, which every spreadsheet takes for a time."""
        if value is None or (isinstance(value, float) and not math.isfinite(value)):
            return ""
        if isinstance(value, datetime):
            return timezone.localtime(value).strftime("%Y-%m-%d %H:%M:%S")
        if isinstance(value, float):
            # Rounded first, and + 0.0: no -0 is left.
            return str(round(value, 2) + 0.0).replace(".", self.dialect.decimal)
        if isinstance(value, int | date):
            return str(value)
        return guarded(str(value))


async def streamed(
    sheet: Sheet, columns: Iterable[str], rows: QuerySet[Row], cells: Callable[[Row], Iterable[Any]], do: str
) -> AsyncIterator[str]:
    """The file, as it comes from the database. It ends after MAX_ROWS and says what to `do` for the rest."""
    yield sheet.head(columns)
    waiting: list[str] = []
    written = 0
    async for row in rows[: MAX_ROWS + 1].aiterator(chunk_size=CHUNK):
        written += 1
        if written > MAX_ROWS:
            waiting.append(sheet.line([f"# {MAX_ROWS} rows at most: {do} for the rest"]))
            break
        waiting.append(sheet.line(cells(row)))
        if len(waiting) == CHUNK:
            yield "".join(waiting)
            waiting = []
    yield "".join(waiting)


def guarded(text: str) -> str:
    """The text with an apostrophe, "this is text", wherever a cell that begins there would be computed."""
    text = _COMPUTED.sub(r"\1\2'", text)
    return f"'{text}" if _STARTS_ODDLY.match(text) else text


class _Line:
    """A file for csv.writer that hands the line back."""

    def write(self, text: str) -> str:
        return text
