"""The stack that has the faults, the Telegram it talks to, and what it says about its own health."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sqlite3
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import redis
from redis.exceptions import WatchError

from harness.fakes.push_service import FakePush
from harness.fakes.smtp import FakeMail
from harness.fakes.telegram import FakeTelegram
from harness.judge import Records, Wipe, unrecorded
from harness.programs import Program, Web
from harness.stack import Stack

OPERATOR_CHAT, GROUP_CHAT = "1001", "-100200"
NAMESPACE = "adminara"
HEALTH_SECS = 3.0
RECOVERY_SECS = 90.0
FROZEN_MS = 60_000
UNREAD_MS = 5_000
"""How old an entry of the journal may become; the worker comes once a second, and the machine is busy."""
SETTINGS = {
    "TELEGRAM_BOT_TOKEN": "123456:token-of-the-chaos-bot",
    "TELEGRAM_ADMIN_CHAT_ID": GROUP_CHAT,
    "REDIS_NAMESPACE": NAMESPACE,
    # Nobody is passed on for having waited: only a failed delivery climbs the ladder.
    "NOTIFY_ESCALATE_SECS": "0",
    "WRAP_UP_SECS": "1",
    "PROCESS_LEASE_SECS": "4",
    "ENABLE_APPOINTMENTS": "true",
    "APPOINTMENT_REMIND_SECS": "0",
    "MAIL_FROM": "Destek <destek@example.org>",
}
PLACE = re.compile(r"#place=(\S+)")


class System:
    """Two web processes, worker, beat, Redis with its append-only file, a fake Bot API, push service and mail server.

    `impatient`: the lease of a delivery whose worker died is ended by hand instead of waited for. `deaths`: how often a
    worker was killed, or ended by itself.
    """

    def __init__(self, *, impatient: bool = False) -> None:
        self.impatient = impatient
        self.telegram = FakeTelegram()
        self.telegram.__enter__()
        self.pushes = FakePush()
        self.pushes.__enter__()
        self.mail = FakeMail()
        self.mail.__enter__()
        self.deaths = 0
        self.wipes: list[Wipe] = []
        self.restarts = 0
        try:
            settings = {**SETTINGS, "TELEGRAM_API_URL": self.telegram.url, "MAIL_URL": self.mail.url}
            self.stack = Stack("uvicorn", 2, workers=True, settings=settings)
        except BaseException:
            self._end_fakes()
            raise
        self.stack.run("manage.py", "createoperator", "on-call", "--name", "Nöbet", "--chat-id", OPERATOR_CHAT)
        self.raw = redis.Redis(unix_socket_path=str(self.stack.redis_socket), decode_responses=True)

    def close(self) -> None:
        self.stack.close()
        self._end_fakes()

    def _end_fakes(self) -> None:
        self.telegram.__exit__()
        self.pushes.__exit__()
        self.mail.__exit__()

    @property
    def worker(self) -> Program:
        return self.stack.programs["worker"]

    def restart_ended(self) -> None:
        """What the launcher and systemd do about a worker or a beat that ended."""
        for program in self.stack.programs.values():
            if not program.runs:
                self.deaths += program is self.worker
                program.start()
                self.restarts += 1

    def kill_worker(self) -> None:
        self.worker.kill()
        self.deaths += 1

    # -- callbacks ---------------------------------------------------------------------------------------------------

    def ask_callback(self, web: Web, token: str, name: str) -> bool:
        """A customer asks to be called in the browser `name`; False where that was not taken."""
        asked = json.dumps({"origin": web.origin, "push": self.pushes.subscription(name)}).encode()
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{web.origin}/chat/callback/", asked, headers)
        with suppress(OSError), urllib.request.urlopen(request, timeout=HEALTH_SECS):
            return True
        return False

    def pushed_to(self, name: str) -> int:
        """How often that browser was told."""
        return sum(pushed.path == f"/send/{name}" for pushed in list(self.pushes.pushed))

    def await_push(self, name: str, secs: float) -> None:
        """Returns when that browser was told, or after so long."""
        until = time.monotonic() + secs
        while not self.pushed_to(name) and time.monotonic() < until:
            time.sleep(0.1)

    # -- chosen times ------------------------------------------------------------------------------------------------

    def choose_times(self, web: Web, title: str, secs: Sequence[float]) -> list[list[str]]:
        """Customers whose time comes so many seconds from now: name, e-mail, conversation of each."""
        words = [f"{one:g}" for one in secs]
        found: list[list[str]] = json.loads(self.stack.run("-m", "bench.chaos.chosen", title, web.origin, *words))
        return found

    def calls_to(self, email: str) -> list[str]:
        """What takes the place, of each letter that called there."""
        letters = [letter.body for letter in list(self.mail.delivered) if email in letter.recipients]
        return [found[1] for body in letters if (found := PLACE.search(body))]

    def await_call(self, email: str, secs: float) -> str | None:
        until = time.monotonic() + secs
        while not (found := self.calls_to(email)) and time.monotonic() < until:
            time.sleep(0.1)
        return found[0] if found else None

    # -- faults ------------------------------------------------------------------------------------------------

    def kill_redis(self) -> None:
        """As a power cut of the process: nothing is written down any more."""
        pid = self.stack.redis_pid
        os.kill(pid, signal.SIGKILL)
        while self.stack.redis.is_running():
            time.sleep(0.01)

    def wipe_redis(self, *, freeze: bool = False) -> int:
        """Everything is gone, under open connections; with `freeze` nobody gets an answer any more. How many lines of
        chat are lost to the history: those that the worker, who comes once a second, had not read yet.

        Calls that the history does not know yet would be over (docs/benchmarks.md): the moment is chosen between them.
        """
        deadline = time.monotonic() + 60
        active, journal = f"{{{NAMESPACE}}}:active", f"{{{NAMESPACE}}}:journal"
        while True:
            with suppress(WatchError), self.raw.pipeline() as moment:
                moment.watch(active)
                calls = set(moment.hkeys(active))  # type: ignore[arg-type]
                with self.database() as connection:
                    running = "SELECT id FROM queueing_conversation WHERE status='active'"
                    known = {row[0] for row in connection.execute(running)}
                if calls <= known:
                    moment.multi()
                    moment.xrange(journal)
                    moment.flushall()
                    if freeze:
                        moment.client_pause(FROZEN_MS)
                    entries = moment.execute()[0]
                    break
            if time.monotonic() > deadline:
                raise RuntimeError("for a minute there was a call that the history did not know")
            time.sleep(0.02)
        self.wipes.append(wipe := Wipe(int(time.time() * 1000), unrecorded(entries)))
        if any(wipe.at - int(entry_id.split("-")[0]) > UNREAD_MS for entry_id, _ in entries):
            raise RuntimeError(f"the history was more than {UNREAD_MS / 1000:g} s behind when Redis was wiped")
        return len(wipe.unrecorded)

    def limit_memory(self, on: bool) -> None:
        """From now on Redis has no room for anything more, or has room again."""
        used = int(self.raw.info("memory")["used_memory"])  # type: ignore[index]
        self.raw.config_set("maxmemory", max(1, used - 1) if on else 0)

    def cannot_write(self) -> bool:
        return bool(self._persistence("aof_last_write_status") != "ok")

    def await_rewritten(self) -> None:
        """Returns when Redis appends again and has written its file anew, which the worker asks for. Raises
        RuntimeError after half a minute."""
        before, deadline = self._persistence("aof_rewrites"), time.monotonic() + 30
        while True:
            done = self._persistence("aof_rewrites") > before and not self._persistence("aof_rewrite_in_progress")
            if done and not self.cannot_write() and self._persistence("aof_last_bgrewrite_status") == "ok":
                return
            if time.monotonic() > deadline:
                raise RuntimeError("nobody had Redis' file written anew after its disk was full")
            time.sleep(0.05)

    def _persistence(self, name: str) -> Any:
        return self.raw.info("persistence")[name]  # type: ignore[index]

    def wipe_broker(self) -> int:
        """What Celery keeps in Redis, its bindings too; how many keys there were."""
        names = list(self.raw.scan_iter(f"{NAMESPACE}:celery:*"))
        return int(self.raw.delete(*names)) if names else 0  # type: ignore[arg-type]

    def under_way(self) -> int:
        """Deliveries that a worker holds; whoever has died holds them until the lease runs out."""
        sending = "FROM notifications_outboxmessage WHERE state = 'sending'"
        with self.database() as connection:
            count = int(connection.execute(f"SELECT count(*) {sending}").fetchone()[0])
            if self.impatient:
                over = "UPDATE notifications_outboxmessage SET claimed_until = '2020-01-01 00:00:00'"
                connection.execute(f"{over} WHERE state = 'sending'")
        return count

    @contextmanager
    def database(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self.stack.folder / "adminara.sqlite3", timeout=30, isolation_level=None)
        try:
            yield connection
        finally:
            connection.close()

    # -- judging -------------------------------------------------------------------------------------------------

    def records(self) -> Records:
        found: Records = json.loads(self.stack.run("-m", "bench.records"))
        return found

    async def health(self, web: Web) -> tuple[int, dict[str, Any]]:
        """(HTTP status, body); (0, …) when there is no answer."""
        return await asyncio.to_thread(ask, f"{web.origin}/health")

    async def recover(self) -> float | None:
        """Seconds until every web process says that it is healthy; None when that took too long."""
        began = time.monotonic()
        while time.monotonic() - began < RECOVERY_SECS:
            answers = [await self.health(web) for web in self.stack.webs]
            if all(status == 200 and body["status"] == "healthy" for status, body in answers):
                return time.monotonic() - began
            await asyncio.sleep(0.25)
        return None


def ask(url: str) -> tuple[int, dict[str, Any]]:
    try:
        with urllib.request.urlopen(url, timeout=HEALTH_SECS) as answer:
            return int(answer.status), dict(json.load(answer))
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(json.load(error))
    except (OSError, ValueError) as error:
        return 0, {"status": "no answer", "checks": {}, "fault": repr(error)}


class HealthWatch:
    """Asks every web process again and again while a fault lasts; `summary` is the worst of what was said."""

    ORDER = ("healthy", "degraded", "unavailable", "no answer")

    def __init__(self, system: System) -> None:
        self.system = system
        self.worst = "healthy"
        self.failing: dict[str, str] = {}
        self.slowest = 0.0

    async def run(self) -> None:
        while True:
            for web in self.system.stack.webs:
                began = time.monotonic()
                status, body = await self.system.health(web)
                if status:
                    self.slowest = max(self.slowest, time.monotonic() - began)
                self._note(status, body)
            await asyncio.sleep(0.25)

    def _note(self, status: int, body: dict[str, Any]) -> None:
        if self.ORDER.index(body["status"]) > self.ORDER.index(self.worst):
            self.worst = body["status"]
        for name, check in body["checks"].items():
            if not check["ok"]:
                self.failing[name] = str(check.get("fault", "not ok"))

    def summary(self) -> str:
        parts = ", ".join(f"{name}: {fault}" for name, fault in self.failing.items())
        return f"{self.worst}{f' ({parts})' if parts else ''}; slowest answer {self.slowest:.1f} s"
