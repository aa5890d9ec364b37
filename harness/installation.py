"""A whole installation under test: its own Redis, database, web process, worker, beat and fake Telegram.

Its processes log JSON; `lines()` are all of them so far, parsed, with the process' name under `process`.
"""

from __future__ import annotations

import json
import os
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from harness import database, python
from harness.fakes.telegram import FakeTelegram
from harness.processes import Running, clean_environment, free_port, manage
from harness.redis_process import RedisProcess

SECONDS = 60.0
TOKEN = "987654321:of-the-tests-and-nobody-else-00000000"
METRICS_TOKEN = "of-the-tests-0123456789-metrics"
CELERY = ("-m", "celery", "-q", "-A", "support.celery")


class Installation:
    """`start()` first. Every process is there under its name in `running`: web, worker, beat."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.redis = RedisProcess(folder / "redis")
        self.telegram = FakeTelegram()
        self.port, self.worker_port = free_port(), free_port()
        self.running: dict[str, Running] = {}
        self._ended: list[tuple[str, str]] = []
        self.environment = {
            "DJANGO_ENV": "development",
            "SECRET_KEY": "of-the-tests-0123456789-0123456789-0123456789-0123456789",
            "DATA_DIR": str(folder),
            "REDIS_URL": self.redis.url,
            "REDIS_NAMESPACE": "whole",
            "PORT": str(self.port),
            "LOG_FORMAT": "json",
            "LOG_LEVEL": "INFO",
            "METRICS_TOKEN": METRICS_TOKEN,
            "WORKER_METRICS_PORT": str(self.worker_port),
            "TELEGRAM_BOT_TOKEN": TOKEN,
            "TELEGRAM_API_URL": self.telegram.url,
            **settings,
        }

    @property
    def database(self) -> Path:
        return self.folder / database.NAME

    def start(self) -> None:
        self.telegram.__enter__()
        self.redis.start()
        database.place(self.database)
        self.manage("createoperator", "ayse", "--name", "Ayşe", "--chat-id", "1001")
        self.start_web()
        self.start_worker()
        self.await_health(lambda body: body["status"] == "healthy")

    def start_web(self) -> None:
        web = self._start("web", "-m", "support.web", "--announce")
        web.await_line(lambda line: line.startswith("ready "), SECONDS)

    def start_worker(self) -> None:
        """Worker and beat."""
        self._start("worker", *CELERY, "worker", "--pool", "threads", "--concurrency", "4", "--loglevel", "INFO")
        self._start("beat", *CELERY, "beat", "--pidfile=", "--loglevel", "WARNING")

    def _start(self, name: str, *arguments: str) -> Running:
        self.running[name] = Running(*arguments, **self.environment)
        return self.running[name]

    def kill(self, *names: str) -> None:
        """Ends processes in the middle of whatever they do."""
        for name in names:
            running = self.running.pop(name)
            for process in reversed(running.family()):
                os.kill(process.pid, signal.SIGKILL)
            running.process.wait(10)
            self._ended.append((name, running.output()))

    def stop(self) -> None:
        self.redis.resume()
        for running in self.running.values():
            running.__exit__()
        self.redis.stop()
        self.telegram.__exit__()

    def manage(self, *arguments: str) -> str:
        done = manage(*arguments, **self.environment)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def sessions(self, *names: str) -> dict[str, str]:
        """Operators that are signed in: adminId → session key."""
        done = python.run(["-m", "harness.operators", *names], env=clean_environment(**self.environment))
        assert done.returncode == 0, done.stderr
        return dict(json.loads(done.stdout.splitlines()[-1]))

    # -- asking --------------------------------------------------------------------------------------------------

    def get(self, path: str, *, port: int = 0, **headers: str) -> tuple[int, str]:
        """(status, body); a header's `_` stands for `-`."""
        request = urllib.request.Request(f"http://127.0.0.1:{port or self.port}{path}")
        for name, value in headers.items():
            request.add_header(name.replace("_", "-"), value)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def health(self) -> tuple[int, dict[str, Any]]:
        """The status and the whole report."""
        status, body = self.get("/health", Authorization=f"Bearer {METRICS_TOKEN}")
        return status, json.loads(body)

    def metrics(self, port: int = 0) -> str:
        status, body = self.get("/metrics", port=port, Authorization=f"Bearer {METRICS_TOKEN}")
        assert status == 200, body
        return body

    def await_health(self, accepted: Callable[[dict[str, Any]], bool]) -> tuple[int, dict[str, Any]]:
        """The first report in which that is accepted."""
        return await_value(self.health, lambda answer: accepted(answer[1]), self.output)

    # -- log lines -----------------------------------------------------------------------------------------------

    def output(self) -> str:
        living = [(name, running.output()) for name, running in self.running.items()]
        return "\n".join(f"--- {name}\n{text}" for name, text in [*self._ended, *living])

    def lines(self) -> list[dict[str, Any]]:
        living = [(name, running.output()) for name, running in self.running.items()]
        return [
            {**json.loads(line), "process": name}
            for name, text in [*self._ended, *living]
            for line in text.splitlines()
            if line.startswith("{")
        ]

    def await_line(self, process: str, event: str, **fields: Any) -> dict[str, Any]:
        """The first such line."""
        wanted = {"process": process, "event": event, **fields}

        def found() -> list[dict[str, Any]]:
            return [line for line in self.lines() if wanted.items() <= line.items()]

        return await_value(found, bool, lambda: f"no line {wanted}\n{self.output()[-6000:]}")[0]


def await_value(ask: Callable[[], Any], good: Callable[[Any], bool], explain: Callable[[], str]) -> Any:
    """Asks until the answer is good."""
    deadline = time.monotonic() + SECONDS
    while True:
        value = ask()
        if good(value):
            return value
        assert time.monotonic() < deadline, f"{value}\n{explain()[-6000:]}"
        time.sleep(0.05)
