"""Web processes of their own, on a Redis and a database that they share: killed, frozen and started again by tests."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from websockets.exceptions import ConnectionClosed

from harness import database, python
from harness.processes import Running, clean_environment, free_port, manage
from harness.redis_process import RedisProcess
from tests.signaling.client import Peer, Site

START_SECS = 60
LEASE_SECS = 4
PATIENCE_SECS = 15.0
"""A process that starts, dies or wakes takes its time, and a lease has to run out."""
OPERATORS = 24


class Web(Site):
    """One web process; its port stays the same over restarts. Opening a socket waits until it serves."""

    def __init__(self, environment: dict[str, str]) -> None:
        super().__init__(free_port())
        self.environment = {**environment, "PORT": str(self.port)}
        self._running: Running | None = None
        self._ready = False

    async def open(self, role: str, **options: Any) -> Peer:
        await asyncio.to_thread(self.await_ready)
        peer = await super().open(role, **options)
        peer.secs = PATIENCE_SECS
        return peer

    @property
    def runs(self) -> bool:
        return self._running is not None and self._running.process.poll() is None

    def start(self) -> None:
        self._ready = False
        self._running = Running("-m", "support.web", "--announce", **self.environment)

    def await_ready(self) -> None:
        if not self.runs:
            self.start()
        assert self._running is not None
        if not self._ready:
            self._running.await_line(lambda line: line.startswith("ready "), START_SECS)
            self._ready = True

    def output(self) -> str:
        return self._running.output() if self._running is not None else ""

    def tell(self, number: int) -> None:
        assert self._running is not None
        self._running.process.send_signal(number)

    def kill(self) -> None:
        """Ends it in the middle of whatever it does."""
        assert self._running is not None
        self.tell(signal.SIGKILL)
        self._running.process.wait(10)

    def freeze(self) -> None:
        """It keeps its connections and does nothing."""
        self.tell(signal.SIGSTOP)

    def thaw(self) -> None:
        self.tell(signal.SIGCONT)

    def stop(self) -> None:
        if self.runs:
            assert self._running is not None
            self.thaw()
            self._running.terminate(15)


async def come_back(web: Web, role: str, cookie: str | None = None) -> Peer:
    """Tries again as clients do, until the process has Redis again."""
    async with asyncio.timeout(20):
        while True:
            peer = await web.open(role, cookie=cookie)
            with contextlib.suppress(ConnectionClosed):  # refused before it could say hello
                await peer.send("hello", protocol=1)
            first = await peer.next()
            if first is not None and first["type"] == "welcome":
                peer.count_from(first["last_id"])
                return peer
            assert first is None or first["code"] == "store_unavailable"
            await peer.closed_by_network()
            await asyncio.sleep(0.1)


class Fleet:
    """Web processes `a` and `b` (uvicorn) and `daphne` over one Redis; each starts when it is first needed.

    `sessions` are operators' session keys by adminId.
    """

    def __init__(self, folder: Path, redis: Any = None) -> None:
        self.folder = folder
        self.redis = redis or RedisProcess(folder / "redis", append_only=True)
        self.environment = {
            "DJANGO_ENV": "development",
            "SECRET_KEY": settings.SECRET_KEY,
            "DATA_DIR": str(folder),
            "REDIS_URL": self.redis.url,
            "REDIS_NAMESPACE": settings.REDIS_NAMESPACE,
            "RECOVERY_SECS": "0",
            "WRAP_UP_SECS": "0",
            "PROCESS_LEASE_SECS": str(LEASE_SECS),
            "LOG_LEVEL": "WARNING",
            "LOG_FORMAT": "json",
        }
        self.webs = {
            name: Web({**self.environment, "WEB_SERVER": server})
            for name, server in (("a", "uvicorn"), ("b", "uvicorn"), ("daphne", "daphne"))
        }
        self.sessions: dict[str, str] = {}
        self._unused: Iterator[str] = iter(())

    def session(self) -> str:
        """The session key of an operator whom no test has used yet."""
        return self.sessions[next(self._unused)]

    def start(self) -> None:
        database.place(self.folder / database.NAME)
        self.redis.start()
        self.webs["a"].start()
        self.webs["b"].start()
        self._populate()

    def _populate(self) -> None:
        names = [f"operator-{number}" for number in range(OPERATORS)]
        done = python.run(["-m", "harness.operators", *names], env=clean_environment(**self.environment))
        assert done.returncode == 0, done.stderr
        self.sessions = json.loads(done.stdout.splitlines()[-1])
        self._unused = iter(self.sessions)

    def record(self) -> None:
        """The worker's part: what the journal holds is in the database when this returns."""
        code = "from queueing.history.recording import journal; journal.record()"
        done = manage("shell", "-c", code, **self.environment)
        assert done.returncode == 0, done.stderr

    def mend(self) -> None:
        """Everything runs, whatever the test before did."""
        if not self.redis.runs:
            self.redis.start()
        self.redis.resume()
        for web in self.webs.values():
            if web.runs:
                web.thaw()

    def stop(self) -> None:
        for web in self.webs.values():
            web.stop()
        self.redis.stop()


@contextmanager
def running_fleet(redis_in: Callable[[Path], Any] | None = None) -> Iterator[Fleet]:
    """`redis_in` makes the Redis of a folder: one that starts and stops as RedisProcess does."""
    folder = Path(tempfile.mkdtemp(prefix=f"adminara-fleet-{os.getpid()}-"))
    fleet = Fleet(folder, redis_in(folder / "redis") if redis_in else None)
    try:
        fleet.start()
        yield fleet
    finally:
        fleet.stop()
        shutil.rmtree(folder, ignore_errors=True)


class Returning:
    """A customer as our page is: comes back to any process, sends again what was not acknowledged, drops duplicates."""

    def __init__(self, peer: Peer, joined: dict[str, Any]) -> None:
        self.peer = peer
        self.joined = joined
        self.sent: dict[int, str] = {}
        self.lines: list[str] = []
        self.last_seq = 0

    async def say(self, text: str) -> None:
        """Sends a line without waiting for its acknowledgement."""
        number = len(self.sent) + 1
        self.sent[number] = text
        await self.peer.send("chat:message", id=number, text=text)

    def take(self) -> None:
        """Reads everything that has come so far, as a page does."""
        for frame in self.peer.seen:
            if frame.get("seq") == self.last_seq + 1:
                self.last_seq += 1
                if frame["type"] == "chat:message":
                    self.lines.append(frame["text"])

    async def come_back(self, web: Web) -> dict[str, Any]:
        """`resume` as clients do it, until the process has Redis again."""
        async with asyncio.timeout(PATIENCE_SECS):
            while True:
                with contextlib.suppress(AssertionError, ConnectionClosed):
                    return await self.resume(web)
                await asyncio.sleep(0.1)

    async def resume(self, site: Site) -> dict[str, Any]:
        """Opens a new socket there; answers `welcome`."""
        self.take()
        acknowledged = {frame["id"] for frame in self.peer.came("ack")}
        memory = {"token": self.joined["token"], "epoch": self.joined["epoch"], "last_seq": self.last_seq}
        self.peer = await site.open("customer")
        welcome = await self.peer.hello(resume=memory)
        for number, text in self.sent.items():
            if number not in acknowledged or number > welcome["last_id"]:
                await self.peer.send("chat:message", id=number, text=text)
        return welcome
