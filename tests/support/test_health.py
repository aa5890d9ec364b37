"""/health tells what works, in bounded time, with Redis really gone, hanging or wiped."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from harness.redis_process import RedisProcess
from infra.redis.client import client as redis_client
from infra.redis.client import execute, key
from queueing.live import store
from support.ops.health import CHECKS
from support.ops.heartbeat import beat

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _own_connections(redis_process: RedisProcess) -> Iterator[None]:
    yield
    redis_process.resume()
    redis_client().connection_pool.disconnect()
    connections.close_all()


def test_all_is_well(client: Client) -> None:
    beat()
    response = client.get("/health")
    body = response.json()
    assert response.status_code == 200
    assert body["status"] == "healthy", body
    assert set(body["checks"]) == set(CHECKS)
    assert all(check["ok"] for check in body["checks"].values())
    assert "no-store" in response["Cache-Control"]
    assert body["maintenance"] is False
    assert body["version"].count(".") == 2
    assert body["checks"]["telegram_queue"]["pending"] == 0
    assert body["line"]["waiting"] == body["calls"]["active"] == 0
    assert body["messages"] == {"open": 0, "taken": 0, "oldest_open_s": None}
    assert set(body["calls"]) >= {"success_ratio", "mean_rtt_ms", "failovers", "turn_regions"}


@pytest.mark.parametrize("headers", [{}, {"Origin": "http://testserver"}, {"Authorization": "Bearer wrong"}])
def test_strangers_learn_which_checks_pass_and_nothing_else(
    client: Client, settings: Any, headers: dict[str, str]
) -> None:
    settings.METRICS_NETWORKS = [] if "Origin" not in headers else settings.METRICS_NETWORKS
    body = client.get("/health", headers=headers).json()
    assert set(body) == {"status", "maintenance", "checks"}
    assert set(body["checks"]) == set(CHECKS)
    assert all(set(check) == {"ok"} for check in body["checks"].values())


def test_the_metrics_token_opens_the_figures(client: Client, settings: Any) -> None:
    settings.METRICS_NETWORKS, settings.METRICS_TOKEN = [], "t0ken-of-the-tests-abcdefgh"
    body = client.get("/health", headers={"Authorization": f"Bearer {settings.METRICS_TOKEN}"}).json()
    assert "heartbeat_age_s" in body["checks"]["workers"]


def test_maintenance_is_told_and_is_no_fault(client: Client) -> None:
    beat()
    execute(store.maintenance("on"))
    response = client.get("/health")
    assert response.status_code == 200
    assert (response.json()["status"], response.json()["maintenance"]) == ("healthy", True)


def test_without_a_worker_it_is_degraded_and_customers_are_served(client: Client) -> None:
    response = client.get("/health")
    assert response.status_code == 200
    assert response.json()["status"] == "degraded"
    assert response.json()["checks"]["workers"]["ok"] is False


def test_a_worker_that_went_silent_is_late(client: Client) -> None:
    redis_client().set(key("worker:heartbeat"), 1000)
    check = client.get("/health").json()["checks"]["workers"]
    assert (check["ok"], check["fault"]) == (False, "late")


def test_without_redis_customers_cannot_be_served(client: Client, redis_process: RedisProcess) -> None:
    redis_process.stop()
    response = client.get("/health")
    assert response.status_code == 503
    body = response.json()
    assert body["status"] == "unavailable"
    assert body["checks"]["redis"]["ok"] is False
    assert body["checks"]["database"]["ok"] is True
    assert "redis.sock" not in response.content.decode()


def test_a_redis_that_hangs_does_not_hang_us(client: Client, redis_process: RedisProcess) -> None:
    redis_process.pause()
    response = client.get("/health")  # answers while Redis still hangs
    assert response.status_code == 503
    assert response.json()["checks"]["redis"]["fault"] == "no answer in 1 s"


def test_it_recovers_by_itself(client: Client, redis_process: RedisProcess) -> None:
    redis_process.stop()
    assert client.get("/health").status_code == 503
    redis_process.start()
    assert client.get("/health").status_code == 200


def test_liveness_needs_nobody(client: Client, redis_process: RedisProcess) -> None:
    redis_process.stop()
    response = client.get("/health/live")
    assert response.status_code == 200
    assert response.json() == {"status": "alive"}


def test_a_load_balancer_may_ask_by_address(client: Client) -> None:
    assert client.get("/health/live", headers={"Host": "10.1.2.3:8000"}).status_code == 200
