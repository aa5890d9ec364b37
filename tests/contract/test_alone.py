"""A browser's test that was starved beside others gets a second run; nothing else does."""

import pytest

from tests.alone import MOST, to_repeat

BROWSER = "tests/e2e/test_call.py::test_call[webkit@2]@e2e"


def test_what_keeps_real_time_is_run_once_more_under_its_own_name() -> None:
    chaos = "tests/chaos/test_faults.py::test_nothing_is_lost@chaos/test_faults"
    assert to_repeat(1, [BROWSER, chaos]) == [
        "tests/e2e/test_call.py::test_call[webkit@2]",
        "tests/chaos/test_faults.py::test_nothing_is_lost",
    ]


@pytest.mark.parametrize(
    ("status", "failed"),
    [
        (1, ["tests/queueing/test_lines.py::test_oldest_first@queueing/test_lines"]),
        (1, [BROWSER, "tests/properties/test_properties.py::test_invariants_hold[queue-0]"]),
        (1, [f"{BROWSER}-{number}" for number in range(MOST + 1)]),
        (1, []),
        (2, [BROWSER]),
        (3, [BROWSER]),
    ],
)
def test_everything_else_has_failed(status: int, failed: list[str]) -> None:
    with pytest.raises(SystemExit) as end:
        to_repeat(status, failed)
    assert end.value.code
