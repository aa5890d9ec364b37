"""A message with a one-time code leads to our own address or to a listed one, and nowhere else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from notifications.content import templates
from notifications.content.links import is_allowed, with_allowed_only
from notifications.content.text import Button, Text
from notifications.models import Kind

OURS = "https://support.example.com"


@pytest.fixture(autouse=True)
def _addresses(settings: Any) -> None:
    settings.PUBLIC_URL = OURS
    settings.OTP_ALLOWED_URLS = ["https://help.example.org:8443"]


@pytest.mark.parametrize(
    "url", [OURS, f"{OURS}/admin/", "https://SUPPORT.example.com:443/x", "https://help.example.org:8443/a?b#c"]
)
def test_our_own_and_listed_addresses_are_allowed(url: str) -> None:
    assert is_allowed(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://support.example.com.evil.io/",
        "https://support.example.com@evil.io/",
        "https://evil.io/https://support.example.com",
        "https://support.example.com:444/",
        "http://support.example.com/",
        "https://help.example.org/",
        "//support.example.com/",
        "javascript:alert(1)",
        "tg://resolve?domain=evil",
        "t.me/evil",
        "https://support.example.com\\@evil.io",
        "https://[broken",
        "",
    ],
)
def test_others_are_not(url: str) -> None:
    assert not is_allowed(url)


@pytest.mark.parametrize(
    "foreign",
    [
        "https://evil.io/login",
        "HTTPS://EVIL.IO/login",
        "www.evil.io",
        "evil.io/login",
        "//evil.io",
        "tg://resolve?domain=evil",
        '<a href="https://evil.io">evil.io/</a>',
        "https://support.example.com.evil.io/",
        "t.me/evil",
    ],
)
def test_a_foreign_link_is_left_out_and_the_code_stays(foreign: str) -> None:
    text = with_allowed_only(Text(f"<b>Code</b> <code>123456</code> {foreign} valid", Button("x", "https://evil.io/")))
    assert "evil" not in text.html.lower()
    assert "<code>123456</code>" in text.html
    assert text.html.endswith("valid")
    assert text.button is None


def test_our_link_and_button_stay() -> None:
    given = Text(f"Enter it at {OURS}/admin/open/console/ now", Button("Open", f"{OURS}/admin/"))
    assert with_allowed_only(given) == given


@pytest.mark.parametrize("language", ["tr", "en"])
def test_what_a_renderer_puts_into_a_code_message_is_checked(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    context = {"secret": "s", "expires_at": (timezone.now() + timedelta(minutes=5)).isoformat(), "ttl_s": 300}
    usual = templates.render(Kind.OTP, language, context, "123456")
    assert "123456" in usual.html
    assert "://" not in usual.html

    def careless(_data: Any, code: str) -> Text:
        return Text(f"{code} at https://evil.io/ or {OURS}/admin/", Button("Sign in", "https://evil.io/"))

    monkeypatch.setitem(templates._RENDERERS, Kind.OTP, careless)
    text = templates.render(Kind.OTP, language, context, "123456")
    assert text.html == f"123456 at  or {OURS}/admin/"
    assert text.button is None
