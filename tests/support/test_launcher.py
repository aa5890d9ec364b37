"""`make run`, really: up from an empty folder, refuses a second time, ends without a trace, comes back as it was."""

import json
import signal
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from harness.processes import Running, free_port, manage, processes_mentioning

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


def test_a_restart_finds_everything_as_it_was(stack: Running, data_dir: Path, port: str) -> None:
    """Last in this file: ends the stack of the others."""
    family = stack.family()
    assert len(family) >= 5  # launcher, redis, web, worker, beat
    before = manage("otp", "admin", DATA_DIR=str(data_dir)).stdout.splitlines()[-1]
    assert stack.terminate(number=signal.SIGTERM) == 0
    assert not [process for process in family if process.is_running() and process.status() != "zombie"]
    assert processes_mentioning(data_dir) == []

    with Running(*LAUNCHER, PORT=port, DATA_DIR=str(data_dir)) as again:
        again.await_line(is_ready, READY_SECS)
        assert "was created" not in again.output()
        answer = verify(port, before)
        assert answer["token"]
        assert again.terminate(number=signal.SIGINT) == 0
    assert processes_mentioning(data_dir) == []


def test_a_killed_launcher_takes_everything_along(tmp_path: Path) -> None:
    settings = {"PORT": str(free_port()), "DATA_DIR": str(tmp_path)}
    with Running(*LAUNCHER, **settings) as killed:
        killed.await_line(is_ready, READY_SECS)
        family = killed.family()
        killed.terminate(number=signal.SIGKILL)
        psutil.wait_procs(family, timeout=20)
        assert processes_mentioning(tmp_path) == []
    with Running(*LAUNCHER, **settings) as again:
        again.await_line(is_ready, READY_SECS)
        assert again.terminate() == 0


def verify(port: str, code: str) -> dict[str, str]:
    """Signs in with a code that was asked for before the restart."""
    request = urllib.request.Request(
        f"http://localhost:{port}/admin/otp/verify",
        json.dumps({"adminId": "admin", "code": code}).encode(),
        {"Content-Type": "application/json", "Origin": f"http://localhost:{port}"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return dict(json.load(answer))
