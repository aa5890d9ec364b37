"""Origins are compared exactly, after parsing."""

import pytest

from accounts.access.origins import allowed_origins, is_allowed_metrics_origin, is_allowed_origin
from infra.origins import parse_origin


@pytest.fixture(autouse=True)
def _production(settings):
    settings.DJANGO_ENV = "production"
    settings.PUBLIC_URL = "https://support.example"
    settings.ALLOWED_ORIGINS = ["https://allowed.example", "http://plain.example:8080", "https://bücher.example"]
    settings.ALLOWED_METRICS_ORIGINS = ["https://ops.example"]


@pytest.mark.parametrize(
    "origin",
    [
        "https://support.example",
        "https://support.example:443",
        "https://SUPPORT.example",
        "https://allowed.example",
        "http://plain.example:8080",
        "https://xn--bcher-kva.example",
    ],
)
def test_accepts_ours_and_the_listed_ones(origin):
    assert is_allowed_origin(origin, "support.example", own_only=False)


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "",
        "null",
        "https://allowed.example.evil.io",
        "https://support.example.evil.io",
        "https://evil.io/https://allowed.example",
        "https://allowed.example@evil.io",
        "https://evil.io#allowed.example",
        "https://evil.io?allowed.example",
        "https://evil.io\\allowed.example",
        "https://notallowed.example",
        "https://sub.allowed.example",
        "https://allowed.example.",
        "http://allowed.example",
        "https://allowed.example:8443",
        "https://allowed.example:",
        "https://allowed.example:0",
        "https://allowed.example:99999",
        "https://allowed.example:443:443",
        "https://allowed.example/path",
        "http://plain.example",
        "//allowed.example",
        "allowed.example",
        "javascript://allowed.example",
        "file:///allowed.example",
        "https://",
        "https://allowed..example",
        "https://allowed.example\n",
        " https://allowed.example",
        "https://allowed.example,https://evil.io",
        "https://*",
        "https://a%6clowed.example",
        "https://ａllowed.example.evil.io",
        "https://" + "a" * 400,
    ],
)
def test_refuses_everything_else(origin):
    assert not is_allowed_origin(origin, "support.example", own_only=False)


def test_what_operators_use_takes_no_listed_origin():
    assert is_allowed_origin("https://support.example", "support.example", own_only=True)
    assert not is_allowed_origin("https://allowed.example", "support.example", own_only=True)


def test_in_production_the_host_header_makes_nothing_ours():
    assert not is_allowed_origin("https://evil.io", "evil.io", own_only=True)


@pytest.mark.parametrize(
    ("origin", "host", "expected"),
    [
        ("http://localhost:3000", "localhost:8010", True),
        ("http://localhost", "localhost:8010", True),
        ("http://[::1]:3000", "[::1]:8010", True),
        ("http://127.0.0.1:3000", "localhost:8010", False),
        ("http://localhost.evil.io:8010", "localhost:8010", False),
        ("null", "localhost:8010", False),
    ],
)
def test_development_accepts_its_own_host_on_any_port(settings, origin, host, expected):
    settings.DJANGO_ENV = "development"
    assert is_allowed_origin(origin, host, own_only=True) is expected


def test_metrics_have_a_list_of_their_own():
    assert is_allowed_metrics_origin("https://ops.example", "support.example")
    assert is_allowed_metrics_origin("https://support.example", "support.example")
    assert not is_allowed_metrics_origin("https://allowed.example", "support.example")
    assert not is_allowed_metrics_origin("https://ops.example.evil.io", "support.example")
    assert not is_allowed_metrics_origin(None, "support.example")


def test_lists_are_handed_out_in_one_spelling():
    assert allowed_origins() == [
        "http://plain.example:8080",
        "https://allowed.example",
        "https://xn--bcher-kva.example",
    ]
    assert str(parse_origin("HTTPS://Allowed.Example:443")) == "https://allowed.example"
