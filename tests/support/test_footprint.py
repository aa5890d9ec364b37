"""`python -m bench.footprint`: what it reads out of /proc, and when it says that a goal is missed."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.footprint import GOAL_CPU, GOAL_MB, Cost, cpu_secs, memory_mb, missed, name_of, table

TICK = os.sysconf("SC_CLK_TCK")


@given(name=st.text(max_size=15), user=st.integers(0, 10**9), system=st.integers(0, 10**9))
def test_a_process_may_have_any_name(name: str, user: int, system: int) -> None:
    fields = ["S", *map(str, range(1, 11)), str(user), str(system), *["0"] * 30]
    assert cpu_secs(f"7 ({name}) {' '.join(fields)}") == (user + system) / TICK


def test_this_process_has_memory_and_has_worked() -> None:
    pss, rss = memory_mb(Path("/proc/self/smaps_rollup").read_text())
    assert 1 < pss <= rss
    assert 0 < cpu_secs(Path("/proc/self/stat").read_text()) < time.monotonic()


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("python -m support.launcher", "launcher"),
        ("python -m support.web", "web"),
        ("celery -q -A support.celery worker --embedded-beat", "worker"),
        ("celery -q -A support.celery beat --pidfile=", "beat"),
        ("/usr/bin/redis-server unixsocket:/tmp/redis.sock", "redis"),
        ("something else", "something else"),
    ],
)
def test_processes_have_short_names(command: str, name: str) -> None:
    assert name_of(command.split()) == name


def test_a_missed_goal_is_named() -> None:
    fits = [Cost("web", 1, GOAL_MB - 1, 0, 1, GOAL_CPU)]
    assert missed(fits) == []
    assert "goal" in table(fits)
    assert [fault.split(":")[0] for fault in missed([*fits, Cost("beat", 2, 2, 0, 1, 0.1)])] == ["memory", "processor"]
