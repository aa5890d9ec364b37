"""BIND: what is no address, the worker's figures on both families, and the addresses that are printed for it. Of a
whole stack: `test_launcher.py`."""

from __future__ import annotations

import ipaddress
import threading
import urllib.request
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.processes import Running, free_port
from support.config.environment import load
from support.ops.worker_metrics import server_on
from support.server.listening import in_url, listeners, reached_at, shown_as

pytestmark = pytest.mark.xdist_group("launcher")


def status(url: str) -> int:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return int(answer.status)


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
