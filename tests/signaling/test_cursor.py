"""The numbering of one connection, without a connection: whatever the bus loses, doubles or shuffles, each frame is
written once and in order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.connection.cursor import Cursor, Step
from signaling.wire.envelope import OTHER, Envelope

EPOCH = b"7"


def frame(seq: int, epoch: bytes = EPOCH) -> Envelope:
    return Envelope(seq, epoch, "cid", OTHER, b'{"n":%d}' % seq)


class Page:
    """What a connection does with its cursor, and a store that has every frame sent so far."""

    def __init__(self) -> None:
        self.cursor = Cursor()
        self.cursor.follow(7, 0)
        self.stored = 0
        self.written: list[int] = []

    def arrives(self, envelope: Envelope) -> None:
        step = self.cursor.deliver(envelope)
        if step is Step.WRITE:
            self.written.append(envelope.seq)
        # A gap is filled later: until then everything is held.

    def is_repaired(self) -> bool:
        missing = [frame(seq) for seq in range(self.cursor.sent + 1, self.stored + 1)]
        for envelope in self.cursor.refill(missing):
            if self.cursor.is_beyond_gap(envelope):
                return False
            self.arrives(envelope)
        return True


ARRIVALS = st.lists(
    st.one_of(
        st.tuples(st.just("sent"), st.integers(0, 3)),  # stored, and published so many times
        st.tuples(st.just("late"), st.integers(1, 12)),  # an earlier one comes once more
        st.tuples(st.just("state"), st.just(0)),  # un-numbered
        st.tuples(st.just("old"), st.integers(1, 99)),  # of an older mailbox
        st.tuples(st.just("repair"), st.just(0)),
    ),
    max_size=60,
)


@given(ARRIVALS)
def test_each_frame_is_written_once_and_in_order(arrivals: list[tuple[str, int]]) -> None:
    page, states = Page(), 0
    for what, number in arrivals:
        if what == "sent":
            page.stored += 1
            for _ in range(number):
                page.arrives(frame(page.stored))
        elif what == "late" and page.stored:
            page.arrives(frame(1 + number % page.stored))
        elif what == "state":
            states += 1
            page.arrives(frame(0))
        elif what == "old":
            page.arrives(frame(number, b"6"))
        elif page.cursor.held is not None:
            assert page.is_repaired()
    page.cursor.held = page.cursor.held or []
    assert page.is_repaired()
    assert [seq for seq in page.written if seq] == list(range(1, page.stored + 1))
    assert page.written.count(0) == states


@given(st.lists(st.integers(0, 30)))
def test_the_common_case_decides_as_the_whole_rule(seqs: list[int]) -> None:
    quick, whole = Cursor(), Cursor()
    for cursor in (quick, whole):
        cursor.follow(7, 3)
    for seq in seqs:
        advanced = quick.advance(seq, EPOCH)
        step = whole.deliver(frame(seq)) if advanced or seq <= whole.sent else None
        assert advanced == (step is Step.WRITE and seq > 0)
        assert quick.sent == whole.sent


@pytest.mark.parametrize("seq", [1, 4, 9, 2**53])
def test_nothing_of_an_older_mailbox_is_next(seq: int) -> None:
    cursor = Cursor()
    cursor.follow(7, 3)
    assert not cursor.advance(seq, b"6")
    assert cursor.deliver(frame(seq, b"6")) is Step.DUPLICATE
    assert cursor.sent == 3


def test_a_gap_that_the_store_cannot_fill_is_seen() -> None:
    cursor = Cursor()
    cursor.follow(7, 0)
    assert cursor.deliver(frame(3)) is Step.GAP
    assert cursor.deliver(frame(4)) is Step.HELD
    [first, *_] = cursor.refill([frame(2)])
    assert cursor.is_beyond_gap(first)


def test_what_was_left_in_the_store_is_no_gap() -> None:
    cursor = Cursor()
    cursor.follow(7, 0)
    cursor.leave(frame(1))
    assert not cursor.is_beyond_gap(frame(2))
    assert cursor.caught_up()
    assert not cursor.caught_up()


@given(st.lists(st.integers(-1, 12), max_size=20))
def test_acknowledgements_only_rise_and_never_pass_what_was_sent(seqs: list[int]) -> None:
    cursor = Cursor()
    cursor.follow(7, 3)
    for seq in range(4, 10):
        assert cursor.advance(seq, EPOCH)
    seen = 3
    for seq in seqs:
        if seq > 9:
            with pytest.raises(ValueError, match="never sent"):
                cursor.acknowledge(seq)
        else:
            assert cursor.acknowledge(seq) == (seq > seen)
            seen = max(seen, seq)
        assert cursor.seen == seen
        assert cursor.unstored == seen - 3
