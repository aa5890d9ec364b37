"""What is measured: a redis-server, web processes and, where asked for, worker and beat, started as the Procfile does.

Everything lives in one temporary folder and ends with `Stack.close`, process by process.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from harness import database, python
from harness.programs import ROOT, WEB, Program, Web, free_port
from support.config.schema import Config
from support.launcher.redis_server import RedisServer
from support.launcher.supervisor import read_procfile

__all__ = ["ROOT", "WEB", "Stack", "Usage", "Web"]

START_SECS = 180.0
"""For commands that run to their end; machines under test are busy."""
UNLIMITED = {
    # The measured thing is the relay, not the patience of the limits; the code that checks them runs all the same.
    "SOCKET_FRAME_BURST": "1000000",
    "SOCKET_FRAME_RATE": "1000000",
    "SOCKET_OPEN_LIMIT": "1000000/minute",
    "SOCKET_MAX_PER_ADDRESS": "1000000",
    "JOIN_LIMIT": "1000000/minute",
}


@dataclass(frozen=True)
class Usage:
    """CPU seconds (user and system) so far: of the web processes together, and of Redis."""

    web: float
    redis: float

    def __sub__(self, other: Usage) -> Usage:
        return Usage(self.web - other.web, self.redis - other.redis)


class Stack:
    """`server` is uvicorn or daphne; `command` starts one web process; `workers`: the Procfile's worker and beat too.

    `settings` go over the bench's own.
    """

    def __init__(
        self,
        server: str,
        processes: int = 2,
        command: tuple[str, ...] = WEB,
        *,
        workers: bool = False,
        settings: dict[str, str] | None = None,
    ) -> None:
        self.server = server
        self.webs: list[Web] = []
        self.programs: dict[str, Program] = {}
        """`worker` and `beat`."""
        self.folder = Path(tempfile.mkdtemp(prefix="adminara-bench-"))
        self.redis_socket = self.folder / "redis.sock"
        self.redis = RedisServer(self.folder / "redis", self.redis_socket, os.environ.get("PATH", ""))
        kept = {name: value for name, value in os.environ.items() if name not in Config.model_fields}
        self.environment = {
            **kept,
            **UNLIMITED,
            "ENV_FILE": os.devnull,
            "DJANGO_ENV": "development",
            "SECRET_KEY": "of-the-bench-0123456789-0123456789-0123456789-0123456789",
            "DATA_DIR": str(self.folder),
            "REDIS_URL": f"unix://{self.redis_socket}?db=0",
            "LOG_LEVEL": "WARNING",
            "WEB_SERVER": server,
            **(settings or {}),
        }
        try:
            self._start(processes, command, workers)
        except BaseException:
            self.close()
            raise

    def _start(self, processes: int, command: tuple[str, ...], workers: bool) -> None:
        self.redis.start()
        database.place(self.folder / database.NAME)
        # With a worker there may be many words in a fault; without one, what a web process says belongs on the screen.
        log = self.folder / "processes.log" if workers else None
        self.webs = [Web(command, self.environment, log) for _ in range(processes)]
        if workers:
            lines = read_procfile(ROOT / "Procfile")
            for name in ("worker", "beat"):
                words = [sys.executable, "-m", *lines[name]]
                # Each has figures of its own to show, and no two may want the same port.
                environment = {**self.environment, "WORKER_METRICS_PORT": str(free_port())}
                self.programs[name] = Program(tuple(words), environment, log)
        for program in (*self.webs, *self.programs.values()):
            program.start()
        for web in self.webs:
            web.wait_ready()

    def sign_in(self, operators: int) -> list[str]:
        """Session keys of so many operators."""
        names = [f"bench-{number}" for number in range(operators)]
        keys = list(json.loads(self.run("-m", "harness.operators", *names)).values())
        return keys

    def departments(self, members: Mapping[str, Sequence[str]]) -> None:
        """`members`: who serves each, by key."""
        self.run("-m", "harness.departments", json.dumps({key: list(names) for key, names in members.items()}))

    def manage(self, *words: str) -> Any:
        """What a command of manage.py prints as JSON."""
        return json.loads(self.run("manage.py", *words))

    def said(self) -> str:
        """The last that its processes wrote, if that did not go to the screen."""
        log = self.folder / "processes.log"
        return log.read_text(errors="replace")[-4000:] if log.exists() else ""

    def usage(self) -> Usage:
        return Usage(sum(_cpu(web.process) for web in self.webs), _cpu(psutil.Process(self.redis_pid)))

    @property
    def redis_pid(self) -> int:
        return int((self.folder / "redis" / "redis.pid").read_text())

    def resident(self) -> int:
        """Bytes of memory that all web processes hold."""
        return sum(web.process.memory_info().rss for web in self.webs)

    def close(self) -> None:
        """Ends what was started, by process id, and removes the folder."""
        for program in (*self.programs.values(), *self.webs):
            program.close()
        self.redis.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, *arguments: str) -> str:
        done = python.run(arguments, env=self.environment, timeout=START_SECS)
        # `queue check` says by its status what its JSON says in words.
        if done.returncode not in (0, 1) or (done.returncode and not done.stdout.strip()):
            raise RuntimeError(f"{' '.join(arguments)} ended with status {done.returncode}\n{done.stderr}")
        return done.stdout


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
