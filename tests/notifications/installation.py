"""A database file of its own, and real processes on it that tests start and kill."""

import json
import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from harness import python
from infra.redis.client import client, key
from support.celery import app

TOKEN = "123456:TEST-token-of-the-bot"

PATIENCE_SECS = 40.0


class Installation:
    """A database file and the processes on it. Redis is the one of the tests."""

    def __init__(self, folder: Path, telegram_url: str) -> None:
        self.folder = folder
        self.database = folder / "outbox.sqlite3"
        self.log = folder / "worker.log"
        self.environment = dict(os.environ) | {
            "DATABASE_URL": f"sqlite:///{self.database}",
            "TELEGRAM_BOT_TOKEN": TOKEN,
            "TELEGRAM_API_URL": telegram_url,
        }
        self._processes: list[python.Process] = []

    def run(self, *command: str) -> str:
        done = python.run(command, env=self.environment)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def ask(self, *verb: str) -> Any:
        return json.loads(self.run("-m", "tests.notifications.processes", *verb).splitlines()[-1])

    def start(self, *verb: str) -> python.Process:
        """A process that stands ready and goes on at the first line written to its stdin."""
        words = ["-m", "tests.notifications.processes", *verb]
        process = python.start(words, env=self.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._processes.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return process

    def start_worker(self, *options: str) -> python.Process:
        celery = ["-m", "celery", "-A", "support", "worker", "--without-mingle", "--without-gossip"]
        worker = python.start(
            [*celery, *options],
            env=self.environment, stdout=self.log.open("a"), stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        self._processes.append(worker)
        return worker

    def take_care_of(self, process: python.Process) -> None:
        """Ends it with the installation."""
        self._processes.append(process)

    def kill(self, worker: python.Process) -> None:
        """SIGKILL to the worker and its pool: nothing gets to clean up."""
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait(10)

    def end(self) -> None:
        for process in self._processes:
            if process.poll() is None:
                process.kill()
            for stream in (process.stdin, process.stdout, process.stderr):
                if stream:
                    stream.close()
            process.wait(10)

    def rows(self, columns: str = "state, attempts") -> list[tuple[Any, ...]]:
        with sqlite3.connect(self.database, timeout=10) as connection:
            return connection.execute(f"SELECT {columns} FROM notifications_outboxmessage ORDER BY id").fetchall()

    def execute(self, statement: str) -> None:
        with sqlite3.connect(self.database, timeout=10) as connection:
            connection.execute(statement)

    def await_rows(self, done: Callable[[list[tuple[Any, ...]]], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_SECS
        while not done(self.rows()):
            assert time.monotonic() < deadline, f"rows {self.rows()}; log:\n{self.log.read_text()[-3000:]}"
            time.sleep(0.02)


def await_worker() -> None:
    """Blocks until the (single) worker has done everything that was sent to it before."""
    for _ in range(2):  # what the first round handed on is done before the second
        client().delete(key("worker:heartbeat"))
        app.send_task("support.ops.heartbeat")
        deadline = time.monotonic() + PATIENCE_SECS
        while not client().exists(key("worker:heartbeat")):
            assert time.monotonic() < deadline
            time.sleep(0.01)
