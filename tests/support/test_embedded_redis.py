"""The embedded redis-server after a power cut, a full disk, and a file that it cannot read."""

import os
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from pathlib import Path

import pytest
import redis

from infra.redis.persistence import AofWatch, aof_writes
from support.launcher.redis_server import RedisServer
from support.ops import redis_file


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


@pytest.mark.parametrize("search_path", ["", os.environ["PATH"]], ids=["wheel", "path"])
def test_a_file_with_a_hole_is_kept_cut_off_and_told(
    tmp_path: Path, search_path: str, capfd: pytest.CaptureFixture[str]
) -> None:
    server = RedisServer(tmp_path / "redis", tmp_path / "redis.sock", search_path)
    server.start()
    try:
        with redis.Redis(unix_socket_path=str(server.socket)) as connection:
            rewritten(connection)
            connection.config_set("appendfsync", "always")
            connection.set("before", 1)
            newest = max(server.folder.rglob("*.aof"), key=lambda path: path.stat().st_mtime_ns)
            hole = newest.stat().st_size
            for number in range(50):
                connection.set(f"behind-{number}", "x" * 100)
        assert server._process is not None
        server._process.kill()
        server._process.wait(10)
        with newest.open("r+b") as file:
            file.seek(hole)
            file.write(b"\0" * 64)
        server.start()
        with redis.Redis(unix_socket_path=str(server.socket)) as connection:
            assert connection.get("before") == b"1"
            assert connection.get("behind-49") is None
    finally:
        server.stop()
    copies = list((tmp_path / "redis").glob("broken-*/**/*.aof"))
    assert [path.name for path in copies] == [newest.name]
    assert "cut off before the broken place" in capfd.readouterr().err


def test_a_redis_that_cannot_start_is_tried_again_without_an_error(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    server = RedisServer(tmp_path / "redis", tmp_path / "redis.sock", os.environ["PATH"])
    server.start()
    try:
        assert server._process is not None
        server._process.kill()
        server._process.wait(10)
        good, server.binary = server.binary, "/bin/false"
        server._look_at = 0.0
        server.look_after()
        assert "Trying again in 1 s" in capfd.readouterr().err
        server.binary, server._look_at, server._again_at = good, 0.0, 0.0
        server.look_after()
        assert server.is_running()
    finally:
        server.stop()


def test_when_appending_comes_back_the_file_is_written_anew_once() -> None:
    rewrites: list[int] = []
    watch = AofWatch(lambda: rewrites.append(1))
    failing = {"aof_enabled": "1", "aof_last_write_status": "err"}
    well = {"aof_enabled": 1, "aof_last_write_status": "ok"}
    for fields in (well, failing, {}, failing, well, well):
        watch.look(fields)
    assert len(rewrites) == 1
    watch.look(failing)
    watch.look(well)
    assert len(rewrites) == 2
    assert aof_writes({"aof_enabled": "0", "aof_last_write_status": "err"}) is None


def test_a_rewrite_that_failed_is_asked_for_again() -> None:
    rewrites: list[int] = []
    watch = AofWatch(lambda: rewrites.append(1))
    well = {"aof_enabled": 1, "aof_last_write_status": "ok"}
    failed = {**well, "aof_last_bgrewrite_status": "err"}
    watch.look({"aof_enabled": "1", "aof_last_write_status": "err"})
    watch.look(failed)
    assert len(rewrites) == 1
    watch.look({**failed, "aof_rewrite_in_progress": 1})
    watch.look({**failed, "aof_rewrite_scheduled": "1"})
    assert len(rewrites) == 1
    watch.look(failed)
    assert len(rewrites) == 2
    watch.look({**well, "aof_last_bgrewrite_status": "ok"})
    watch.look(failed)
    assert len(rewrites) == 2


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A real disk of 8 MB. Mounting one needs root; elsewhere these tests fail and say so."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)], check=False, capture_output=True, timeout=10
    )
    assert mounted.returncode == 0, f"this test mounts a small disk, which needs root: {mounted.stderr!r}"
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=False, timeout=10)


def test_a_full_disk_ends_in_a_file_without_a_hole(tmp_path: Path, disk: Path) -> None:
    server = RedisServer(disk, tmp_path / "redis.sock", os.environ["PATH"])
    try:
        server.start()
        with redis.Redis(unix_socket_path=str(server.socket)) as connection:
            rewritten(connection)
            connection.set("before", 1)
            filler = disk / "filler"
            fill(filler)
            refused(connection)
            server._look_at = 0.0
            server.look_after()
            filler.unlink()
            accepted(connection)
            before = newest_files(disk)
            server._look_at = 0.0
            server.look_after()
            while newest_files(disk) == before:
                time.sleep(0.01)
            rewritten(connection)
            connection.set("after", 1)
        assert server._process is not None
        server._process.kill()
        server._process.wait(10)
        server.start()
        with redis.Redis(unix_socket_path=str(server.socket)) as connection:
            assert connection.mget("before", "after") == [b"1", b"1"]
    finally:
        server.stop()


def test_a_worker_that_the_full_disk_ended_has_the_file_written_anew(
    tmp_path: Path, disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes back when Redis writes again: nothing but the count of refusals tells it what was."""
    server = RedisServer(disk, tmp_path / "redis.sock", os.environ["PATH"])
    stopping = threading.Event()
    monkeypatch.setattr(redis_file, "LOOK_SECS", 0.01)
    try:
        server.start()
        with redis.Redis(unix_socket_path=str(server.socket)) as connection:
            rewritten(connection)
            monkeypatch.setattr(redis_file, "guarded", lambda: nullcontext(connection))
            filler = disk / "filler"
            fill(filler)
            refused(connection)
            filler.unlink()
            accepted(connection)
            before = newest_files(disk)
            watching = threading.Thread(target=redis_file.watch, args=(stopping,))
            watching.start()
            deadline = time.monotonic() + 30
            while newest_files(disk) == before:
                assert time.monotonic() < deadline, "nobody had the file written anew"
                time.sleep(0.01)
            stopping.set()
            watching.join(10)
    finally:
        stopping.set()
        server.stop()


def fill(file: Path) -> None:
    with file.open("wb", buffering=0) as filler, suppress(OSError):
        while True:
            filler.write(b"x" * 4096)


def refused(connection: redis.Redis) -> None:
    """Returns when writes are refused for want of room."""
    for _ in range(10_000):
        try:
            connection.set("filling", "x" * 5000)
        except redis.ResponseError as error:
            if "MISCONF" in str(error):
                return
            raise
        time.sleep(0.001)
    raise AssertionError("the disk does not fill")


def accepted(connection: redis.Redis) -> None:
    for _ in range(2000):
        with suppress(redis.ResponseError):
            connection.set("again", 1)
            return
        time.sleep(0.01)
    raise AssertionError("Redis does not go on")


def newest_files(disk: Path) -> set[str]:
    return {path.name for path in disk.rglob("*.aof")}
