"""Server processes and a Redis of their own, under the control of one driver."""

from __future__ import annotations

import itertools
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import redis

from harness import python
from harness.database import NAME, place, place_on_postgres
from harness.redis_process import RedisProcess
from tests.properties.wire import Wire

NAMESPACE = "property"
ANSWER_SECS = 20.0
# Short, so that few steps of time pass through many rules. BLINK (5 s, in the Lua) lies between the graces.
TIMES = {
    "PROCESS_LEASE_SECS": 4,
    "CALL_GRACE_SECS": 6,
    "QUEUE_GRACE_SECS": 8,
    "QUEUE_GRACE_MOBILE_SECS": 12,
    "WRAP_UP_SECS": 3,
    # Longer than any run: when nobody has answered is drawn as a step of its own.
    "ANSWER_SECS": 600,
    "ANSWER_ACT_SECS": 3600,
    "TRANSFER_HOLD_SECS": 600,
    "CALLBACK_HOLD_SECS": 10,
    "CALLBACK_LEAD_SECS": 300,
    "RECOVERY_SECS": 5,
    "STATE_TTL_SECS": 600,
    "QUEUE_MAX_LENGTH": 8,
    "PLACES_PER_ADDRESS": 3,
    "PLACES_PER_IPV6_56": 4,
    "PLACES_PER_IPV6_48": 7,
}


class Gone(Exception):
    """The process died before it answered: whether the step happened is unknown."""


class Process:
    """One actor. `stopped` while SIGSTOP holds it; requests sent meanwhile are carried out after SIGCONT."""

    def __init__(self, name: str, pid: int, wire: Wire) -> None:
        self.name = name
        self.pid = pid
        self.stopped = False
        self.alive = True
        self.waiting = 0
        self._wire = wire

    def send(self, name: str, *args: Any) -> None:
        self._wire.send((name, args))
        self.waiting += 1

    def receive(self) -> tuple[str, Any]:
        """`(kind, value)`; kinds ok, error, down. Raises Gone, or what broke in the actor as AssertionError."""
        try:
            kind, value = self._wire.receive()
        except TimeoutError as error:
            raise AssertionError(f"{self.name} does not answer") from error
        except (EOFError, ConnectionError) as error:
            raise Gone from error
        self.waiting -= 1
        assert kind != "crash", value
        return kind, value

    def call(self, name: str, *args: Any) -> tuple[str, Any]:
        try:
            self.send(name, *args)
        except OSError as error:
            raise Gone from error
        return self.receive()

    def signal(self, number: int) -> None:
        os.kill(self.pid, number)
        self.stopped = {signal.SIGSTOP: True, signal.SIGCONT: False}.get(signal.Signals(number), self.stopped)
        if number == signal.SIGKILL:
            self.alive = False

    def close(self) -> None:
        self._wire.close()


class Fleet:
    """`raw` is the driver's own connection, for reading keys without any of the project's code."""

    def __init__(self, *, database: bool = False) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="adminara-properties-"))
        self.redis = RedisProcess(self.folder, append_only=True)
        self.redis.start()
        self.raw = redis.Redis(unix_socket_path=str(self.redis.socket), decode_responses=True)
        self._address = str(self.folder / "driver.sock")
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self._address)
        self._listener.listen()
        self._names = itertools.count(1)
        self.processes: list[Process] = []
        environment = os.environ | {name: str(value) for name, value in TIMES.items()}
        environment |= {
            "REDIS_URL": self.redis.url,
            "REDIS_NAMESPACE": NAMESPACE,
            "DATA_DIR": str(self.folder),
            "COVERAGE_PROCESS_START": "",
        }
        if database and environment.get("DATABASE_URL"):
            environment["DATABASE_URL"] = place_on_postgres(f"properties_{secrets.token_hex(4)}")
        elif database:
            place(self.folder / NAME)
        words = ["-m", "tests.properties.actor", self._address, *(["database"] if database else [])]
        self._nursery = python.start(words, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._nursery.stdout is not None
        assert self._nursery.stdout.readline() == "ready\n", "the nursery did not start"

    def spawn(self, name: str | None = None) -> Process:
        """A new process with a new identity, as after a restart."""
        name = name or f"w{next(self._names)}"
        assert self._nursery.stdin is not None
        self._nursery.stdin.write(name + "\n")
        self._nursery.stdin.flush()
        connected, _address = self._listener.accept()
        connected.settimeout(ANSWER_SECS)
        wire = Wire(connected)
        process = Process(name, wire.receive(), wire)
        self.processes.append(process)
        return process

    def kill(self, process: Process) -> None:
        process.signal(signal.SIGKILL)
        self.processes.remove(process)

    def reset(self, count: int = 3) -> None:
        """`count` running processes without sockets or connections of a former run, and an empty Redis."""
        self.redis.ensure_empty()
        for process in [found for found in self.processes if found.stopped or found.waiting]:
            self.kill(process)
            process.close()
        self._names = itertools.count(1)
        for process in self.processes[count:]:
            self.kill(process)
        for process in self.processes:
            process.name = f"w{next(self._names)}"
            process.call("become", process.name)
        while len(self.processes) < count:
            self.spawn()

    def close(self) -> None:
        for process in list(self.processes):
            self.kill(process)
        self._nursery.kill()
        self._nursery.wait(10)
        self._listener.close()
        self.redis.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Fleet:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()
