"""Guessing from two real processes at once: the count holds over both, and a code opens once."""

from __future__ import annotations

import json
import os
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from accounts import otp
from harness import database, python

PROCESSES = 2


def together(verb: str, answers: list[list[str]], **environment: str) -> Counter[str]:
    """Runs `verb` in one process per list of answers, started at the same moment; the sum of their counts."""
    words = ["-m", "tests.accounts.processes", verb]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    running = [python.start([*words, ",".join(mine)], env={**os.environ, **environment}, **pipes) for mine in answers]
    try:
        for process in running:
            assert process.stdout is not None
            assert process.stdout.readline().strip() == "ready"
        for process in running:
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
        total: Counter[str] = Counter()
        for process in running:
            assert process.stdout is not None
            total.update(json.loads(process.stdout.read()))
        return total
    finally:
        for process in running:
            process.kill()
            process.wait()


def test_attempts_never_exceed_the_cap_over_both_processes():
    otp.issue("ayse", "123456")
    seen = together("answers", [["000000"] * 400] * PROCESSES)
    assert seen == {"wrong": 4, "burned": 1, "none": 795}
    assert otp.check("ayse", "123456") is otp.Outcome.NONE


def test_of_many_right_answers_one_succeeds():
    otp.issue("ayse", "123456")
    assert together("answers", [["123456"] * 200] * PROCESSES) == {"ok": 1, "none": 399}


def test_guesses_in_one_browser_leave_the_code_of_another_alone():
    otp.issue("ayse", "123456", "desk")
    otp.issue("ayse", "654321", "stranger")
    mixed = [["stranger=000000"] * 200 + ["desk=123456"] * 20] * PROCESSES
    assert together("browsers", mixed) == {"wrong": 4, "burned": 1, "ok": 1, "none": 434}


@pytest.fixture
def stack(tmp_path: Path) -> dict[str, str]:
    """A database on disk with one operator, for processes of their own."""
    database.place(tmp_path / database.NAME)
    environment = {"DATABASE_URL": f"sqlite:///{tmp_path / database.NAME}", "ALLOWED_HOSTS": "testserver"}
    manage(environment, "createoperator", "ayse", "--name", "Ayşe")
    return environment


def manage(environment: dict[str, str], *words: str) -> str:
    done = python.run(["manage.py", *words], env={**os.environ, **environment})
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_endpoint_locks_a_guesser_out_over_both_processes(stack):
    code = manage(stack, "otp", "ayse").splitlines()[-1]
    guesses = [f"{n:06d}" for n in range(24) if f"{n:06d}" != code][:20]
    seen = together("posts", [guesses, guesses], **stack)
    assert seen == {"401": 5, "423": 35}
    code = manage(stack, "otp", "ayse").splitlines()[-1]
    assert together("posts", [[code]], **stack) == {"423": 1}


def test_the_endpoint_signs_in_once_for_many_right_answers(stack):
    code = manage(stack, "otp", "ayse").splitlines()[-1]
    seen = together("posts", [[code] * 16] * PROCESSES, LOCKOUT_FAILURES="100", **stack)
    assert seen == {"200": 1, "401": 31}
    assert len(json.loads(manage(stack, "sessions", "list", "--json"))["sessions"]) == 1
