"""The worker's /metrics: who may read it, as for the web process, and what it counts."""

from __future__ import annotations

import ipaddress
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from typing import Any

import pytest
from prometheus_client import REGISTRY

from harness.installation import METRICS_TOKEN
from support.ops.worker_metrics import OUTCOMES, Handler

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_server")]


@pytest.fixture
def port(settings: Any) -> Iterator[int]:
    """The worker's server, as in production: no network is trusted, a token is set."""
    settings.METRICS_NETWORKS, settings.METRICS_TOKEN = [], METRICS_TOKEN
    settings.DJANGO_ENV, settings.ALLOWED_METRICS_ORIGINS = "production", ["https://grafana.example.com"]
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


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


def test_the_tasks_of_beat_are_there_from_the_start() -> None:
    for task in ("queueing.tick", "queueing.record", "notifications.sweep", "notifications.deliver"):
        for outcome in OUTCOMES:
            labels = {"task": task, "outcome": outcome}
            assert REGISTRY.get_sample_value("worker_tasks_total", labels) is not None
