"""The worker's /metrics: who may read it, as for the web process, and what it counts."""

from __future__ import annotations

import http.client
import ipaddress
import socket
import struct
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from prometheus_client import REGISTRY

from harness.installation import METRICS_TOKEN
from support.ops import worker_metrics
from support.ops.worker_metrics import OUTCOMES, Handler, Server

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_server")]


@pytest.fixture
def server(settings: Any) -> Iterator[Server]:
    """The worker's server, as in production: no network is trusted, a token is set."""
    settings.METRICS_NETWORKS, settings.METRICS_TOKEN = [], METRICS_TOKEN
    settings.DJANGO_ENV, settings.ALLOWED_METRICS_ORIGINS = "production", ["https://grafana.example.com"]
    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = False  # closing it waits for them
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def port(server: Server) -> int:
    return int(server.server_address[1])


def status(port: int, path: str = "/metrics", **headers: str) -> int:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_the_token_opens(port: int) -> None:
    assert status(port, Authorization=f"Bearer {METRICS_TOKEN}") == 200
    assert status(port, "/elsewhere", Authorization=f"Bearer {METRICS_TOKEN}") == 404


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": "Bearer wrong"}, {"Origin": "https://grafana.example.com"}, {"X-Forwarded-For": "10.0.0.1"}],
)
def test_nothing_else_does(port: int, settings: Any, headers: dict[str, str]) -> None:
    settings.METRICS_NETWORKS = [ipaddress.ip_network("10.0.0.0/8")]
    assert status(port, **headers) == 403


def test_a_listed_network_opens(port: int, settings: Any) -> None:
    settings.METRICS_NETWORKS = [ipaddress.ip_network("127.0.0.0/8")]
    assert status(port) == 200


def test_a_scraper_that_goes_away_leaves_no_trace(
    server: Server, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    for _ in range(5):
        with socket.create_connection(server.server_address[:2]) as scraper:
            scraper.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset, no end
            scraper.sendall(f"GET /metrics HTTP/1.0\r\nAuthorization: Bearer {METRICS_TOKEN}\r\n\r\n".encode())
    assert status(server.server_address[1], Authorization=f"Bearer {METRICS_TOKEN}") == 200
    server.shutdown()
    server.server_close()
    assert "Traceback" not in capfd.readouterr().err
    assert caplog.text == ""


def test_what_fails_in_it_is_logged(
    server: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(_registry: Any) -> bytes:
        raise ValueError("no figures")

    monkeypatch.setattr(worker_metrics, "generate_latest", fails)
    with pytest.raises(http.client.RemoteDisconnected):
        status(server.server_address[1], Authorization=f"Bearer {METRICS_TOKEN}")
    server.shutdown()
    server.server_close()
    assert "the worker's /metrics failed" in caplog.text
    assert "no figures" in caplog.text


def test_the_tasks_of_beat_are_there_from_the_start() -> None:
    for task in ("queueing.tick", "queueing.record", "notifications.sweep", "notifications.deliver"):
        for outcome in OUTCOMES:
            labels = {"task": task, "outcome": outcome}
            assert REGISTRY.get_sample_value("worker_tasks_total", labels) is not None
