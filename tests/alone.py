"""What failed beside other tests, once more with nothing beside it: `python -m tests.alone STATUS`.

Browsers that encode and decode pictures in software, and stacks that are killed under load, keep real time. Beside
three other workers on two cores one of them is starved for a minute now and then. What fails by itself too has failed,
and so has every other test at once: nothing else is allowed to depend on how busy the machine is.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

MOST = 3
"""With more of them it is hardly the machine."""
REAL_TIME = ("tests/e2e/", "tests/call_lab/", "tests/chaos/", "tests/attack/")
FAILED = Path(".pytest_cache/v/cache/lastfailed")


def to_repeat(status: int, failed: list[str]) -> list[str]:
    """The ids to run once more, without the names of their groups. Raises `SystemExit` where none may be.

    `status` is how pytest ended: 1 says that tests failed, and nothing else went wrong. `failed` are ids as pytest
    keeps them, `tests/e2e/test_call.py::test_call@e2e`.
    """
    if status != pytest.ExitCode.TESTS_FAILED or not 0 < len(failed) <= MOST:
        raise SystemExit(status)
    if others := [test for test in failed if not test.startswith(REAL_TIME)]:
        raise SystemExit(f"Failed, and is not run once more, as it needs no browser and no load: {', '.join(others)}")
    return [test.rpartition("@")[0] or test for test in failed]


def main() -> None:
    tests = to_repeat(int(sys.argv[1]), list(json.loads(FAILED.read_text())))
    print(f"\nOnce more, with nothing beside it: {', '.join(tests)}", flush=True)
    if status := pytest.main([*tests, "-n", "0", "--durations=3"]):
        raise SystemExit(int(status))
    print(f"Passed only by itself: {', '.join(tests)}")


if __name__ == "__main__":
    main()
