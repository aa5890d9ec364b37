"""The deployed service behind real proxies, one that it trusts and one that it does not: HTTPS, HSTS, who a client is,
and the networks that may reach the operators' side. HTTP and WebSocket alike."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from harness.processes import Running, free_port

pytestmark = pytest.mark.xdist_group("production")

HOST = "support.example.com"
OFFICE, ELSEWHERE = "127.0.0.9", "127.0.0.10"
TRUSTED, OTHER = "127.0.0.2", "127.0.0.3"


@dataclass
class Site:
    """Ports of the service itself and of its two proxies."""

    direct: int
    trusted: int
    other: int


@pytest.fixture(scope="module")
def site(deployed: dict[str, str]) -> Iterator[Site]:
    ports = Site(free_port(), free_port(), free_port())
    settings = {
        **deployed,
        "REDIS_NAMESPACE": "behind-proxies",
        "TRUSTED_PROXIES": TRUSTED,
        # With the proxy itself: whoever it names unreadably must not come in as the proxy.
        "ADMIN_ALLOWED_NETWORKS": f"{OFFICE}/32,{TRUSTED}/32",
        "SOCKET_MAX_PER_ADDRESS": "2",
        "PORT": str(ports.direct),
    }
    proxy = "tests.support.reverse_proxy"
    with (
        Running("-m", "support.web", "--announce", **settings) as web,
        Running("-m", proxy, str(ports.trusted), str(ports.direct), TRUSTED) as trusted,
        Running("-m", proxy, str(ports.other), str(ports.direct), OTHER) as other,
    ):
        web.await_line(lambda line: line.startswith("ready "), 60)
        for process in (trusted, other):
            process.await_line(lambda line: line == "ready", 30)
        yield ports


def get(port: int, path: str, source: str = ELSEWHERE, **headers: str) -> httpx.Response:
    """One request from an address of the loopback network; `x_name` is a header `X-Name`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with httpx.Client(transport=httpx.HTTPTransport(local_address=source), timeout=20) as client:
        return client.get(f"http://127.0.0.1:{port}{path}", headers={"Host": HOST, **named})


def socket(port: int, path: str, source: str = ELSEWHERE, **headers: str) -> connect:
    named = {"Host": HOST, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return connect(
        f"ws://{HOST}/ws/{path}/",
        host="127.0.0.1",
        port=port,
        origin=f"https://{HOST}",  # type: ignore[arg-type]
        subprotocols=["adminara.v1"],  # type: ignore[list-item]
        additional_headers={name: value for name, value in named.items() if name != "Host"},
        local_addr=(source, 0),
        proxy=None,
    )


async def first_frame(open_socket: ClientConnection) -> str:
    """The type of the answer to hello, or what the error before a close says."""
    await open_socket.send(json.dumps({"type": "hello", "protocol": 1}))
    frame = json.loads(await open_socket.recv())
    return str(frame.get("code", frame["type"]))


def test_a_trusted_proxy_that_ended_tls_gets_the_page_and_hsts(site: Site) -> None:
    page = get(site.trusted, "/")
    assert page.status_code == 200
    assert page.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"


def test_plain_http_through_the_trusted_proxy_is_sent_to_https(site: Site) -> None:
    answer = get(site.trusted, "/widget/?locale=en", X_Test_Proto="http")
    assert (answer.status_code, answer.headers["Location"]) == (301, f"https://{HOST}/widget/?locale=en")
    assert "Strict-Transport-Security" not in answer.headers


@pytest.mark.parametrize("way", ["other", "direct"])
def test_who_is_not_trusted_cannot_claim_https(site: Site, way: str) -> None:
    answer = get(getattr(site, way), "/", X_Forwarded_Proto="https")
    assert (answer.status_code, answer.headers["Location"]) == (301, f"https://{HOST}/")
    assert "Strict-Transport-Security" not in answer.headers


def test_operators_pages_open_to_their_network_through_the_trusted_proxy(site: Site) -> None:
    assert get(site.trusted, "/admin/login/", OFFICE).status_code == 200


@pytest.mark.parametrize("path", ["/admin/", "/admin/login/", "/admin/console/", "/admin/open/console/", "/admin"])
def test_others_get_a_page_that_says_why(site: Site, path: str) -> None:
    answer = get(site.trusted, path, Accept="text/html", Accept_Language="en")
    assert answer.status_code == 403
    assert "your organisation's network" in answer.text.replace("&#x27;", "'")
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "path", ["/admin/otp/request", "/admin/otp/verify", "/admin/session/", "/admin/session/revoke"]
)
def test_others_get_json_from_the_sign_in_api(site: Site, path: str) -> None:
    answer = get(site.trusted, path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "network_refused")


def test_customers_come_from_everywhere(site: Site) -> None:
    assert get(site.trusted, "/widget/").status_code == 200


def test_a_client_cannot_write_itself_into_the_office(site: Site) -> None:
    assert get(site.trusted, "/admin/login/", ELSEWHERE, X_Forwarded_For=OFFICE).status_code == 403
    assert get(site.trusted, "/admin/login/", ELSEWHERE, Forwarded=f"for={OFFICE}").status_code == 403
    assert get(site.trusted, "/admin/login/", ELSEWHERE, X_Real_IP=OFFICE).status_code == 403


@pytest.mark.parametrize("entry", ["{}:4444", '"{}"', '"{}:4444"', "[{}]:4444"])
def test_a_client_with_a_port_is_that_client(site: Site, entry: str) -> None:
    assert get(site.trusted, "/admin/login/", OFFICE, X_Test_Entry=entry).status_code == 200
    assert get(site.trusted, "/admin/login/", ELSEWHERE, X_Test_Entry=entry).status_code == 403


@pytest.mark.parametrize("entry", ["unknown", "_{}", "{}:", '"{}'])
def test_a_client_that_cannot_be_read_does_not_come_in_as_the_proxy(site: Site, entry: str) -> None:
    assert get(site.trusted, "/admin/login/", OFFICE, X_Test_Entry=entry).status_code == 403


def test_an_untrusted_proxy_cannot_either(site: Site) -> None:
    # It comes from its own address, whatever it says; and over plain HTTP, so it is sent away before that.
    answer = get(site.other, "/admin/login/", OFFICE, X_Forwarded_For=OFFICE)
    assert answer.status_code in (301, 403)
    assert "csrfmiddlewaretoken" not in answer.text


async def test_a_socket_through_the_trusted_proxy_is_served(site: Site) -> None:
    async with socket(site.trusted, "customer") as open_socket:
        assert await first_frame(open_socket) == "welcome"


@pytest.mark.parametrize("way", ["other", "direct"])
async def test_a_plain_socket_is_refused_whatever_it_claims(site: Site, way: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with socket(getattr(site, way), "customer", X_Forwarded_Proto="https"):
            pass
    assert refused.value.response.status_code == 403


async def test_sockets_count_for_their_own_client_and_not_for_the_proxy(site: Site) -> None:
    async with socket(site.trusted, "customer", "127.0.0.21") as a, socket(site.trusted, "customer", "127.0.0.21") as b:
        assert [await first_frame(a), await first_frame(b)] == ["welcome", "welcome"]
        async with socket(site.trusted, "customer", "127.0.0.22") as somebody_else:
            assert await first_frame(somebody_else) == "welcome"
        async with socket(site.trusted, "customer", "127.0.0.21", X_Forwarded_For="127.0.0.23") as third:
            assert json.loads(await third.recv())["code"] == "rate_limited"
            with pytest.raises(ConnectionClosed) as closed:
                await third.recv()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 4429


async def test_sockets_with_a_port_count_for_their_own_client(site: Site) -> None:
    port = {"X_Test_Entry": "{}:4444"}
    async with (
        socket(site.trusted, "customer", "127.0.0.31", **port) as a,
        socket(site.trusted, "customer", "127.0.0.31", **port) as b,
        socket(site.trusted, "customer", "127.0.0.32", **port) as somebody_else,
    ):
        assert [await first_frame(each) for each in (a, b, somebody_else)] == ["welcome"] * 3


async def test_the_operators_socket_opens_to_their_network_alone(site: Site) -> None:
    async with socket(site.trusted, "operator", OFFICE) as inside:
        assert await first_frame(inside) == "welcome"
    async with socket(site.trusted, "operator", ELSEWHERE, X_Forwarded_For=OFFICE) as outside:
        assert json.loads(await outside.recv())["code"] == "network_refused"
        with pytest.raises(ConnectionClosed) as closed:
            await outside.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4403
