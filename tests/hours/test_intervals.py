"""The hours of a day as people write them."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hours import zones
from hours.intervals import DAY, INTERVALS_MOST, TEXT_MOST, Interval, read, written


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("", ""),
        (" , ;", ""),
        ("9-18", "09:00–18:00"),
        ("09.30 – 12:00, 13:00—17.45", "09:30–12:00, 13:00–17:45"),
        ("13:00-17:00; 9:00-12:00", "09:00–12:00, 13:00–17:00"),
        ("09:00-12:00,12:00-18:00", "09:00–18:00"),
        ("0-24", "00:00–24:00"),
        ("٠٩:٠٠-١٨:٠٠", "09:00–18:00"),
    ],
)
def test_many_ways_of_writing_become_one(text: str, meant: str) -> None:
    assert written(read(text)) == meant
    assert read(meant) == read(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("18:00-09:00", "18:00–24:00"),
        ("09:00-09:00", "09:00"),
        ("09:00-12:00, 11:30-13:00", "11:30–13:00"),
        ("09:00-25:00", "24:00"),
        ("24:00-24:00", "24:00"),
        ("09:75-10:00", "60"),
        ("nine to five", "nine to five"),
        ("09:00", "09:00"),
        ("-", "-"),
        ("1-2,3-4,5-6,7-8,9-10,11-12,13-14", str(INTERVALS_MOST)),
        ("9" * (TEXT_MOST + 1), str(TEXT_MOST)),
    ],
)
def test_what_is_wrong_is_said_in_words(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=r".{10,}") as refused:
        read(text)
    assert says in str(refused.value)


@given(st.one_of(st.text(max_size=60), st.text("0123456789:.,-–; ", max_size=60)))
def test_nothing_that_is_typed_breaks_it(text: str) -> None:
    try:
        found = read(text)
    except ValueError:
        return
    assert all(0 <= one.start < one.end <= DAY for one in found)
    assert all(before.end < after.start for before, after in pairwise(found))
    assert read(written(found)) == found


@pytest.mark.parametrize("name", ["", "Nowhere/Town", "../etc/passwd", "\x00", "/etc/localtime", "Europe"])
def test_a_zone_that_is_none_is_utc(name: str) -> None:
    at_nine = zones.span(date(2026, 7, 1), Interval(540, 600), zones.zone(name))
    assert at_nine == zones.span(date(2026, 7, 1), Interval(540, 600), zones.zone("UTC"))
