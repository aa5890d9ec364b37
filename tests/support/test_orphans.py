"""Servers that a test process has started do not outlive it, whoever kills it."""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from support.config.schema import BASE_DIR

PATIENCE_MS = 30_000
REDIS = """
import asyncio, sys
from pathlib import Path
from harness.redis_process import RedisProcess
server = RedisProcess(Path(sys.argv[1]))
asyncio.run(asyncio.to_thread(server.start))
"""
FROZEN = f"{REDIS}server.pause()\n"
SENTINEL = """
import sys
from pathlib import Path
from harness.sentinel_process import SentinelRedis
server = SentinelRedis(Path(sys.argv[1])).servers[0]
server.start()
"""
POSTGRES = """
import sys
from harness.postgres_process import PostgresProcess
server = PostgresProcess()
server.start()
"""
WAITS = "print(server._process.pid, getattr(server, 'folder', ''), flush=True)\nsys.stdin.read()\n"


def outlives(starts: str, folder: Path) -> tuple[bool, Path]:
    """Whether the server still runs after the process was killed that has started it; and where its files are."""
    words = [sys.executable, "-c", starts + WAITS, str(folder)]
    with subprocess.Popen(words, cwd=BASE_DIR, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid, _space, files = parent.stdout.readline().rstrip("\n").partition(" ")
        server = os.pidfd_open(int(pid))
        try:
            ends = select.poll()
            ends.register(server, select.POLLIN)
            assert not ends.poll(0), "it ended with the thread that started it"
            parent.kill()
            alive = not ends.poll(PATIENCE_MS)
            if alive:
                signal.pidfd_send_signal(server, signal.SIGKILL)
            return alive, Path(files)
        finally:
            os.close(server)


@pytest.mark.parametrize("starts", [REDIS, FROZEN, SENTINEL], ids=["redis", "frozen redis", "sentinel"])
def test_redis_ends_with_the_process_that_started_it(starts: str, tmp_path: Path) -> None:
    """Also one that a thread has started which is over by then."""
    alive, _files = outlives(starts, tmp_path)
    assert not alive


def test_postgres_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    alive, files = outlives(POSTGRES, tmp_path)
    shutil.rmtree(files)
    assert not alive
