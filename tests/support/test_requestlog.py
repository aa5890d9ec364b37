"""The one line of an HTTP request: ids, and neither queries nor whole addresses."""

from __future__ import annotations

import pytest
from django.test import Client
from structlog.testing import capture_logs

from infra.logs import trace
from support.http.requestlog import session_id, shortened

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_server")]


def test_the_id_of_a_page_comes_back_and_another_is_made_for_others(client: Client) -> None:
    given = client.get("/", headers={"X-Request-ID": "0123-page_ID"})
    assert given["X-Request-ID"] == "0123-page_ID"
    made = client.get("/")["X-Request-ID"]
    assert trace.accepted(made) == made
    assert client.get("/")["X-Request-ID"] != made


def test_queries_stay_out(client: Client) -> None:
    with capture_logs() as lines:
        client.get("/?locale=tr&q=Ada+Lovelace")
    told = [line for line in lines if line["event"] == "request_finished"]
    assert [line["request"] for line in told] == ["GET /"]
    assert "Ada" not in str(lines)


def test_scrapes_are_no_news(client: Client) -> None:
    with capture_logs() as lines:
        client.get("/metrics")
        client.get("/health")
    assert not [line for line in lines if line["event"] == "request_finished"]


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2::5", "2001:db8:1::/48"),
        ("", ""),
        ("unix:", ""),
    ],
)
def test_an_address_is_cut_to_its_network(address: str, network: str) -> None:
    assert shortened(address) == network


def test_a_session_is_named_by_its_hash() -> None:
    key = "a-session-key-that-is-a-secret"
    assert len(session_id(key)) == 12
    assert session_id(key) not in key
    assert session_id("") == ""
