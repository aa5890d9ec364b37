"""The short part of `make chaos`: a real stack loses Redis, its worker in the middle of a send, and a web process."""

from __future__ import annotations

import subprocess
import sys

import pytest

from bench.chaos.__main__ import ALERTS, alert, chosen
from bench.chaos.faults import FAULTS
from support.config.schema import BASE_DIR


@pytest.mark.slow
@pytest.mark.timeout(420)
@pytest.mark.xdist_group("chaos")
def test_nothing_is_lost_whatever_is_killed() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench.chaos", "--quick"], cwd=BASE_DIR, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "everything holds" in done.stdout
    assert len(chosen(None, quick=True)) == done.stdout.count("/health meanwhile: ") >= 3


def test_every_fault_that_takes_something_away_has_its_alert() -> None:
    missing = [alert(fault) for fault in FAULTS if ALERTS.name in alert(fault)]
    assert missing == []
