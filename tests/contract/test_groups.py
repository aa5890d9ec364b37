"""Tests of one group run in one worker: what they share is started once. It takes a pytest and an xdist that fit."""

import os
import subprocess
import sys
from pathlib import Path

TESTS = """
import os
import pytest

pytestmark = pytest.mark.xdist_group("together")

@pytest.mark.parametrize("number", range(8))
def test_where(number):
    with open("workers", "a") as file:
        file.write(os.environ["PYTEST_XDIST_WORKER"] + "\\n")
"""


def test_a_group_stays_together(tmp_path: Path) -> None:
    (tmp_path / "test_group.py").write_text(TESTS)
    command = (
        "-m pytest -q -n 2 --dist loadgroup -c /dev/null --rootdir . -p no:cacheprovider -p no:django test_group.py"
    )
    done = subprocess.run(
        [sys.executable, *command.split(), "test_group.py"],
        cwd=tmp_path, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    workers = (tmp_path / "workers").read_text().split()
    assert len(workers) == 8
    assert len(set(workers)) == 1
