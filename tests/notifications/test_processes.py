"""Real Celery workers and real processes on one database file, one Redis and one fake Telegram."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.redis import client, key
from support.celery import app
from tests.fakes.telegram import FakeTelegram, Fault
from tests.notifications.conftest import TOKEN

ROOT = Path(__file__).resolve().parents[2]
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
        self._processes: list[subprocess.Popen[str]] = []

    def run(self, *command: str) -> str:
        done = subprocess.run(
            [sys.executable, *command], cwd=ROOT, env=self.environment, text=True, capture_output=True, timeout=60
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def ask(self, *verb: str) -> Any:
        return json.loads(self.run("-m", "tests.notifications.processes", *verb).splitlines()[-1])

    def start(self, *verb: str) -> "subprocess.Popen[str]":
        """A process that stands ready and goes on at the first line written to its stdin."""
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.notifications.processes", *verb],
            cwd=ROOT, env=self.environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        self._processes.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return process

    def start_worker(self, *options: str) -> "subprocess.Popen[str]":
        celery = [sys.executable, "-m", "celery", "-A", "support", "worker", "--without-mingle", "--without-gossip"]
        worker = subprocess.Popen(
            [*celery, *options],
            cwd=ROOT, env=self.environment, text=True, stdout=self.log.open("a"), stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
        self._processes.append(worker)
        return worker

    def take_care_of(self, process: "subprocess.Popen[str]") -> None:
        """Ends it with the installation."""
        self._processes.append(process)

    def kill(self, worker: "subprocess.Popen[str]") -> None:
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


@pytest.fixture
def fake() -> Iterator[FakeTelegram]:
    with FakeTelegram() as server:
        yield server


@pytest.fixture
def installation(tmp_path: Path, fake: FakeTelegram, redis_server: str) -> Iterator[Installation]:
    built = Installation(tmp_path, fake.url)
    built.run("manage.py", "migrate", "--verbosity", "0")
    yield built
    built.end()


def sweep() -> None:
    app.send_task("notifications.sweep")


def settle() -> None:
    """Blocks until the (single) worker has done everything that was sent to it before."""
    for _ in range(2):  # what the first round handed on is done before the second
        client().delete(key("worker:heartbeat"))
        app.send_task("support.heartbeat")
        deadline = time.monotonic() + PATIENCE_SECS
        while not client().exists(key("worker:heartbeat")):
            assert time.monotonic() < deadline
            time.sleep(0.01)


def race(processes: "list[subprocess.Popen[str]]") -> list[list[Any]]:
    """Lets processes that stand ready go on together, and returns their answers."""
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    return [json.loads(process.communicate(timeout=PATIENCE_SECS)[0]) for process in processes]


def postpone_next_slot() -> bool:
    """The next send is 2.4 s away from now on: that long a worker stays between its claim and its send."""
    seconds, microseconds = client().time()
    return bool(client().set(key("notify:next-slot"), seconds * 1_000_000 + microseconds + 2_400_000))


def all_sent(rows: list[tuple[Any, ...]]) -> bool:
    return {state for state, _ in rows} == {"sent"}


def test_a_worker_killed_between_claim_and_send_loses_nothing(installation: Installation, fake: FakeTelegram) -> None:
    installation.ask("enqueue", "1")
    worker = installation.start_worker("--pool", "solo")
    settle()
    sweep()
    installation.await_rows(lambda rows: postpone_next_slot() and rows == [("sending", 0)])

    installation.kill(worker)

    assert fake.calls == []
    client().delete(key("notify:next-slot"))
    installation.execute("UPDATE notifications_outboxmessage SET claimed_until = '2020-01-01 00:00:00'")
    installation.start_worker("--pool", "solo")
    sweep()
    installation.await_rows(all_sent)
    sweep()
    settle()
    assert [call.status for call in fake.calls] == [200]
    assert installation.rows() == [("sent", 1)]


def test_a_worker_killed_while_telegram_is_silent_sends_later(installation: Installation, fake: FakeTelegram) -> None:
    fake.script(Fault.hang())
    installation.ask("enqueue", "1")
    worker = installation.start_worker("--concurrency", "2")
    sweep()
    fake.wait_for_arrivals(1, PATIENCE_SECS)

    installation.kill(worker)

    assert installation.rows() == [("sending", 1)]
    installation.execute("UPDATE notifications_outboxmessage SET claimed_until = '2020-01-01 00:00:00'")
    installation.start_worker("--concurrency", "2")
    sweep()
    installation.await_rows(all_sent)
    assert len(fake.messages) == 1
    assert installation.rows() == [("sent", 2)]


def test_worker_retries_are_driven_by_the_row_alone(installation: Installation, fake: FakeTelegram) -> None:
    """Also a broker that lost everything between the attempts loses no message."""
    fake.script(Fault.retry_after(1), Fault.status(500), Fault.status(500))
    installation.ask("enqueue", "1")
    installation.start_worker("--pool", "solo")
    for attempt in range(1, 4):
        sweep()
        installation.await_rows(lambda rows, n=attempt: rows == [("retrying", n)])
        settle()
        client().flushall()
        installation.execute("UPDATE notifications_outboxmessage SET next_at = '2020-01-01 00:00:00'")
    sweep()
    installation.await_rows(all_sent)

    assert [call.status for call in fake.calls] == [429, 500, 500, 200]
    assert len(fake.messages) == 1


def test_two_sweeps_in_two_processes_do_not_double_and_keep_the_rate(
    installation: Installation, fake: FakeTelegram
) -> None:
    installation.ask("enqueue", "16")
    racers = [installation.start("sweep") for _ in range(2)]

    answers = race(racers)

    claimed = [row_id for answer in answers for row_id in answer]
    texts = [message.text for message in fake.messages]
    assert len(texts) == len(set(texts)) == 16
    assert all(answers), "both processes took part"
    assert set(claimed) == {row_id for (row_id,) in installation.rows("id")}
    assert all_sent(installation.rows())
    moments = sorted(call.at for call in fake.calls)
    # The first request opens the first connection: it may arrive a little late.
    assert moments[-1] - moments[0] >= 15 * 0.2 - 0.3


def test_two_processes_share_five_slots_a_second(installation: Installation) -> None:
    takers = [installation.start("slots", "8") for _ in range(2)]

    moments = sorted(at for taken in race(takers) for at in taken)

    assert len(moments) == 16
    # The clock is read a moment after the slot was given: 20 ms of grace.
    assert all(later - earlier >= 0.98 for earlier, later in zip(moments, moments[5:], strict=False))


def test_a_code_stands_in_no_file_and_no_log(installation: Installation, fake: FakeTelegram) -> None:
    code = "918273645"
    fake.script(Fault.status(500))
    installation.environment |= {
        "DJANGO_ENV": "staging",
        "PUBLIC_URL": "https://support.example.org",
        "ALLOWED_ORIGINS": "https://www.example.org",
        "SECRET_KEY": "Zk3uQ9vX1rT7pL5nB8mD2hG6wY4cJ0sA-fE_iKoRqUtWyVxP7d",
        "METRICS_TOKEN": "q8Wn3Zk5Rt7Yp1Lx9Vb2Md4Hg6Jc",
        "LOG_LEVEL": "DEBUG",
        "TMPDIR": str(installation.folder),  # staging refuses a DATA_DIR in the temporary folder
    }
    installation.ask("otp", code)
    installation.start_worker("--pool", "solo")
    sweep()
    installation.await_rows(lambda rows: rows == [("retrying", 1)])
    installation.execute("UPDATE notifications_outboxmessage SET next_at = '2020-01-01 00:00:00'")
    sweep()
    installation.await_rows(all_sent)
    settle()

    assert code in fake.messages[0].text
    for file in filter(Path.is_file, installation.folder.iterdir()):
        content = file.read_bytes()
        assert code.encode() not in content, file.name
        assert TOKEN.encode() not in content, file.name
    assert b"notification sent" in installation.log.read_bytes()
    stored = {name: client().dump(name) for name in client().keys("*") if "cache" not in name}
    assert not any(code in str(value) for value in stored.values())
