"""A real redis-server under the control of a test."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import redis

from harness.processes import start_bound
from support.launcher.redis_server import find_binary


class RedisProcess:
    """Listens on a Unix socket in `folder`; `binary` defaults to the newest on PATH."""

    def __init__(self, folder: Path, *, binary: str | None = None, append_only: bool = False) -> None:
        self.folder = folder
        self.socket = folder / "redis.sock"
        self.url = f"unix://{self.socket}?db=0"
        self.binary = binary or find_binary(os.environ.get("PATH", ""))
        self.append_only = append_only
        self._process: subprocess.Popen[bytes] | None = None
        # Kept from test to test: connecting takes longer than emptying.
        self._emptying = redis.Redis(unix_socket_path=str(self.socket))

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        command = [
            self.binary, "--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700",
            "--dir", str(self.folder), "--save", "", "--appendonly", "yes" if self.append_only else "no",
            "--appendfsync", "everysec", "--maxmemory-policy", "noeviction", "--loglevel", "warning",
        ]  # fmt: skip
        self._process = start_bound(command, stdout=subprocess.DEVNULL)
        self._await_answer()

    def stop(self) -> None:
        """Ends it in good order."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Ends it as a power cut would."""
        self._end(signal.SIGKILL)

    def await_written(self, within_secs: float = 30) -> None:
        """Until what it has acknowledged is with the kernel, where a kill cannot take it any more.

        While the disk is slow with an fsync, Redis holds back its writes for up to two seconds.
        """
        deadline = time.monotonic() + within_secs
        with redis.Redis(unix_socket_path=str(self.socket)) as connection:
            while int(connection.info("persistence")["aof_buffer_length"]):
                assert time.monotonic() < deadline, "the append-only file is not being written"
                time.sleep(0.01)

    def pause(self) -> None:
        """It keeps its connections and answers nothing."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        if self._process is not None and self._process.poll() is None:
            os.kill(self.pid, signal.SIGCONT)

    def wipe(self) -> None:
        """It forgets everything under its open connections."""
        with redis.Redis(unix_socket_path=str(self.socket)) as connection:
            connection.flushall()

    def forget(self) -> None:
        """Its disk is lost: the next start finds nothing. Only while it does not run."""
        assert not self.runs
        shutil.rmtree(self.folder / "appendonlydir", ignore_errors=True)
        for name in ("appendonly.aof", "dump.rdb"):
            (self.folder / name).unlink(missing_ok=True)

    def ensure_empty(self) -> None:
        """Running and without data, whatever the test before did.

        It keeps the scripts that it has compiled, as it does when it is wiped: to compile them for each test anew was a
        tenth of what tests of the queue and the desk took.
        """
        if self._process is None or self._process.poll() is not None:
            self.start()
        self.resume()
        self._emptying.flushall()

    def _end(self, number: int) -> None:
        self._emptying.close()
        if self._process is not None and self._process.poll() is None:
            self.resume()
            self._process.send_signal(number)
            self._process.wait(10)
        self.socket.unlink(missing_ok=True)

    def _await_answer(self) -> None:
        deadline = time.monotonic() + 10
        with redis.Redis(unix_socket_path=str(self.socket), retry=None) as connection:
            while True:
                try:
                    connection.ping()
                    return
                except redis.RedisError:
                    assert self._process is not None
                    if self._process.poll() is not None or time.monotonic() > deadline:
                        raise
                    time.sleep(0.01)
