"""One process of a stack: started, killed, started again under the same address, and ended for certain."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil

from harness import python
from harness.processes import free_port as free_port
from support.launcher.parent import die_with_parent

ROOT = Path(__file__).parent.parent
WEB = (sys.executable, "-m", "support.web")


class Program:
    """Says what it has to say into `log`, or onto this process' stderr."""

    def __init__(self, command: tuple[str, ...], environment: dict[str, str], log: Path | None) -> None:
        self.command = command
        self.environment = environment
        self._log = log
        self._process: python.Process | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def process(self) -> psutil.Process:
        return psutil.Process(self.pid)

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self, **environment: str) -> None:
        """`environment` goes over its own this time."""
        errors = self._log.open("a") if self._log is not None else None
        environment = {**self.environment, **environment}
        streams = {"stdin": subprocess.DEVNULL, "stdout": self._stdout(errors), "stderr": errors}
        program, *words = self.command
        if program == sys.executable:
            self._process = python.start(words, env=environment, preexec_fn=die_with_parent, **streams)
        else:
            self._process = subprocess.Popen(
                self.command, cwd=ROOT, env=environment, text=True, preexec_fn=die_with_parent, **streams
            )
        if errors is not None:
            errors.close()

    def _stdout(self, errors: Any) -> Any:
        return errors

    def kill(self) -> None:
        """In the middle of whatever it does."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def wait(self, secs: float = 30) -> int:
        """Its exit status, when it ends by itself."""
        assert self._process is not None
        return self._process.wait(secs)

    def close(self, secs: float = 15) -> None:
        if not self.runs:
            return
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(secs)
        except subprocess.TimeoutExpired:
            self.kill()


class Web(Program):
    """One web process. `url` is its WebSocket base, `origin` what its own pages carry; they stay over restarts."""

    def __init__(self, command: tuple[str, ...], environment: dict[str, str], log: Path | None = None) -> None:
        self.port = free_port()
        self.url = f"ws://127.0.0.1:{self.port}"
        self.origin = f"http://127.0.0.1:{self.port}"
        super().__init__((*command, "--announce"), {**environment, "PORT": str(self.port)}, log)

    def _stdout(self, errors: Any) -> Any:
        return subprocess.PIPE

    def wait_ready(self) -> None:
        """Returns when it serves. Raises RuntimeError when it ended instead."""
        assert self._process is not None
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("ready"):
                return
        raise RuntimeError(f"A web process did not start; its reason stands {self._log or 'above'}.")
