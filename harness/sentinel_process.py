"""Redis as it is run for high availability: a primary, a replica and three Sentinels, all real, all with passwords."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import redis

from harness.processes import free_port, start_bound
from support.launcher.redis_server import find_binary

MASTER = "adminara"
PASSWORD = "of-the-servers"
SENTINEL_PASSWORD = "of-the-sentinels"
DOWN_AFTER_MS = 500
PATIENCE_SECS = 20.0


class _Server:
    """One redis-server, or one Sentinel, on a port of its own."""

    def __init__(self, binary: str, folder: Path, password: str, lines: list[str], *options: str) -> None:
        self.port = free_port()
        self.password = password
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)
        configuration = folder / "redis.conf"
        common = [f"port {self.port}", "bind 127.0.0.1", f"dir {folder}", f"requirepass {password}"]
        configuration.write_text("\n".join([*common, *lines]) + "\n")
        self._command = [binary, str(configuration), *options]

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        self._process = start_bound(self._command, stdout=subprocess.DEVNULL)
        wait_until(self.answers, f"a redis-server on port {self.port}")

    def end(self, number: int = signal.SIGTERM) -> None:
        if self.runs:
            assert self._process is not None
            self._process.send_signal(number)
            self._process.wait(10)

    def connection(self) -> redis.Redis:
        return redis.Redis(port=self.port, password=self.password, decode_responses=True, retry=None)

    def answers(self) -> bool:
        try:
            with self.connection() as connection:
                return bool(connection.ping())
        except redis.RedisError:
            return False

    def role(self) -> str:
        with self.connection() as connection:
            return str(connection.role()[0])


class SentinelRedis:
    """`url` is what REDIS_URL is set to. `kill` ends the primary as a power cut would; the Sentinels then promote."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._binary = find_binary(os.environ.get("PATH", ""))
        data = ["appendonly yes", "appendfsync everysec", 'save ""', f"masterauth {PASSWORD}"]
        quick = ["repl-diskless-sync-delay 0", "repl-ping-replica-period 1"]
        self.servers = [_Server(self._binary, folder / "one", PASSWORD, data + quick)]
        self.servers.append(
            _Server(
                self._binary,
                folder / "two",
                PASSWORD,
                [*data, *quick, f"replicaof 127.0.0.1 {self.servers[0].port}"],
            )
        )
        rules = [
            f"sentinel monitor {MASTER} 127.0.0.1 {self.servers[0].port} 2",
            f"sentinel auth-pass {MASTER} {PASSWORD}",
            f"sentinel down-after-milliseconds {MASTER} {DOWN_AFTER_MS}",
            f"sentinel failover-timeout {MASTER} 3000",
            f"sentinel sentinel-pass {SENTINEL_PASSWORD}",
        ]
        self.sentinels = [
            _Server(self._binary, folder / f"sentinel{number}", SENTINEL_PASSWORD, rules, "--sentinel")
            for number in (1, 2, 3)
        ]
        hosts = ",".join(f"127.0.0.1:{sentinel.port}" for sentinel in self.sentinels)
        self.url = f"redis+sentinel://:{PASSWORD}@{hosts}/{MASTER}/0?sentinel_password={SENTINEL_PASSWORD}"

    @property
    def runs(self) -> bool:
        return all(server.runs for server in self.servers)

    def start(self) -> None:
        """Returns when a failover would succeed."""
        for server in self.servers:
            if not server.runs:
                server.start()
        wait_until(self._replica_follows, "a replica that follows")
        for sentinel in self.sentinels:
            if not sentinel.runs:
                sentinel.start()
        wait_until(self._sentinels_agree, "Sentinels that know each other and the replica")

    def stop(self) -> None:
        for server in [*self.sentinels, *self.servers]:
            server.end()

    def resume(self) -> None:
        """Nothing here is ever frozen."""

    def primary(self) -> _Server:
        """The server that the Sentinels name."""
        with self.sentinels[0].connection() as connection:
            port = int(connection.sentinel_get_master_addr_by_name(MASTER)[1])
        return next(server for server in self.servers if server.port == port)

    def kill(self) -> _Server:
        """SIGKILLs the primary; answers it, so that a test can start it again."""
        primary = self.primary()
        primary.end(signal.SIGKILL)
        return primary

    def await_failover(self, dead: _Server) -> None:
        """Returns when another server is the primary, says so itself, and all Sentinels name it."""
        (other,) = (server for server in self.servers if server is not dead)
        wait_until(lambda: self.primary() is other and other.role() == "master", "a new primary")

    def _replica_follows(self) -> bool:
        with self.servers[1].connection() as connection:
            state: dict[str, str] = connection.info("replication")
        return state["role"] == "master" or state["master_link_status"] == "up"

    def _sentinels_agree(self) -> bool:
        for sentinel in self.sentinels:
            with sentinel.connection() as connection:
                state = connection.sentinel_master(MASTER)
            if (int(state["num-slaves"]), int(state["num-other-sentinels"])) != (1, 2):
                return False
        return True


def wait_until(happened: Callable[[], bool], what: str) -> None:
    """Redis has no event for these; bounded by PATIENCE_SECS."""
    deadline = time.monotonic() + PATIENCE_SECS
    while not happened():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come in {PATIENCE_SECS:g} s")
        time.sleep(0.02)
