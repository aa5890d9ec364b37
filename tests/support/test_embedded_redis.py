"""The embedded redis-server after a power cut."""

import os
import time
from pathlib import Path

import redis

from support.launcher.redis_server import RedisServer


def cut_off(folder: Path, count: int) -> None:
    """The last bytes never reached the disk."""
    newest = max(folder.rglob("*.aof"), key=lambda path: path.stat().st_mtime_ns)
    with newest.open("r+b") as file:
        file.truncate(newest.stat().st_size - count)


def rewritten(connection: redis.Redis) -> None:
    while connection.info("persistence")["aof_rewrite_in_progress"]:
        time.sleep(0.01)


def test_half_a_transaction_never_comes_back(tmp_path: Path) -> None:
    server = RedisServer(tmp_path / "redis", tmp_path / "redis.sock", os.environ["PATH"])
    server.start()
    try:
        with redis.Redis(unix_socket_path=str(server.socket)) as connection:
            rewritten(connection)
            connection.config_set("appendfsync", "always")
            connection.set("kept", 1)
            connection.eval("redis.call('SET', 'first', 1) redis.call('SET', 'second', string.rep('x', 500))", 0)
        assert server._process is not None
        server._process.kill()
        server._process.wait(10)
        cut_off(tmp_path / "redis", 300)
        server.start()
        with redis.Redis(unix_socket_path=str(server.socket)) as connection:
            rewritten(connection)
            assert connection.mget("kept", "first", "second") == [b"1", None, None]
            connection.eval("redis.call('SET', 'later', 1) redis.call('SET', 'latest', 1)", 0)
        server.stop()
        server.start()
        with redis.Redis(unix_socket_path=str(server.socket)) as connection:
            assert connection.mget("kept", "first", "later") == [b"1", None, b"1"]
    finally:
        server.stop()
