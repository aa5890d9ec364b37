"""BIND: IPv4, IPv6 and both, under the launcher and both servers; and the addresses that are printed for it."""

from __future__ import annotations

import ipaddress
import socket
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import database
from harness.processes import Running, free_port
from support.config.environment import load
from support.ops.worker_metrics import server_on
from support.server.listening import in_url, listeners, reached_at, shown_as

pytestmark = pytest.mark.xdist_group("launcher")


def is_ready(line: str) -> bool:
    return line.startswith("ready ")


def status(url: str) -> int:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return int(answer.status)


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dual-stack")
    database.place(folder / database.NAME)
    return folder


@pytest.fixture(scope="module")
def stack(data_dir: Path) -> Iterator[int]:
    """The port of a whole stack on `::`."""
    port = free_port()
    with Running("-m", "support.launcher", PORT=str(port), BIND="::", DATA_DIR=str(data_dir)) as running:
        assert running.await_line(is_ready, 90) == f"ready http://localhost:{port}"
        yield port


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]"])
def test_a_stack_on_every_address_serves_both_families(stack: int, host: str) -> None:
    assert status(f"http://{host}:{stack}/") == 200
    # Open to 127.0.0.0/8 and ::1 in development: an IPv4 client of an IPv6 socket is still the IPv4 client.
    assert status(f"http://{host}:{stack}/metrics") == 200


def test_a_taken_port_is_told_for_ipv6_too(stack: int, tmp_path: Path) -> None:
    with Running("-m", "support.launcher", PORT=str(stack), BIND="::1", DATA_DIR=str(tmp_path)) as second:
        assert second.process.wait(30) == 1
        assert f"Port {stack}" in second.output()


@pytest.mark.parametrize("server", ["uvicorn", "daphne"])
def test_one_ipv6_address_is_printed_in_brackets(stack: int, data_dir: Path, server: str) -> None:
    port = free_port()
    settings = {"PORT": str(port), "BIND": "::1", "DATA_DIR": str(data_dir), "WEB_SERVER": server}
    with Running("-m", "support.web", "--announce", **settings) as web:
        assert web.await_line(is_ready, 60) == f"ready http://[::1]:{port}"
        assert status(f"http://[::1]:{port}/") == 200
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.1", port), 5)


def test_daphne_serves_both_families(stack: int, data_dir: Path) -> None:
    port = free_port()
    settings = {"PORT": str(port), "BIND": "::", "DATA_DIR": str(data_dir), "WEB_SERVER": "daphne"}
    with Running("-m", "support.web", "--announce", **settings) as web:
        web.await_line(is_ready, 60)
        assert [status(f"http://{host}:{port}/metrics") for host in ("127.0.0.1", "[::1]")] == [200, 200]


def test_an_address_that_is_none_is_told(tmp_path: Path) -> None:
    with Running("-m", "support.launcher", PORT=str(free_port()), BIND="::g", DATA_DIR=str(tmp_path)) as stack:
        assert stack.process.wait(30) == 1
        assert "BIND=::g is no address" in stack.output()


def test_the_workers_figures_serve_both_families(settings: Any) -> None:
    settings.METRICS_NETWORKS = [ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128")]
    (listening,) = listeners("::", 0)
    server = server_on(listening)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    with closing(listening):
        port = listening.getsockname()[1]
        assert [status(f"http://{host}:{port}/metrics") for host in ("127.0.0.1", "[::1]")] == [200, 200]
        server.shutdown()
    thread.join(10)


@pytest.mark.parametrize(
    ("bind", "url"),
    [
        ("0.0.0.0", "http://localhost:8000"),
        ("::", "http://localhost:8000"),
        ("[::]", "http://localhost:8000"),
        ("127.0.0.1", "http://localhost:8000"),
        ("192.0.2.7", "http://192.0.2.7:8000"),
        ("::1", "http://[::1]:8000"),
        ("[2001:db8::7]", "http://[2001:db8::7]:8000"),
        ("box.lan", "http://box.lan:8000"),
    ],
)
def test_what_is_printed_leads_there(bind: str, url: str) -> None:
    config = load({"BIND": bind})
    assert config.local_url == config.public_url == url


@given(bind=st.ip_addresses().map(str))
def test_every_address_makes_an_address_of_a_page(bind: str) -> None:
    for host in (shown_as(bind), in_url(reached_at(bind))):
        if host != "localhost":
            assert ipaddress.ip_address(host.strip("[]")).version == (6 if host.startswith("[") else 4)
