"""Our programs as processes of their own: `start(["-m", "support.web"], env=…)`, `run(["manage.py", "check"], env=…)`.

The tests start hundreds, and each would load the same libraries for most of a second of processor. After `preload`
they are forked from a process that has loaded them (`harness/nursery.py`). A bench of its own executes what it
starts, and the launcher is executed with all below it.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import IO, Any

from support.config.schema import BASE_DIR

_preloaded = False


def preload() -> None:
    """From now on this process' programs are forked, where the system can."""
    global _preloaded
    _preloaded = sys.platform == "linux"


class Forked:
    """A program of the nursery's, with as much of Popen as is used. Its output is text."""

    def __init__(self, order: dict[str, Any], stdin: Any, stdout: Any, stderr: Any) -> None:
        """The streams are as Popen takes them."""
        self.args = order["words"]
        with contextlib.ExitStack() as theirs:
            self.stdin, given = _stream(stdin, 0, theirs)
            self.stdout, taken = _stream(stdout, 1, theirs)
            self.stderr, complained = (None, taken) if stderr == subprocess.STDOUT else _stream(stderr, 2, theirs)
            self._answers, answering = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            theirs.enter_context(answering)
            streams = [given, taken, complained, answering.fileno()]
            socket.send_fds(_nursery(), [json.dumps(order).encode()], streams)
        self.pid = self._answer()

    def poll(self) -> int | None:
        try:
            return self.wait(0)
        except subprocess.TimeoutExpired:
            return None

    def wait(self, timeout: float | None = None) -> int:
        """As Popen's: what it exited with, or the signal that ended it as a negative number. Raises TimeoutExpired."""
        looking = select.poll()
        looking.register(self._answers, select.POLLIN)
        if not looking.poll(None if timeout is None else timeout * 1000):
            raise subprocess.TimeoutExpired(self.args, timeout or 0)
        # Left there for who asks again, in whichever thread.
        return self._answer(socket.MSG_PEEK)

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            # It may end between the two.
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _answer(self, how: int = 0) -> int:
        if not (answer := self._answers.recv(20, how)):
            raise RuntimeError("the nursery has ended")
        return int(answer)


Process = subprocess.Popen[str] | Forked


def start(
    words: Sequence[str], *, env: Mapping[str, str], folder: Path = BASE_DIR, stdin: Any = None, stdout: Any = None,
    stderr: Any = None, start_new_session: bool = False, preexec_fn: Callable[[], None] | None = None,
) -> Process:  # fmt: skip
    """`python …words` in `folder`, as text; the rest as Popen has it. What is forked ends with this process anyway, and
    does without `preexec_fn`."""
    # The loader's own variables are read where a program is executed.
    if _preloaded and folder == BASE_DIR and _may_be_forked(words) and "LD_PRELOAD" not in env:
        order = {"words": list(words), "env": dict(env), "session": start_new_session}
        return Forked(order, stdin, stdout, stderr)
    return subprocess.Popen(
        [sys.executable, *words], cwd=folder, env=env, text=True, stdin=stdin, stdout=stdout, stderr=stderr,
        start_new_session=start_new_session, preexec_fn=preexec_fn,
    )  # fmt: skip


def run(
    words: Sequence[str], *, env: Mapping[str, str], folder: Path = BASE_DIR, timeout: float = 120.0
) -> subprocess.CompletedProcess[str]:
    """The same to its end, with what it wrote. Raises TimeoutExpired."""
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        process = start(words, env=env, folder=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=errors)
        try:
            status = process.wait(timeout)
        finally:
            process.kill()
        for written in (output, errors):
            written.seek(0)
        return subprocess.CompletedProcess(process.args, status, output.read(), errors.read())


def _may_be_forked(words: Sequence[str]) -> bool:
    if words[0] == "-m":
        return words[1] != "support.launcher"
    return words[0] in ("-c", "manage.py", str(BASE_DIR / "manage.py"))


def _stream(asked: Any, usual: int, theirs: contextlib.ExitStack) -> tuple[IO[str] | None, int]:
    """This process' end, if there is one, and the program's, which `theirs` closes when it is not this process' own."""
    if asked is None:
        return None, usual
    if asked == subprocess.DEVNULL:
        return None, theirs.enter_context(open(os.devnull, "r+b", buffering=0)).fileno()
    if asked != subprocess.PIPE:
        return None, asked if isinstance(asked, int) else asked.fileno()
    reading, writing = os.pipe()
    mine, its = (writing, reading) if usual == 0 else (reading, writing)
    theirs.callback(os.close, its)
    return open(mine, "w" if usual == 0 else "r"), its


@cache
def _nursery() -> socket.socket:
    """Where it takes orders. It ends when this process does."""
    orders, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        subprocess.Popen(
            [sys.executable, "-m", "harness.nursery", str(theirs.fileno())],
            cwd=BASE_DIR, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL,
        )  # fmt: skip
    return orders
