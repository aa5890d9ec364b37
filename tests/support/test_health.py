"""/health tells what works, in bounded time, with Redis really gone, hanging or wiped."""

import time
from collections.abc import Iterator

import pytest
from django.db import connections
from django.test import Client

from infra.redis import client as redis_client
from infra.redis import key
from support.heartbeat import beat
from tests.redis_process import RedisProcess

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
    assert set(body["checks"]) == {"redis", "database", "channel_layer", "workers", "journal", "outbox"}
    assert all(check["ok"] for check in body["checks"].values())
    assert "no-store" in response["Cache-Control"]


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
    start = time.monotonic()
    response = client.get("/health")
    assert time.monotonic() - start < 1.8
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
