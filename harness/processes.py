"""Whole processes under test: started with their own environment, read line by line, ended for certain."""

import contextlib
import os
import queue
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import psutil

from harness import python
from support.config.schema import BASE_DIR, Config
from support.launcher.parent import die_with_parent

PORTS = range(20_000, 32_000)
"""Below those that systems give to whoever connects, or listens on none in particular: of these somebody else may have
one before the program that it was for has started."""
_reservations: list[socket.socket] = []


def free_port() -> int:
    """One of 127.0.0.1 that nobody listens on. As long as this process lives no other one is given it here."""
    first = random.randrange(len(PORTS))
    for port in (*PORTS[first:], *PORTS[:first]):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            if _reserved(port):
                return port
    raise OSError("no port is free")


def _reserved(port: int) -> bool:
    """Among all processes of this machine, by a name that ends with its owner; only Linux has such names."""
    if sys.platform != "linux":
        return True
    reservation = socket.socket(socket.AF_UNIX)
    try:
        reservation.bind(f"\0adminara-port-{port}")
    except OSError:
        reservation.close()
        return False
    _reservations.append(reservation)
    return True


def clean_environment(**settings: str) -> dict[str, str]:
    """This shell's environment without any of our settings, plus `settings`."""
    kept = {name: value for name, value in os.environ.items() if name not in Config.model_fields}
    return {**kept, "ENV_FILE": os.devnull, **settings}


_births = ThreadPoolExecutor(1, "births")
"""Linux binds a child that is to end with its parent to the thread that started it. This one lasts as long as we do."""


def start_bound(command: Sequence[str], number: int = signal.SIGKILL, **streams: Any) -> subprocess.Popen[bytes]:
    """A program that gets this signal when this process ends, however it does. `streams`: as Popen has them."""
    asked_for = partial(die_with_parent, number)
    return _births.submit(subprocess.Popen, command, preexec_fn=asked_for, **streams).result()


class Running:
    """A process whose output is collected; use as a context manager."""

    def __init__(self, *arguments: str, folder: Path = BASE_DIR, **settings: str) -> None:
        """`folder`: another checkout than this one, for comparisons."""
        self.lines: list[str] = []
        self._fresh: queue.Queue[str | None] = queue.Queue()
        self.process = python.start(
            arguments,
            folder=folder,
            env=clean_environment(**settings),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        threading.Thread(target=self._read, daemon=True).start()

    def __enter__(self) -> "Running":
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.terminate(10)
        for child in self.family():
            with contextlib.suppress(psutil.NoSuchProcess):
                child.kill()

    def await_line(self, matches: Callable[[str], bool], seconds: float = 60) -> str:
        """The next line that matches; fails with everything said so far when it does not come."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                line = self._fresh.get(timeout=max(0.01, deadline - time.monotonic()))
            except queue.Empty:
                line = None
            if line is None:
                raise AssertionError(f"the line did not come; output:\n{self.output()}")
            if matches(line):
                return line

    def output(self) -> str:
        return "\n".join(self.lines)

    def family(self) -> list[psutil.Process]:
        """The process and all below it, as long as it lives."""
        try:
            parent = psutil.Process(self.process.pid)
            return [parent, *parent.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def terminate(self, seconds: float = 30, number: int = signal.SIGTERM) -> int:
        """Sends the signal, waits, returns the exit status."""
        self.process.send_signal(number)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            self._fresh.put(self.lines[-1])
        self._fresh.put(None)


def manage(*arguments: str, folder: Path = BASE_DIR, **settings: str) -> "subprocess.CompletedProcess[str]":
    """`manage.py …` to its end; `folder` as for `Running`."""
    return python.run([str(folder / "manage.py"), *arguments], folder=folder, env=clean_environment(**settings))


def processes_mentioning(path: Path) -> list[str]:
    """Command lines and environments of living processes that belong to `path`."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            text = " ".join(process.cmdline())
            if process.status() != psutil.STATUS_ZOMBIE and (
                str(path) in text or process.environ().get("DATA_DIR") == str(path)
            ):
                found.append(text)
    return found
