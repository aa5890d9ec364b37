"""How often one address may ask over HTTP: counted without any store."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client, override_settings

from harness.redis_process import RedisProcess

PATHS = ["/health/live", "/embed.js", "/metrics", "/admin/open/console/", "/nothing/"]


@pytest.fixture
def tight() -> Iterator[Client]:
    """A client of a service that allows three requests a minute; each test's service counts from zero."""
    with override_settings(HTTP_LIMIT="3/minute"):
        yield Client()


@pytest.mark.parametrize("path", PATHS)
def test_the_fourth_request_is_told_when_to_come_back(tight: Client, path: str) -> None:
    statuses = [tight.get(path).status_code for _ in range(3)]
    assert 429 not in statuses
    refused = tight.get(path)
    assert refused.status_code == 429
    assert refused["Retry-After"] == "20"
    assert refused.json()["error"]["code"] == "rate_limited"
    assert refused.json()["error"]["retryable"] is True


def test_a_browser_is_told_on_a_page(tight: Client) -> None:
    for _ in range(4):
        refused = tight.get("/nothing/", headers={"accept": "text/html,*/*;q=0.8", "accept-language": "tr"})
    assert (refused.status_code, refused["Retry-After"]) == (429, "20")
    assert refused["Content-Type"].startswith("text/html")
    assert "style-src 'self'" in refused["Content-Security-Policy"]
    assert "20 saniye" in refused.text


def test_another_address_is_not_affected(tight: Client) -> None:
    for _ in range(4):
        tight.get("/health/live")
    assert tight.get("/health/live", REMOTE_ADDR="203.0.113.9").status_code == 200


def test_a_whole_ipv6_network_counts_as_one_client(tight: Client) -> None:
    for host in range(1, 4):
        tight.get("/health/live", REMOTE_ADDR=f"2001:db8::{host}")
    assert tight.get("/health/live", REMOTE_ADDR="2001:db8::9").status_code == 429
    assert tight.get("/health/live", REMOTE_ADDR="2001:db8:0:1::9").status_code == 200


def test_static_files_are_not_counted(tight: Client) -> None:
    for _ in range(5):
        assert tight.get("/static/nothing.js").status_code == 404


def test_it_holds_without_redis(tight: Client, redis_process: RedisProcess) -> None:
    redis_process.kill()
    statuses = [tight.get("/embed.js").status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
