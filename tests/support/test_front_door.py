"""What programs ask for at fixed addresses: robots.txt, favicon.ico, security.txt (RFC 9116)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from urllib.robotparser import RobotFileParser

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from support.config.environment import examine
from tests.support.environments import PRODUCTION
from tests.support.test_every_address import check

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_server")]

SECURITY_TXT = "/.well-known/security.txt"
CONTACT = "mailto:security@example.com"


@pytest.fixture
def fields(client: Client, settings) -> dict[str, str]:
    """The fields of security.txt where a contact is known."""
    settings.SECURITY_CONTACT = CONTACT
    settings.PUBLIC_URL = "https://support.example.com"
    response = client.get(SECURITY_TXT)
    assert response.status_code == 200
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    check(SECURITY_TXT, response)
    return dict(line.split(": ", 1) for line in response.content.decode().splitlines())


def test_nothing_is_to_be_indexed(client: Client) -> None:
    response = client.get("/robots.txt")
    check("/robots.txt", response)
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    rules = RobotFileParser()
    rules.parse(response.content.decode().splitlines())
    for path in ("/", "/widget/", "/admin/", "/static/embed.js"):
        assert not rules.can_fetch("Anybot/1.0", path)


def test_the_icon_is_an_icon_and_kept(client: Client) -> None:
    response = client.get("/favicon.ico")
    check("/favicon.ico", response)
    assert response["Content-Type"] == "image/x-icon"
    kind, pictures = response.content[:4], int.from_bytes(response.content[4:6], "little")
    assert (kind, pictures) == (b"\x00\x00\x01\x00", 3)
    assert response["Cache-Control"] == "public, max-age=86400"
    again = client.get("/favicon.ico", headers={"If-None-Match": response["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["Cache-Control"] == response["Cache-Control"]


def test_without_a_contact_there_is_no_security_txt(client: Client) -> None:
    response = client.get(SECURITY_TXT)
    assert response.status_code == 404
    check(SECURITY_TXT, response)


def test_security_txt_says_where_until_when_and_in_which_languages(fields: dict[str, str]) -> None:
    assert fields["Contact"] == CONTACT
    assert fields["Canonical"] == f"https://support.example.com{SECURITY_TXT}"
    assert fields["Preferred-Languages"] == "tr, en"
    expires = datetime.strptime(fields["Expires"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    now = timezone.now()
    assert now + timedelta(days=30) < expires < now + timedelta(days=365), "the RFC recommends less than a year"


def test_an_address_without_tls_is_not_canonical(client: Client, settings) -> None:
    settings.SECURITY_CONTACT = CONTACT
    settings.PUBLIC_URL = "http://localhost:8000"
    assert b"Canonical" not in client.get(SECURITY_TXT).content


@pytest.mark.parametrize("path", ["/robots.txt", "/favicon.ico", SECURITY_TXT])
def test_they_cost_no_session_and_take_no_post(client: Client, path: str, settings) -> None:
    settings.SECURITY_CONTACT = CONTACT
    response = client.get(path)
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")
    assert "max-age=86400" in response["Cache-Control"]
    assert client.post(path).status_code == 405


@pytest.mark.parametrize("contact", [CONTACT, "https://example.com/security", "mailto:a+b@ex.example?subject=Adminara"])
def test_a_contact_is_a_mail_address_or_a_page(contact: str) -> None:
    config, faults = examine({**PRODUCTION, "SECURITY_CONTACT": contact})
    assert (config.SECURITY_CONTACT, faults) == (contact, {})


@pytest.mark.parametrize(
    "contact",
    [
        "security@example.com",
        "http://example.com/security",
        "https://",
        "https://[",
        "mailto:",
        "mailto:nobody",
        "mailto:a@b@c",
        "javascript:alert(1)",
        "mailto:a@example.com\nContact: mailto:b@example.com",
        "https://example.com/güvenlik",
        "https://example.com/" + "x" * 500,
    ],
)
def test_anything_else_is_refused_at_the_start(contact: str) -> None:
    assert set(examine({**PRODUCTION, "SECURITY_CONTACT": contact})[1]) == {"SECURITY_CONTACT"}


@given(st.text(max_size=60), st.sampled_from(["", "mailto:a@b", "https://example.com/", "https:", "mailto:"]))
def test_whatever_is_taken_for_a_contact_is_one_line(text: str, prefix: str) -> None:
    config, faults = examine({**PRODUCTION, "SECURITY_CONTACT": prefix + text})
    assert faults or re.fullmatch(r"((mailto|https):[!-~]+)?", config.SECURITY_CONTACT, re.IGNORECASE)
