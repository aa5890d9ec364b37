"""The short part of `make chaos`: a real stack loses Redis, its worker in the middle of a send, and a web process."""

from __future__ import annotations

import pytest

from bench.chaos.__main__ import ALERTS, alert, chosen, main
from bench.chaos.faults import FAULTS


@pytest.mark.slow
@pytest.mark.timeout(420)
def test_nothing_is_lost_whatever_is_killed(capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["--quick"])
    printed = capsys.readouterr()
    assert status == 0, printed.out + printed.err
    assert "everything holds" in printed.out
    assert len(chosen(None, quick=True)) == printed.out.count("/health meanwhile: ") >= 3


def test_every_fault_that_takes_something_away_has_its_alert() -> None:
    missing = [alert(fault) for fault in FAULTS if ALERTS.name in alert(fault)]
    assert missing == []
