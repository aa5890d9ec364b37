"""/metrics: who may read it, and the names that dashboards rely on."""

import ipaddress
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from harness.redis_process import RedisProcess

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_server")]

TOKEN = "t0ken-of-the-tests-abcdefgh"
ALLOWED = "https://grafana.example.com"


@pytest.fixture
def guarded(settings: Any) -> Any:
    """As in production: no network is trusted, a token is set."""
    settings.DJANGO_ENV = "production"
    settings.METRICS_NETWORKS = []
    settings.METRICS_TOKEN = TOKEN
    settings.ALLOWED_METRICS_ORIGINS = [ALLOWED]
    return settings


def get(client: Client, **headers: str) -> HttpResponse:
    return client.get("/metrics", headers=headers)


def test_the_token_opens(client: Client, guarded: Any) -> None:
    assert get(client, Authorization=f"Bearer {TOKEN}").status_code == 200


@pytest.mark.parametrize("wrong", ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer ü"])
def test_another_token_does_not(client: Client, guarded: Any, wrong: str) -> None:
    response = get(client, Authorization=wrong)
    assert response.status_code == 403
    assert response.json()["error"]["code"] == "forbidden"


def test_no_token_set_is_no_open_door(client: Client, guarded: Any) -> None:
    guarded.METRICS_TOKEN = ""
    assert get(client, Authorization="Bearer ").status_code == 403


def test_in_production_an_origin_alone_opens_nothing(client: Client, guarded: Any) -> None:
    assert get(client, Origin=ALLOWED).status_code == 403
    response = get(client, Origin=ALLOWED, Authorization=f"Bearer {TOKEN}")
    assert response.status_code == 200
    assert response["Access-Control-Allow-Origin"] == ALLOWED


def test_in_development_an_allowed_origin_does(client: Client, guarded: Any) -> None:
    guarded.DJANGO_ENV = "development"
    response = get(client, Origin=ALLOWED)
    assert response.status_code == 200
    assert response["Access-Control-Allow-Origin"] == ALLOWED


@pytest.mark.parametrize(
    "origin",
    [
        f"{ALLOWED}.evil.io",
        "https://grafana.example.com:444",
        "http://grafana.example.com",
        "https://evil.io",
        "null",
        f"{ALLOWED}@evil.io",
    ],
)
def test_origins_are_compared_exactly(client: Client, guarded: Any, origin: str) -> None:
    guarded.DJANGO_ENV = "development"
    guarded.METRICS_NETWORKS = [ipaddress.ip_network("127.0.0.0/8")]
    response = get(client, Origin=origin)
    assert response.status_code == 403
    assert "Access-Control-Allow-Origin" not in response


def test_a_listed_network_opens(client: Client, guarded: Any) -> None:
    guarded.METRICS_NETWORKS = [ipaddress.ip_network("192.0.2.0/24")]
    assert client.get("/metrics", REMOTE_ADDR="192.0.2.7").status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="198.51.100.7").status_code == 403
    assert client.get("/metrics", REMOTE_ADDR="").status_code == 403


@pytest.mark.parametrize(
    "name",
    [
        "socket_connections_total",
        "queue_length",
        "support_queue_length",
        "jobs_failed_total",
        "telegram_jobs_failed_total",
        "django_http_requests_total_by_method_total",
        'adminara_live_source_up{source="queueing"} 1.0',
        'adminara_live_source_up{source="notifications"} 1.0',
    ],
)
def test_the_names_that_dashboards_rely_on(client: Client, name: str) -> None:
    text = get(client).content.decode()
    assert f"\n{name}" in text


def test_without_redis_the_scrape_still_answers(client: Client, redis_process: RedisProcess) -> None:
    redis_process.stop()
    response = get(client)
    assert response.status_code == 200
    assert 'adminara_live_source_up{source="queueing"} 0.0' in response.content.decode()
