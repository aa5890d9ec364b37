"""X-Forwarded-* and Forwarded: believed from listed proxies, gone for everybody else, for HTTP and WebSocket.

What a proxy's entry says is read as proxies write it; what cannot be read is nobody, never the proxy.
"""

import ipaddress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.access.networks import may_administer
from support.config.types import ProxyHeader
from support.http.clients.access import in_network
from support.http.clients.forwarded import forwarded, node, x_forwarded
from support.http.clients.proxies import TrustedProxies, unreadable

NETWORKS = [ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("fd00::/8")]


def counted() -> float:
    """How many could not be read. Of this metric alone: to go through all of them takes longer than the test."""
    (family,) = unreadable.collect()
    return next(sample.value for sample in family.samples if sample.name == "proxy_clients_unreadable_total")


async def resolved(
    client: str,
    headers: dict[str, str],
    *,
    kind: str = "http",
    scheme: str = "http",
    header: ProxyHeader = "x-forwarded-for",
) -> dict[str, Any]:
    seen: dict[str, Any] = {}

    async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
        seen.update(scope)

    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": kind, "client": (client, 5000), "scheme": scheme, "headers": raw}
    await TrustedProxies(application, NETWORKS, header)(scope, None, None)
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
        ("garbage, 203.0.113.9, 10.2.2.2", "203.0.113.9"),
        ("10.3.3.3, 10.2.2.2", "10.3.3.3"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8::1", "2001:db8::1"),
    ],
)
async def test_the_client_is_the_nearest_address_that_is_not_ours(chain: str, client: str) -> None:
    scope = await resolved("10.1.1.1", {"X-Forwarded-For": chain})
    assert scope["client"][0] == client


READABLE = [
    ("203.0.113.9:4444", "203.0.113.9"),
    ('"203.0.113.9"', "203.0.113.9"),
    ('"203.0.113.9:4444"', "203.0.113.9"),
    ("[2001:db8::1]", "2001:db8::1"),
    ("[2001:db8::1]:4444", "2001:db8::1"),
    ('"[2001:DB8:0::1]:4444"', "2001:db8::1"),
    ("203.0.113.9:_port", "203.0.113.9"),
    ("[::ffff:203.0.113.9]:4444", "203.0.113.9"),
]
UNREADABLE = [
    "unknown",
    "_hidden",
    '"_gazonk:80"',
    "unix:",
    "203.0.113.9:",
    "203.0.113.999",
    "[2001:db8::1",
    '"',
    "[]:1",
]


@pytest.mark.parametrize(("entry", "client"), READABLE)
async def test_ports_quotes_and_brackets_are_read(entry: str, client: str) -> None:
    scope = await resolved("10.1.1.1", {"X-Forwarded-For": entry})
    assert scope["client"][0] == client
    scope = await resolved("10.1.1.1", {"X-Forwarded-For": f"1.1.1.1, {entry}, 10.2.2.2:80"})
    assert scope["client"][0] == client


@pytest.mark.parametrize("entry", UNREADABLE)
@pytest.mark.parametrize("chain", ["{}", "{}, 10.2.2.2", "10.9.9.9, {}", "10.9.9.9, {}, 10.2.2.2"])
async def test_who_cannot_be_read_is_nobody_and_comes_in_nowhere(
    entry: str, chain: str, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.ADMIN_ALLOWED_NETWORKS = settings.METRICS_NETWORKS = [*NETWORKS, ipaddress.ip_network("0.0.0.0/0")]
    before = counted()
    scope = await resolved("10.1.1.1", {"X-Forwarded-For": chain.format(entry)})
    assert scope["client"][0] == ""
    assert not may_administer(scope["client"][0])
    assert not in_network(scope["client"][0])
    assert counted() == before + 1
    assert "PROXY_HEADER" in caplog.text


async def test_a_header_without_an_entry_names_nobody() -> None:
    assert (await resolved("10.1.1.1", {"X-Forwarded-For": " , "}))["client"][0] == ""
    assert (await resolved("10.1.1.1", {"Forwarded": ""}, header="forwarded"))["client"][0] == ""


async def test_a_proxy_without_the_header_speaks_for_itself() -> None:
    assert (await resolved("10.1.1.1", {"Host": "x"}))["client"][0] == "10.1.1.1"


async def test_a_proxy_that_writes_the_other_header_names_nobody() -> None:
    assert (await resolved("10.1.1.1", {"Forwarded": "for=203.0.113.9"}))["client"][0] == ""
    assert (await resolved("10.1.1.1", {"X-Forwarded-For": "203.0.113.9"}, header="forwarded"))["client"][0] == ""


async def test_the_header_that_is_not_ours_is_not_read() -> None:
    both = {"X-Forwarded-For": "203.0.113.9", "Forwarded": "for=198.51.100.7"}
    assert (await resolved("10.1.1.1", both))["client"][0] == "203.0.113.9"
    assert (await resolved("10.1.1.1", both, header="forwarded"))["client"][0] == "198.51.100.7"


@pytest.mark.parametrize(
    ("value", "client"),
    [
        ("for=203.0.113.9", "203.0.113.9"),
        ('For="[2001:db8::1]:4711"', "2001:db8::1"),
        ("for=192.0.2.43, for=198.51.100.17;by=203.0.113.60;proto=http", "198.51.100.17"),
        ('for=1.1.1.1, for="203.0.113.9:4444" ; proto=https,for=10.2.2.2', "203.0.113.9"),
        ("for=unknown", ""),
        ("for=10.9.9.9, proto=https", ""),  # a hop that does not say for whom
        ("for=203.0.113.9;for=10.9.9.9", ""),
        ('for=10.9.9.9;x=", for=203.0.113.9', ""),  # an open quote that swallows what the proxy adds
        ('for=10.9.9.9, for="203.0.113.9', ""),
        ("10.9.9.9", ""),
    ],
)
async def test_forwarded_is_read_where_the_proxies_write_it(value: str, client: str) -> None:
    assert (await resolved("10.1.1.1", {"Forwarded": value}, header="forwarded"))["client"][0] == client


async def test_forwarded_names_scheme_and_host() -> None:
    said = {
        "Host": "internal:8000",
        "X-Forwarded-Proto": "http",
        "X-Forwarded-Host": "evil.example",
        "Forwarded": 'for=1.1.1.1;proto=http;host=x, for=203.0.113.9;proto=HTTPS;host="support.example.com:8443"',
    }
    scope = await resolved("10.1.1.1", said, header="forwarded")
    assert scope["scheme"] == "https"
    assert scope["headers"] == [(b"host", b"support.example.com:8443")]


HOSTILE = st.one_of(
    st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=80),
    st.text('"\\[]:;,=%. _-for10a', max_size=80),
    st.lists(st.sampled_from([*(entry for entry, _client in READABLE), *UNREADABLE, "for=", '"', "\\", ",", ";"])).map(
        "".join
    ),
)


@given(theirs=HOSTILE)
def test_no_client_talks_over_the_proxy_that_appends(theirs: str) -> None:
    """However a header begins, the last entry is what our proxy added; at worst it cannot be read."""
    line = f"{theirs}, 203.0.113.9".encode("latin-1")
    assert str((x_forwarded([(b"x-forwarded-for", line)]).chain or [None])[-1]) == "203.0.113.9"
    for added in ("for=203.0.113.9;proto=https", 'proto=https;for="203.0.113.9:4444"'):
        for lines in ([f"{theirs}, {added}"], [theirs, added]):
            said = forwarded([(b"forwarded", line.encode("latin-1")) for line in lines])
            assert str((said.chain or ["nothing"])[-1]) in ("203.0.113.9", "None")
            assert (said.chain or [None])[-1] is None or said.protocol == "https"


@given(text=HOSTILE)
def test_any_entry_is_an_address_or_nothing(text: str) -> None:
    address = node(text)
    assert address is None or ipaddress.ip_address(str(address)) == address


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
