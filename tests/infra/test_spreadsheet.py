"""CSV that spreadsheets of any language read as it was meant, and never compute."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from datetime import UTC, date, datetime
from itertools import product
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import example, given
from hypothesis import strategies as st

from infra.spreadsheet import BOM, CHOICES, SIGNS, Dialect, Sheet, dialect_of, guarded

DIALECTS = [dialect_of(language, choice) for language, choice in product(("tr", "en", "de"), ("", *CHOICES))]
MEAN = st.text(st.sampled_from([*"=+-@;,|\t\r\n\" 'a1", *SIGNS, "\u2028", "\x85"]), max_size=12)
TEXTS = MEAN | st.text(max_size=20)


def read(text: str, dialect: Dialect) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix(BOM), newline=""), delimiter=dialect.separator))


def would_be_computed(cell: str) -> bool:
    return unicodedata.normalize("NFKC", cell.lstrip(' "\t\r\n'))[:1] in tuple("=+-@\u2212")


@given(st.lists(st.lists(TEXTS, min_size=1, max_size=4), min_size=1, max_size=4), st.sampled_from(DIALECTS))
def test_what_is_read_is_what_was_written(rows: list[list[str]], dialect: Dialect) -> None:
    sheet = Sheet(dialect)
    text = sheet.head(["first"]) + "".join(sheet.line(row) for row in rows)
    assert text.startswith(BOM)
    _head, *found = read(text, dialect)
    assert found == [[guarded(cell) for cell in row] for row in rows]
    for row, told in zip(rows, found, strict=True):
        # A guard is an apostrophe and nothing else.
        assert [cell.replace("'", "") for cell in told] == [cell.replace("'", "") for cell in row]


@given(st.lists(TEXTS, min_size=1, max_size=4), st.sampled_from(DIALECTS))
@example(["a;=1+1", "x"], dialect_of("en"))
@example(["a,=1+1"], dialect_of("tr"))
@example(["\uff1dcmd", "a\uff1b\uff0b1", 'x;"=1', "a\n=1", "\t=1"], dialect_of("tr"))
def test_no_reader_computes_whatever_separator_it_takes(row: list[str], dialect: Dialect) -> None:
    text = Sheet(dialect).line(row)
    for other in ",;\t|":
        for cells in csv.reader(io.StringIO(text, newline=""), delimiter=other):
            assert [cell for cell in cells if would_be_computed(cell)] == []
    # The worst of readers: every separator separates, quotes mean nothing.
    assert [cell for cell in re.split("[;,\t|\r\n；，]", text) if would_be_computed(cell)] == []


def test_plain_text_is_left_alone() -> None:
    for text in ("Ayşe Yılmaz", "a-b", "1+1", "ada@example.com", "iade; kargo", "e-posta, telefon", "0"):
        assert guarded(text) == text


@pytest.mark.parametrize(
    ("language", "choice", "separator", "decimal"),
    [
        ("tr", "", ";", ","),
        ("en", "", ",", "."),
        ("en-gb", "", ",", "."),
        ("tr", "comma", ",", "."),
        ("en", "semicolon", ";", ","),
        ("tr", "tab", "\t", ","),
        ("en", "tab", "\t", "."),
        ("tr", "nonsense", ";", ","),
    ],
)
def test_the_separator_is_that_of_the_language_or_the_one_chosen(
    language: str, choice: str, separator: str, decimal: str
) -> None:
    assert dialect_of(language, choice) == Dialect(separator, decimal)


@pytest.mark.parametrize(
    ("value", "turkish"),
    [
        (None, ""),
        (12.5, "12,5"),
        (30.0, "30,0"),
        (-0.001, "0,0"),
        (float("nan"), ""),
        (float("inf"), ""),
        (7, "7"),
        (date(2026, 3, 2), "2026-03-02"),
        (datetime(2026, 3, 2, 9, 0, 1, 999, tzinfo=UTC), "2026-03-02 12:00:01"),
    ],
)
def test_numbers_and_times_are_read_as_such(value: Any, turkish: str) -> None:
    with timezone.override("Europe/Istanbul"):
        assert Sheet(dialect_of("tr")).cell(value) == turkish
        assert Sheet(dialect_of("en")).cell(value) == turkish.replace(",", ".")
