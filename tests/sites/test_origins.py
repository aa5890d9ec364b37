"""Which pages may show a site's widget."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sites.origins import ancestors, spelled
from sites.profile import Profile

ALLOWED = ["https://shop.example", "https://other.example"]
HOSTILE = [
    "*",
    "https://*.shop.example",
    "https://shop.example/path",
    "'self'",
    "data:",
    "https:",
    "",
    "\x00",
    "a b",
    ";",
]


def test_a_site_narrows_what_ops_allow(settings: Any) -> None:
    shop = Profile(origins=("HTTPS://Shop.Example:443", "https://more.example", "https://*.example"))
    assert ancestors(Profile(), ALLOWED) == ALLOWED
    assert ancestors(shop, ALLOWED) == ["https://shop.example"]
    assert ancestors(Profile(origins=("https://more.example",)), ALLOWED) == []
    settings.SITES_MAY_ADD_ORIGINS = True
    assert ancestors(shop, ALLOWED) == ["https://shop.example", "https://more.example"]


@given(st.lists(st.one_of(st.text(max_size=60), st.sampled_from([*HOSTILE, *ALLOWED])), max_size=8))
def test_whatever_stands_there_nothing_but_origins_comes_out(given: list[str]) -> None:
    found = spelled(given)
    assert len(found) == len(set(found))
    for origin in found:
        scheme, _colon, rest = origin.partition("://")
        assert scheme in ("http", "https")
        assert rest.isascii()
        assert not set(rest) & set(" /*;,'\"\\\n\r")
    assert ancestors(Profile(origins=tuple(given)), ALLOWED) in (
        ALLOWED if not given else [origin for origin in found if origin in ALLOWED],
    )
