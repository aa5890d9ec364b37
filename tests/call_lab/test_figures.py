"""From samples to figures to verdicts."""

from pathlib import Path

import pytest

from bench.call_lab.gates import FIREFOX_ROWS, ROWS, Row, in_firefox
from bench.call_lab.measure import (
    Record,
    Sample,
    compare_all,
    compare_lines,
    concealment,
    handover,
    longest_gap,
    longest_hole,
    recovery,
    steps,
)
from bench.call_lab.report import judge, known_misses, table
from bench.call_lab.runner import Outcome


def heard(silence: range, length: int = 100) -> list[Sample]:
    """A sample each 100 ms; 5 packets come between two, none while in `silence` (sample numbers)."""
    samples: list[Sample] = []
    packets = 0
    for number in range(length):
        packets += 0 if number in silence else 5
        samples.append({"t": number * 100.0, "ap": packets, "as": number * 4800, "ac": 480 * min(number, 50)})
    return samples


def test_a_gap_is_from_the_last_packet_to_the_next() -> None:
    assert longest_gap(heard(range(30, 60)), "ap", 3000, 6000) == pytest.approx(3020, abs=1)


def test_ordinary_spacing_is_no_gap() -> None:
    assert longest_gap(heard(range(0)), "ap", 3000, 6000) == 0


def test_a_gap_without_end_is_no_figure() -> None:
    assert longest_gap(heard(range(30, 100)), "ap", 3000, 9000) is None


def test_a_page_that_could_not_look_shows() -> None:
    assert longest_hole(heard(range(0)), 0, 9000) == 100
    assert longest_hole([*heard(range(0), 20), {"t": 5000.0}], 0, 9000) == 3100


def test_recovery_is_measured_from_the_repair() -> None:
    assert recovery(heard(range(30, 60)), "ap", 5000) == pytest.approx(920, abs=1)
    assert recovery(heard(range(30, 100)), "ap", 5000) is None


def test_concealment_is_a_share_of_what_was_played() -> None:
    assert concealment(heard(range(0)), 0, 4000) == pytest.approx(10)
    assert concealment(heard(range(0)), 6000, 9000) == 0


def test_ladder_steps_are_changes_of_the_sent_picture() -> None:
    sent = [{"t": t, "sends": height} for t, height in enumerate([720, 720, 360, 360, 0, 180])]
    assert steps(sent, 1) == [720, 360, 0, 180]


def test_lines_lost_doubled_and_out_of_order_are_counted() -> None:
    chat = compare_lines(["c-1", "c-2", "c-3", "c-4"], ["c-1", "c-3", "c-2", "c-2"])
    assert (chat.said, chat.lost, chat.doubled, chat.disordered) == (4, 1, 1, 1)


def test_who_speaks_next_begins_with_numbers_anew() -> None:
    chat = compare_all([["d-1", "d-2"], ["e-1", "e-2"]], ["d-1", "d-2", "e-2", "e-1", "e-1"])
    assert (chat.said, chat.lost, chat.doubled, chat.disordered) == (4, 0, 1, 1)
    assert compare_all([["d-1"], ["e-1"]], ["e-1"]).lost == 1


def test_a_handover_is_from_the_claim_to_the_later_of_both_sides() -> None:
    def record(*events: tuple[float, str]) -> Record:
        return Record([], [{"t": t, "what": what, "kind": "audio"} for t, what in events], [])

    customer = record((100, "in queue:ready"), (300, "unmute"), (1000, "in queue:ready"), (1400, "unmute"))
    operator = record((900, "in resync"), (1700, "unmute"))
    assert handover({"customer": customer, "operator": operator}, 950) == 700
    assert handover({"customer": customer, "operator": record()}, 950) is None
    assert handover({"customer": record((100, "in queue:ready")), "operator": operator}, 950) is None


ROW = Row("some-row", "some test", lambda context: None, "gap", 100)


def outcome(gap: float | None = 50, **fields: object) -> Outcome:
    return Outcome("some-row", {} if gap is None else {"gap": gap}, **fields)  # type: ignore[arg-type]


def test_the_median_decides() -> None:
    assert judge(ROW, [outcome(50), outcome(90), outcome(400)], {}).state == "met"
    assert judge(ROW, [outcome(50), outcome(190), outcome(400)], {}).state == "missed"
    assert judge(ROW, [outcome(190)], {}, gated=False).state == "shown"


def test_a_known_miss_is_accepted_a_lost_line_never() -> None:
    assert judge(ROW, [outcome(190)], {"some-row": "slow"}).state == "known"
    assert judge(ROW, [outcome(50, faults=["1 of customer's lines lost"])], {"some-row": "slow"}).state == "broken"


def test_a_run_without_its_figure_is_not_met() -> None:
    assert judge(ROW, [outcome(None)], {}).state == "broken"


def test_the_table_names_what_was_lost() -> None:
    text = table([judge(ROW, [outcome(50, faults=["1 of customer's lines lost"])], {})])
    assert "broken" in text
    assert "some-row: 1 of customer's lines lost" in text


def test_rows_with_firefox_have_names_and_misses_of_their_own_and_the_same_gates() -> None:
    rows = in_firefox(ROWS, ["customer"], every=False)
    assert {row.name.removesuffix("-firefox-customer") for row in rows} == FIREFOX_ROWS
    plain = {row.name: row for row in ROWS}
    assert all(row.limit == plain[row.name.removesuffix("-firefox-customer")].limit for row in rows)
    assert len(in_firefox(ROWS, ["customer", "operator"], every=True)) == len(ROWS)


def test_known_misses_name_rows_that_exist_and_give_a_reason(tmp_path: Path) -> None:
    listed = known_misses()
    sides = [["customer"], ["operator"], ["customer", "operator"]]
    firefox = {row.name for foxes in sides for row in in_firefox(ROWS, foxes, every=True)}
    assert set(listed) <= {row.name for row in ROWS} | firefox
    assert all(len(reason) > 10 for reason in listed.values())
    sample = tmp_path / "misses.md"
    sample.write_text("| row | m | gate | reason |\n|---|---|---|---|\n| `rate-20` | 9 % | 2 % | no ladder yet |\n")
    assert known_misses(sample) == {"rate-20": "no ladder yet"}
