"""Runs the processes of the Procfile: starts, prefixes their output, restarts what crashed, ends all in good order.

A process that cannot be kept up is tried again for ever, at longer and longer intervals: the others have work to do.
"""

import contextlib
import os
import shlex
import signal
import subprocess
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from support.launcher.parent import die_with_parent

STOP_SECS = 12.0
QUICK_SECS = 5.0  # a process that lived shorter has not really started
QUICK_ENDS_ALLOWED = 4
BACKOFF_FIRST, BACKOFF_LAST = 0.5, 30.0


def read_procfile(path: Path) -> dict[str, list[str]]:
    """`name: command` lines; commands are split as a shell would, without a shell."""
    commands: dict[str, list[str]] = {}
    for line in path.read_text().splitlines():
        name, separator, command = line.partition(":")
        if separator and not name.startswith("#"):
            commands[name.strip()] = shlex.split(command)
    return commands


@dataclass
class Child:
    """One line of the Procfile and the process that runs it now."""

    name: str
    command: list[str]
    process: subprocess.Popen[str] | None = None
    started: float = 0.0
    quick_ends: int = 0
    restart_at: float | None = None
    reader: threading.Thread | None = field(default=None, repr=False)


class Supervisor:
    """`start()`, then `check()` in a loop, then `stop()`. Every child has its own process group."""

    stop_secs = STOP_SECS

    def __init__(self, commands: Mapping[str, list[str]], environment: Mapping[str, str], folder: Path) -> None:
        self.children = [Child(name, command) for name, command in commands.items()]
        self.environment = dict(environment)
        self.folder = folder
        self._width = max(len(child.name) for child in self.children)

    def start(self) -> None:
        for child in self.children:
            self._start(child)

    def check(self) -> set[str]:
        """Restarts what ended. Returns the names of children that do not stay up."""
        now = time.monotonic()
        for child in self.children:
            if child.restart_at is not None:
                if now >= child.restart_at:
                    self._start(child)
            elif child.process is not None and child.process.poll() is not None:
                child.quick_ends = child.quick_ends + 1 if now - child.started < QUICK_SECS else 1
                wait = min(BACKOFF_LAST, BACKOFF_FIRST * 2.0 ** min(child.quick_ends - 1, 10))
                self._say(child, f"ended with status {child.process.returncode}, starting it again in {wait:g} s")
                child.restart_at = now + wait
            elif child.quick_ends and now - child.started >= QUICK_SECS:
                child.quick_ends = 0
        return {child.name for child in self.children if child.quick_ends > QUICK_ENDS_ALLOWED}

    def stop(self) -> None:
        """SIGTERM to all, SIGKILL to the groups of those that do not listen; returns when none is left."""
        for child in self.children:
            self._signal(child, signal.SIGTERM)
        deadline = time.monotonic() + self.stop_secs
        for child in self.children:
            if child.process is None:
                continue
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.process.wait(max(0.1, deadline - time.monotonic()))
            self._signal(child, signal.SIGKILL)  # also whatever it left behind in its group
            child.process.wait()
            if child.reader is not None:
                child.reader.join(1)

    def _start(self, child: Child) -> None:
        child.restart_at = None
        child.started = time.monotonic()
        child.process = subprocess.Popen(
            child.command,
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            bufsize=1,
            start_new_session=True,
            preexec_fn=die_with_parent,
        )
        child.reader = threading.Thread(target=self._copy, args=(child, child.process), daemon=True)
        child.reader.start()

    def _copy(self, child: Child, process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        for line in process.stdout:
            self._say(child, line.rstrip("\n"))

    def _say(self, child: Child, line: str) -> None:
        with contextlib.suppress(OSError, ValueError):  # nobody reads any more: that must not end the stack
            print(f"{child.name:{self._width}} | {line}", flush=True)

    def _signal(self, child: Child, number: signal.Signals) -> None:
        if child.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.process.pid, number)
