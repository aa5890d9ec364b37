"""What is measured: a redis-server and web processes of their own, started as the Procfile starts them.

Everything lives in one temporary folder and ends with `Stack.close`, process by process.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import psutil

from support.launcher.parent import die_with_parent
from support.launcher.redis_server import RedisServer

ROOT = Path(__file__).parent.parent
WEB = (sys.executable, "-m", "support.web")
START_SECS = 60.0
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


class Web:
    """One web process. `url` is its WebSocket base, `origin` what its own pages carry."""

    def __init__(self, command: tuple[str, ...], environment: dict[str, str]) -> None:
        self.port = _free_port()
        self.url = f"ws://127.0.0.1:{self.port}"
        self.origin = f"http://127.0.0.1:{self.port}"
        self._process = subprocess.Popen(
            [*command, "--announce"],
            cwd=ROOT,
            env={**environment, "PORT": str(self.port)},
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=die_with_parent,
        )
        self.process = psutil.Process(self._process.pid)

    def wait_ready(self) -> None:
        """Returns when it serves. Raises RuntimeError when it ended instead."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("ready"):
                return
        raise RuntimeError("A web process did not start; its reason stands above.")

    def close(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Stack:
    """`server` is uvicorn or daphne; `command` starts one web process."""

    def __init__(self, server: str, processes: int = 2, command: tuple[str, ...] = WEB) -> None:
        self.server = server
        self.webs: list[Web] = []
        self._folder = Path(tempfile.mkdtemp(prefix="adminara-bench-"))
        redis_socket = self._folder / "redis.sock"
        self._redis = RedisServer(self._folder / "redis", redis_socket, os.environ.get("PATH", ""))
        self._environment = {
            **os.environ,
            **UNLIMITED,
            "ENV_FILE": os.devnull,
            "DJANGO_ENV": "development",
            "SECRET_KEY": "of-the-bench-0123456789-0123456789-0123456789-0123456789",
            "DATA_DIR": str(self._folder),
            "REDIS_URL": f"unix://{redis_socket}?db=0",
            "LOG_LEVEL": "WARNING",
            "WEB_SERVER": server,
        }
        try:
            self._start(processes, command)
        except BaseException:
            self.close()
            raise

    def _start(self, processes: int, command: tuple[str, ...]) -> None:
        self._redis.start()
        self._run("manage.py", "migrate", "--verbosity", "0")
        self.webs = [Web(command, self._environment) for _ in range(processes)]
        for web in self.webs:
            web.wait_ready()

    def sign_in(self, operators: int) -> list[str]:
        """Session keys of so many operators."""
        keys: list[str] = json.loads(self._run("-m", "bench.operators", str(operators)))
        return keys

    def usage(self) -> Usage:
        redis_pid = int((self._folder / "redis" / "redis.pid").read_text())
        return Usage(sum(_cpu(web.process) for web in self.webs), _cpu(psutil.Process(redis_pid)))

    def resident(self) -> int:
        """Bytes of memory that all web processes hold."""
        return sum(web.process.memory_info().rss for web in self.webs)

    def close(self) -> None:
        """Ends what was started, by process id, and removes the folder."""
        for web in self.webs:
            web.close()
        self._redis.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self._environment,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
            timeout=START_SECS,
        )
        return done.stdout


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
