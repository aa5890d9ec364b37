"""The lab itself: one run of few rows in real browsers over real links."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.call_lab.calls import LINES_SAID
from support.config.schema import BASE_DIR

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.xdist_group("e2e"), pytest.mark.timeout(420)]


def test_calls_survive_and_no_line_is_lost(tmp_path: Path) -> None:
    results = tmp_path / "call-lab.json"
    done = subprocess.run(
        [sys.executable, "-m", "bench.call_lab", "--quick", "--json", str(results)],
        cwd=BASE_DIR,
        capture_output=True,
        text=True,
        timeout=410,
        check=False,
    )
    # Also where the machine forbids the lab: a call nobody could check is not a call that works.
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    rows = json.loads(results.read_text())["rows"]
    assert {row["row"] for row in rows} == {"setup", "blackhole-3", "web-killed"}
    for row in rows:
        for run in row["runs"]:
            assert not run["faults"]
            assert all(lines["said"] >= LINES_SAID for lines in run["figures"]["chat"].values())
