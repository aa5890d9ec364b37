"""All addresses there are, walked: the headers of each answer, inline code in no page, CSRF on every way to change."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.http import HttpResponse
from django.test import Client

from support.config.schema import BASE_DIR
from tests.support.addresses import PROBES, every_address, patterns

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_server")]

FRAMABLE = ["/widget/"]
FOR_OTHER_SITES = ["/embed.js", "/site.js", "/widget/"]
WITHOUT_CSRF = {
    "otp_request",
    "otp_verify",
    "webhook",
    "mail",
    "rating",
    "place",
    "callback",
    "callback_start",
    "give_up",
    "files",
    "message",
    "draft",
    "upload",
    "choose",
    "appointment",
    "device",
}
"""An allowed Origin, or a secret in a header, stands in its place; `files` asks operators for the token itself; a
`message` with its `draft` and `upload` is nobody's, and so is a time until it is chosen (`choose`); an `appointment`
with its `device`, and a place to `give_up`, is whose link is signed."""
HANDLER = re.compile(r"<[^>]*\s(?:on[a-z]+|style)\s*=", re.IGNORECASE)
INLINE = re.compile(r"<style\b|javascript:", re.IGNORECASE)
SCRIPT = re.compile(r"<script\b([^>]*)>", re.IGNORECASE)


@pytest.fixture
def operator(client: Client) -> Client:
    """Signed in, with every right."""
    client.force_login(get_user_model().objects.create_user("root", name="Root", is_superuser=True))
    return client


def policy(response: HttpResponse) -> dict[str, list[str]]:
    parts = [part.split() for part in response["Content-Security-Policy"].split(";") if part.strip()]
    return {name: sources for name, *sources in parts}


def check(path: str, response: HttpResponse) -> None:
    assert response.status_code < 500, path
    rules = policy(response)
    assert "unsafe" not in response["Content-Security-Policy"], path
    assert rules["default-src"] in (["'self'"], ["'none'"]), path
    assert not any(source in ("*", "https:", "http:", "data:") for source in rules.get("script-src", [])), path
    if path in FRAMABLE:
        assert "*" not in rules["frame-ancestors"]
        assert "X-Frame-Options" not in response
    else:
        assert rules["frame-ancestors"] == ["'none'"], path
    assert response["Cross-Origin-Opener-Policy"] == "same-origin", path
    site = "cross-origin" if path in FOR_OTHER_SITES and response.status_code == 200 else "same-origin"
    assert response["Cross-Origin-Resource-Policy"] == site, path
    assert response["Referrer-Policy"] == "strict-origin-when-cross-origin", path
    assert response["X-Content-Type-Options"] == "nosniff", path
    assert "camera=(self)" in response["Permissions-Policy"], path
    assert "geolocation=()" in response["Permissions-Policy"], path
    if path.startswith("/admin/"):
        assert re.search("no-store|no-cache|private", response["Cache-Control"]), path
    if response["Content-Type"].startswith("text/html"):
        check_html(path, response.content.decode(), rules)


def check_html(path: str, html: str, rules: dict[str, list[str]]) -> None:
    assert not HANDLER.search(html), (path, HANDLER.search(html))
    assert not INLINE.search(html), path
    nonces = [source[7:-1] for source in rules.get("script-src", []) if source.startswith("'nonce-")]
    for attributes in SCRIPT.findall(html):
        data = "application/json" in attributes
        ours = 'src="/' in attributes
        assert data or ours or any(f'nonce="{nonce}"' in attributes for nonce in nonces), (path, attributes)


def test_the_walk_finds_the_pages_of_every_app() -> None:
    paths = every_address()
    assert len(paths) > 40
    for known in ("/", "/widget/", "/metrics", "/health", "/admin/login/", "/admin/otp/verify", "/admin/console/"):
        assert known in paths
    for app in ("accounts/auditevent", "queueing/conversation", "queueing/blockentry", "notifications/outboxmessage"):
        assert f"/admin/{app}/" in paths


def test_every_answer_to_a_stranger_has_its_headers(client: Client) -> None:
    for path in [*every_address(), "/nothing/", "/static/nothing.js"]:
        check(path, client.get(path))


def test_every_answer_to_an_operator_has_its_headers(operator: Client) -> None:
    for path in every_address():
        if "logout" not in path:
            check(path, operator.get(path))


def test_every_refusal_has_its_headers(client: Client, settings: object) -> None:
    settings.HTTP_LIMIT = "1/hour"  # type: ignore[attr-defined]
    tight = Client()
    tight.get("/health/live")
    refused = tight.get("/health/live")
    assert refused.status_code == 429
    check("/health/live", refused)
    check("/", client.get("/", headers={"Host": "evil.example"}))
    check("/admin/otp/verify", client.post("/admin/otp/verify", "{}", content_type="application/json"))


def test_nothing_changes_without_the_csrf_token(operator: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = operator.cookies
    for path in set(every_address()) - set(PROBES):
        response = strict.post(path, {"adminId": "root"})
        assert response.status_code in (400, 403, 404, 405), (path, response.status_code)


def test_only_what_has_another_proof_is_free_of_csrf() -> None:
    free = {view.__name__ for _path, view in patterns() if getattr(view, "csrf_exempt", False)}
    assert free <= WITHOUT_CSRF


def test_no_template_has_inline_style_or_handlers() -> None:
    pages = [*(BASE_DIR / "templates").rglob("*.html"), *BASE_DIR.glob("*/templates/**/*.html")]
    assert len(pages) > 5
    faults: list[tuple[Path, str]] = []
    for page in pages:
        text = re.sub(r"{%.*?%}|{{.*?}}|{#.*?#}", "", page.read_text(), flags=re.DOTALL)
        faults += [(page, found[0]) for pattern in (HANDLER, INLINE) for found in pattern.finditer(text)]
        for found in SCRIPT.finditer(page.read_text()):
            if not re.search(r"\bnonce=|\bsrc=|application/json", found[1]):
                faults.append((page, found[0]))
    assert faults == []
