"""X-Forwarded-*: believed from listed proxies, gone for everybody else, for HTTP and WebSocket."""

import ipaddress
from typing import Any

import pytest

from support.proxies import TrustedProxies

NETWORKS = [ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("fd00::/8")]


async def resolved(client: str, headers: dict[str, str], *, kind: str = "http", scheme: str = "http") -> dict[str, Any]:
    seen: dict[str, Any] = {}

    async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
        seen.update(scope)

    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": kind, "client": (client, 5000), "scheme": scheme, "headers": raw}
    await TrustedProxies(application, NETWORKS)(scope, None, None)
    return seen


async def test_a_stranger_is_not_believed() -> None:
    scope = await resolved(
        "203.0.113.9",
        {
            "Host": "support.example.com",
            "X-Forwarded-For": "1.2.3.4",
            "X-Forwarded-Proto": "https",
            "X-Forwarded-Host": "x",
        },
    )
    assert scope["client"][0] == "203.0.113.9"
    assert scope["scheme"] == "http"
    assert scope["headers"] == [(b"host", b"support.example.com")]


async def test_a_trusted_proxy_names_client_scheme_and_host() -> None:
    scope = await resolved(
        "10.1.1.1",
        {
            "Host": "internal:8000",
            "X-Forwarded-For": "203.0.113.9",
            "X-Forwarded-Proto": "https",
            "X-Forwarded-Host": "support.example.com",
        },
    )
    assert scope["client"][0] == "203.0.113.9"
    assert scope["scheme"] == "https"
    assert scope["headers"] == [(b"host", b"support.example.com")]


@pytest.mark.parametrize(
    ("chain", "client"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("203.0.113.9, 10.2.2.2", "203.0.113.9"),
        ("1.1.1.1, 203.0.113.9, 10.2.2.2", "203.0.113.9"),  # what a client wrote itself stands left
        ("garbage, 10.2.2.2", "10.2.2.2"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8::1", "2001:db8::1"),
    ],
)
async def test_the_client_is_the_nearest_address_that_is_not_ours(chain: str, client: str) -> None:
    scope = await resolved("10.1.1.1", {"X-Forwarded-For": chain})
    assert scope["client"][0] == client


async def test_sockets_are_resolved_the_same_way() -> None:
    scope = await resolved(
        "fd00::1",
        {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"},
        kind="websocket",
        scheme="ws",
    )
    assert scope["scheme"] == "wss"
    assert scope["client"][0] == "203.0.113.9"


async def test_a_unix_socket_peer_is_nobody() -> None:
    seen: dict[str, Any] = {}

    async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
        seen.update(scope)

    await TrustedProxies(application, NETWORKS)({"type": "http", "client": None, "headers": []}, None, None)
    assert seen["client"] == ("", 0)


async def test_other_scopes_pass_untouched() -> None:
    seen: dict[str, Any] = {}

    async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
        seen.update(scope)

    await TrustedProxies(application, NETWORKS)({"type": "lifespan"}, None, None)
    assert seen == {"type": "lifespan"}
