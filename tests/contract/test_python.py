"""Programs that are forked from a process with the libraries find themselves, and end, as if they had been executed."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from harness import python
from support.config.schema import BASE_DIR

PROGRAM = ["-m", "tests.contract.program", "a word", "ş"]
WHO_STARTS_ONE = """
import os, subprocess, sys
from harness import python
python.preload()
process = python.start(["-m", "tests.contract.program"], env=os.environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
process.stdout.readline()
print(process.pid, flush=True)
sys.stdin.read()
"""


@pytest.fixture(params=[True, False], ids=["forked", "executed"])
def _way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(python, "_preloaded", request.param)


@pytest.mark.usefixtures("_way")
def test_it_finds_its_words_environment_and_folder(tmp_path: Path) -> None:
    done = python.run(PROGRAM, env={"WORD": "x" * 50_000, "PATH": os.defpath})
    assert json.loads(done.stdout) == [PROGRAM[2:], "x" * 50_000, str(BASE_DIR), True]
    assert (done.returncode, done.stderr) == (0, "of another kind\n")


@pytest.mark.usefixtures("_way")
def test_one_that_is_given_as_text_is_the_main_program() -> None:
    done = python.run(["-c", "import sys; print(__name__, sys.argv)", "a word"], env=os.environ)
    assert (done.returncode, done.stdout, done.stderr) == (0, "__main__ ['-c', 'a word']\n", "")


@pytest.mark.usefixtures("_way")
@pytest.mark.parametrize("status", [0, 3])
def test_its_streams_and_its_status(status: int) -> None:
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    process = python.start(PROGRAM, env=os.environ, **pipes)
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stdout.readline().startswith("[")
    assert process.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.01)
    process.stdin.write(f"{status}\n")
    process.stdin.close()
    assert process.stdout.read() == "of another kind\n"
    assert [process.wait(20), process.wait(), process.poll()] == [status] * 3
    process.kill()  # nobody is there any more


# What is executed may have inherited that it ignores Ctrl-C.
@pytest.mark.parametrize(
    ("forked", "number"),
    [(way, number) for way in (True, False) for number in (signal.SIGTERM, signal.SIGKILL)] + [(True, signal.SIGINT)],
)
def test_signals_end_it(monkeypatch: pytest.MonkeyPatch, forked: bool, number: signal.Signals) -> None:
    monkeypatch.setattr(python, "_preloaded", forked)
    own = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "start_new_session": True}
    process = python.start(PROGRAM, env=os.environ, **own)
    assert process.stdout is not None
    assert process.stdout.readline()
    assert os.getsid(process.pid) == process.pid
    assert _ended_by(process, number) == -number
    assert not psutil.pid_exists(process.pid)


def _ended_by(process: python.Process, number: signal.Signals) -> int:
    """Python looks at signals between two instructions: one that comes after the look and before the wait for a line is
    seen when the next one ends that wait."""
    for _ in range(20):
        process.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.wait(1)
    raise AssertionError(f"{number!r} did not end it")


def test_it_does_not_outlive_who_started_it() -> None:
    starter = subprocess.Popen(
        [sys.executable, "-c", WHO_STARTS_ONE], cwd=BASE_DIR, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert starter.stdout is not None
    program = psutil.Process(int(starter.stdout.readline()))
    starter.kill()
    starter.wait()
    program.wait(20)
