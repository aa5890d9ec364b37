"""Ranges of bytes that players ask for: a part, the whole, or nothing that there is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra import ranges


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("bytes=0-", (0, 10)), ("bytes=0-0", (0, 1)), ("bytes=3-5", (3, 3)), ("bytes=9-99", (9, 1)),
        ("bytes=-4", (6, 4)),
        ("bytes=-99", (0, 10)), ("", None), ("bytes=-", None), ("bytes=5-3", None), ("bytes=0-1,3-4", None),
        ("lines=0-1", None), ("bytes=a-b", None), ("bytes=٣-٥", None),
    ],
)  # fmt: skip
def test_a_range_is_a_part_or_means_the_whole(header: str, part: tuple[int, int] | None) -> None:
    assert ranges.asked(header, 10) == part


@pytest.mark.parametrize(
    ("header", "size"), [("bytes=10-", 10), ("bytes=99-100", 10), ("bytes=-0", 10), ("bytes=0-", 0)]
)
def test_what_lies_behind_the_end_is_refused(header: str, size: int) -> None:
    with pytest.raises(ranges.Unsatisfiable):
        ranges.asked(header, size)


@given(st.text(max_size=30) | st.from_regex(r"bytes=\d{0,20}-\d{0,20}", fullmatch=True), st.integers(0, 1 << 40))
def test_whatever_is_asked_the_part_lies_within(header: str, size: int) -> None:
    try:
        part = ranges.asked(header, size)
    except ranges.Unsatisfiable:
        return
    if part is not None:
        first, length = part
        assert 0 <= first < first + length <= size
