"""The product under test: Redis, two web processes and what stands before them, in the server's namespace."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

from bench.call_lab.processes import Child, environment
from bench.call_lab.turn import SECRET, Turn
from harness import database
from harness.browser.commands import Commands
from support.launcher.messages import compile_messages
from support.launcher.redis_server import RedisServer

ADDRESS, PORT = "10.77.0.10", 8000
WEB_PORTS = (8001, 8002)  # the customer's process, the operator's
OPERATOR, COLLEAGUE = "deniz", "eda"


class Server:
    """`url` is what browsers open. `webs[0]` serves customers, `webs[1]` the operator; each stands in for the other."""

    url = f"http://{ADDRESS}:{PORT}"

    def __init__(self, namespace: str, folder: Path, turns: list[Turn]) -> None:
        self._namespace = namespace
        self._folder = folder
        self._redis_socket = folder / "redis.sock"
        self.redis = RedisServer(folder / "redis", self._redis_socket, os.environ.get("PATH", ""))
        self._settings = {
            "DJANGO_ENV": "development",
            "SECRET_KEY": "of-the-lab-0123456789-0123456789-0123456789-0123456789",
            "DATA_DIR": str(folder),
            "REDIS_URL": f"unix://{self._redis_socket}?db=0",
            "PUBLIC_URL": self.url,
            "BIND": ADDRESS,
            "WRAP_UP_SECS": "0",
            "ANSWER_ACT_SECS": "0",  # nobody touches these consoles
            "LOG_LEVEL": "WARNING",
            "TURN_SERVERS": json.dumps([turn.setting for turn in turns]),
            "TURN_SECRET": SECRET,
        }
        self.webs: list[Child] = []
        self._overrides: dict[str, str] = {}
        self._balancer: Child | None = None
        self._commands: Commands | None = None

    def start(self) -> None:
        compile_messages()
        self.redis.start()
        database.place(self._folder / database.NAME)
        self._commands = Commands(**self._settings)
        self.manage("createoperator", OPERATOR, "--name", "Deniz")
        self.manage("createoperator", COLLEAGUE, "--name", "Eda")
        self.webs = [self._web(index) for index in range(2)]
        for web in self.webs:
            web.await_ready()
        self._balancer = Child(
            [sys.executable, "-m", "harness.balancer", f"{ADDRESS}:{PORT}"]
            + [f"{ADDRESS}:{port}" for port in WEB_PORTS],
            log=self._folder / "balancer.log",
            namespace=self._namespace,
        )
        self._balancer.await_ready()

    def _web(self, index: int) -> Child:
        settings = {**self._settings, **self._overrides, "PORT": str(WEB_PORTS[index])}
        return Child(
            [sys.executable, "-m", "support.web", "--announce"],
            log=self._folder / f"web-{index}.log",
            namespace=self._namespace,
            env=environment(**settings),
        )

    def kill_web(self, index: int) -> None:
        self.webs[index].kill()

    def heal(self) -> None:
        """Starts again what a scenario killed."""
        if not self.redis.is_running():
            self.redis.start()
        for index, web in enumerate(self.webs):
            if web.process.poll() is not None:
                self.webs[index] = self._web(index)
                self.webs[index].await_ready()

    def reconfigure(self, **settings: str) -> None:
        """Both web processes anew, with these settings on top of the lab's."""
        self._overrides = settings
        for index, web in enumerate(self.webs):
            web.close()
            self.webs[index] = self._web(index)
        for web in self.webs:
            web.await_ready()

    def kill_redis(self) -> None:
        pid = int((self._folder / "redis" / "redis.pid").read_text())
        os.kill(pid, signal.SIGKILL)
        while self.redis.is_running():
            pass

    def manage(self, *words: str) -> str:
        """Standard output of `manage.py …`."""
        assert self._commands is not None
        return self._commands.run(*words)

    def one_time_code(self, admin_id: str) -> str:
        return self.manage("otp", admin_id).strip().splitlines()[-1]

    def active_calls(self) -> list[str]:
        """Public ids of the conversations that are going on."""
        status = json.loads(self.manage("queue", "status", "--json"))
        return [row["conversation"] for row in status["active_rows"]]

    def clear(self) -> None:
        """Ends what is in the line and what runs."""
        status = json.loads(self.manage("queue", "status", "--json"))
        for row in status["waiting_rows"] + status["active_rows"]:
            self.manage("queue", "remove", row["conversation"])

    def close(self) -> None:
        for child in [*self.webs, *([self._balancer] if self._balancer else [])]:
            child.close()
        if self._commands:
            self._commands.close()
        self.redis.stop()
