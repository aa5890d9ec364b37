"""The pages: what they may load, who may frame them, what they say about errors."""

import json
import re

import pytest
from django.contrib.auth import get_user_model
from django.http import HttpResponse
from django.test import Client, override_settings

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_server")]

PAGES = ["/", "/widget/", "/demo/", "/admin/login/", "/admin/open/console/"]


def policy(response: HttpResponse) -> dict[str, list[str]]:
    """The Content-Security-Policy as directive → sources."""
    parts = [part.split() for part in response["Content-Security-Policy"].split(";") if part.strip()]
    return {name: sources for name, *sources in parts}


@pytest.mark.parametrize("page", PAGES)
def test_no_page_allows_inline_code(client: Client, page: str) -> None:
    response = client.get(page)
    assert response.status_code == 200
    rules = policy(response)
    assert "unsafe" not in response["Content-Security-Policy"]
    assert rules["object-src"] == ["'none'"]
    assert rules["base-uri"] == ["'none'"]
    assert rules["style-src"] == ["'self'"]


@pytest.mark.parametrize("page", PAGES)
def test_every_script_is_ours_or_carries_the_nonce(client: Client, page: str) -> None:
    response = client.get(page)
    html = response.content.decode()
    nonces = [source[7:-1] for source in policy(response)["script-src"] if source.startswith("'nonce-")]
    for attributes, body in re.findall(r"<script\b([^>]*)>(.*?)</script>", html, re.DOTALL):
        if "application/json" in attributes:
            continue
        source = re.search(r'src="([^"]*)"', attributes)
        if source:
            assert source[1].startswith("/")
            assert not body.strip()
        else:
            assert any(f'nonce="{nonce}"' in attributes for nonce in nonces)
    assert not re.search(r"\son[a-z]+=", html)
    assert not re.search(r"<[^>]*\sstyle=", html)
    assert "<style" not in html


def test_nonces_are_used_once(client: Client) -> None:
    first, second = (client.get("/admin/open/console/")["Content-Security-Policy"] for _ in range(2))
    assert first != second


@pytest.mark.parametrize("page", ["/", "/admin/login/", "/admin/open/console/", "/nothing/"])
def test_only_the_widget_can_be_framed(client: Client, page: str) -> None:
    response = client.get(page)
    assert response["X-Frame-Options"] == "DENY"
    if response.status_code == 200:
        assert policy(response)["frame-ancestors"] == ["'none'"]


def test_the_widget_can_be_framed_by_listed_sites(client: Client) -> None:
    response = client.get("/widget/")
    assert "X-Frame-Options" not in response
    ancestors = policy(response)["frame-ancestors"]
    assert "'self'" in ancestors
    assert "*" not in ancestors


@pytest.mark.parametrize("page", PAGES)
def test_headers_of_every_page(client: Client, page: str) -> None:
    response = client.get(page)
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=(self)" in response["Permissions-Policy"]
    assert "no-store" in response["Cache-Control"]


def config_of(response: HttpResponse) -> dict[str, object]:
    found = re.search(r'<script id="adminara-config"[^>]*>(.*?)</script>', response.content.decode(), re.DOTALL)
    assert found
    return dict(json.loads(found[1]))


@pytest.mark.parametrize(("page", "embedded"), [("/", False), ("/widget/", True)])
def test_customer_pages_know_their_socket_and_language(client: Client, page: str, embedded: bool) -> None:
    config = config_of(client.get(page, headers={"Accept-Language": "tr"}))
    assert config["wsUrl"] == "/ws/customer/"
    assert config["locale"] == "tr"
    assert config["embedded"] is embedded
    assert config_of(client.get(page, {"locale": "en"}))["locale"] == "en"


@pytest.mark.parametrize(
    ("header", "spoken"),
    [
        ("de-DE,de;q=0.9", "en"),
        ("de, tr;q=0.5", "tr"),
        ("en;q=0.1, tr-TR", "tr"),
        ("*", "tr"),
        ("", "tr"),
        ("x" * 9999, "tr"),
        (";;q=,=\x7f", "tr"),
        ("tr" * 4000 + ",en", "tr"),
    ],
)
def test_who_speaks_none_of_our_languages_is_spoken_to_in_english(client: Client, header: str, spoken: str) -> None:
    assert f'<html lang="{spoken}"' in client.get("/", headers={"Accept-Language": header}).content.decode()


def test_turkish_is_the_default(client: Client) -> None:
    assert '<html lang="tr"' in client.get("/").content.decode()


def test_the_loader_is_cacheable(client: Client) -> None:
    response = client.get("/embed.js")
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/javascript")
    assert "max-age=3600" in response["Cache-Control"]
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
    again = client.get("/embed.js", headers={"If-None-Match": response["ETag"]})
    assert again.status_code == 304
    # A browser puts these over what it kept: with our own "same-origin" no other site could load it again.
    for name in ("Cross-Origin-Resource-Policy", "Cache-Control"):
        assert again[name] == response[name]


def test_the_console_asks_for_sign_in(client: Client) -> None:
    response = client.get("/admin/console/")
    assert response.status_code == 302
    assert response["Location"].startswith("/admin/login/")


def test_the_console_of_an_operator(client: Client) -> None:
    operator = get_user_model().objects.create_user("ayse", name="Ayşe")
    client.force_login(operator)
    response = client.get("/admin/console/")
    assert response.status_code == 200
    config = config_of(response)
    assert (config["wsUrl"], config["adminId"]) == ("/ws/operator/", "ayse")
    assert "csrftoken" in response.cookies
    assert not response.cookies["csrftoken"]["httponly"]
    assert "no-store" in response["Cache-Control"]
    ours = set(re.findall(r'(?:href|src)="/static/((?:js|css)/[^"]+)"', response.content.decode()))
    assert {name for name in ours if "console" in name or name.startswith("js/")} == {
        "css/console.part.css",
        "js/console.part.js",
    }


@pytest.mark.parametrize(
    ("link", "page"), [("", "/admin/console/"), ("console/", "/admin/console/"), ("admin/", "/admin/")]
)
def test_a_link_from_a_message_hops_once_on_our_own_site(client: Client, link: str, page: str) -> None:
    response = client.get(f"/admin/open/{link}")
    assert response.status_code == 200
    assert not response.cookies
    assert f'href="{page}"' in response.content.decode()
    assert "window.location.replace(" in response.content.decode()


@pytest.mark.parametrize("link", ["https://evil.example/", "//evil.example/", "..//evil", "javascript:alert(1)"])
def test_a_link_never_says_where_to(client: Client, link: str) -> None:
    assert client.get(f"/admin/open/{link}").status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_pages_are_only_read(client: Client, method: str) -> None:
    assert getattr(client, method)("/").status_code == 405


class TestErrors:
    """One shape for JSON clients, a page for people."""

    def test_json_clients_get_the_shape(self, client: Client) -> None:
        response = client.get("/nothing/", headers={"Accept": "application/json"})
        assert response.status_code == 404
        assert response.json()["error"]["code"] == "not_found"
        assert response.json()["error"]["retryable"] is False

    def test_a_wrong_method_keeps_allow(self, client: Client) -> None:
        response = client.post("/", headers={"Accept": "application/json"})
        assert response.status_code == 405
        assert response.json()["error"]["code"] == "method_not_allowed"
        assert "GET" in response["Allow"]

    def test_people_get_a_page(self, client: Client) -> None:
        response = client.get("/nothing/", headers={"Accept": "text/html", "Accept-Language": "tr"})
        assert response.status_code == 404
        assert "Bu adreste bir şey yok" in response.content.decode()

    def test_csrf_failures_too(self) -> None:
        client = Client(enforce_csrf_checks=True)
        operator = get_user_model().objects.create_user("ayse", name="Ayşe")
        client.force_login(operator)
        response = client.post("/admin/session/revoke", "{}", content_type="application/json")
        assert response.status_code == 403
        assert response.json()["error"]["code"] == "csrf_failed"

    def test_an_unknown_host_is_a_bad_request(self, client: Client) -> None:
        response = client.get("/", headers={"Host": "evil.example", "Accept": "application/json"})
        assert response.status_code == 400
        assert response.json()["error"]["code"] == "bad_request"

    @override_settings(DEBUG_PROPAGATE_EXCEPTIONS=False)
    def test_a_crash_says_nothing_about_itself(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        def crash(*_: object, **__: object) -> None:
            raise RuntimeError("database password is hunter2")

        monkeypatch.setattr("support.http.customer.customer_page.render", crash)
        client.raise_request_exception = False
        response = client.get("/", headers={"Accept": "application/json"})
        assert response.status_code == 500
        assert response.json()["error"]["code"] == "server_error"
        assert "hunter2" not in response.content.decode()
        page = client.get("/", headers={"Accept": "text/html"})
        assert page.status_code == 500
        assert "hunter2" not in page.content.decode()
