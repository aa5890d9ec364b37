"""A DomainError that escapes a view becomes an answer with the right status."""

from typing import Any

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.utils import translation
from hypothesis import example, given
from hypothesis import strategies as st

from accounts.models import Operator
from infra.errors import DomainError, StoreUnavailable
from support.http import errors
from support.http.bare_page import bare_page
from support.http.middleware import ErrorShapeMiddleware

JSON = {"HTTP_ACCEPT": "application/json"}
HTML = {"HTTP_ACCEPT": "text/html"}


def answer(error: Exception, **meta: Any) -> HttpResponse | None:
    middleware = ErrorShapeMiddleware(lambda request: HttpResponse())
    return middleware.process_exception(RequestFactory().get("/", **meta), error)


def test_the_store_out_is_503_with_retry_after() -> None:
    response = answer(StoreUnavailable(), **JSON)
    assert response is not None
    assert response.status_code == 503
    assert response["Retry-After"] == "2"
    assert b'"store_unavailable"' in response.content


def test_people_read_a_page_about_it() -> None:
    response = answer(StoreUnavailable(), **HTML)
    assert response is not None
    assert response.status_code == 503
    assert response["Retry-After"] == "2"
    assert response["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(
    ("code", "status"),
    [("locked", 423), ("rate_limited", 429), ("unauthorized", 401), ("not_found", 404), ("whatever", 400)],
)
def test_codes_have_their_status(code: str, status: int) -> None:
    response = answer(DomainError(code, "No."), **JSON)
    assert response is not None
    assert response.status_code == status


def test_other_exceptions_are_not_ours() -> None:
    assert answer(ValueError("x"), **JSON) is None


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 408, 413, 418, 429, 500, 503])
def test_every_status_has_a_sentence(status: int) -> None:
    error = errors.error_for_status(status)
    assert error.code
    assert error.message
    assert error.retryable is (status >= 500 or status in (408, 429))


@pytest.mark.parametrize(
    ("meta", "wanted"),
    [
        ({"HTTP_ACCEPT": "application/json"}, True),
        ({"HTTP_ACCEPT": "text/html,application/json"}, False),
        ({"HTTP_ACCEPT": "*/*"}, False),
        ({}, False),
    ],
)
def test_who_wants_json(rf: RequestFactory, meta: dict[str, Any], wanted: bool) -> None:
    assert errors.wants_json(rf.get("/", **meta)) is wanted


def test_who_sends_json_wants_json(rf: RequestFactory) -> None:
    assert errors.wants_json(rf.post("/x", "{}", content_type="application/json"))
    assert errors.wants_json(rf.post("/admin/otp/request"))


@pytest.mark.django_db
@pytest.mark.usefixtures("redis_server")
@pytest.mark.parametrize("language", ["tr", "en"])
def test_a_status_without_a_word_is_a_page_for_people(language: str) -> None:
    """405 by Django itself; a machine gets what it got."""
    response = Client().post("/robots.txt", headers={"accept": "text/html", "accept-language": language})
    assert response.status_code == 405
    assert response["Allow"] == "GET, HEAD"
    assert "style-src" in response["Content-Security-Policy"]
    with translation.override(language):
        assert f'<h1 class="ad-error__title">{errors.error_for_status(405).message}</h1>' in response.text
    assert Client().post("/robots.txt", headers={"accept": "*/*"}).content == b""
    shaped = Client().post("/robots.txt", headers={"accept": "application/json"})
    assert shaped.json()["error"]["code"] == "method_not_allowed"


@pytest.mark.django_db
@pytest.mark.usefixtures("redis_server")
def test_in_development_nothing_lists_the_addresses(settings: Any) -> None:
    settings.DEBUG = True
    response = Client().get("/nowhere/", headers={"accept": "text/html"})
    assert (response.status_code, response.text.count("ad-error__title")) == (404, 1)
    assert "urls" not in response.text


def test_what_may_help_later_can_be_asked_for_again(rf: RequestFactory) -> None:
    def page(request: HttpRequest, status: int) -> str:
        return errors.error_page(request, errors.error_for_status(status), status).text

    elsewhere = rf.get("/?a=1&b=<x>")
    elsewhere.path = "//evil.example/"
    assert 'href="/%2Fevil.example/?a=1&amp;b=%3Cx%3E"' in page(elsewhere, 503)
    for request in (rf.post("/admin/x/"), rf.get("/admin/x/")):
        assert 'href="/admin/"' in page(request, 404)
    assert page(rf.post("/x"), 503).count("<a ") == 1


@given(accept_language=st.text(max_size=300) | st.none(), wait=st.integers(1, 600) | st.none())
@example("tr;q=0.1,\r\nX: y", 1)
@example("*;q=0,;;q=1", None)
def test_whatever_language_is_wished_for_the_bare_page_is_one_of_ours(
    accept_language: str | None, wait: int | None
) -> None:
    page = bare_page(429, accept_language, wait)
    assert page in {bare_page(429, code, wait) for code, _name in settings.LANGUAGES}


@pytest.mark.parametrize("view", [errors.bad_request, errors.permission_denied, errors.page_not_found])
def test_pages_for_people(rf: RequestFactory, view: Any) -> None:
    response = view(rf.get("/"), Exception("secret detail"))
    assert response.status_code in (400, 403, 404)
    assert b"secret detail" not in response.content


@pytest.mark.parametrize("meta", [JSON, HTML])
def test_who_lacks_a_right_is_not_asked_to_sign_in_again(rf: RequestFactory, meta: dict[str, Any]) -> None:
    request = rf.get("/", **meta)
    request.user = Operator(username="ayse")
    with translation.override("en"):
        said = errors.permission_denied(request, Exception()).content.decode()
        stranger = errors.permission_denied(rf.get("/", **meta), Exception()).content.decode()
    assert "signed in as ayse" in said
    assert "sign in again" not in said
    assert "sign in again" in stranger


@pytest.mark.django_db
@pytest.mark.usefixtures("redis_server")
def test_a_form_without_its_token_gets_a_page() -> None:
    response = Client(enforce_csrf_checks=True).post("/i18n/setlang/", {"language": "en"})
    assert response.status_code == 403
    assert response["Content-Type"].startswith("text/html")


NULL_IN_A_COOKIE = r'"a\000b"'


@pytest.mark.django_db
@pytest.mark.usefixtures("redis_server")
@pytest.mark.parametrize("address", ["/", "/admin/login/"])
def test_a_host_longer_than_any_is_refused(client: Client, settings: Any, address: str) -> None:
    settings.ALLOWED_HOSTS = [".example.org"]
    longest = f"{'a.' * 121}example.org"
    assert len(longest) == 253
    assert client.get(address, headers={"Host": f"{longest}:65535"}).status_code in (200, 302)
    assert client.get(address, headers={"Host": f"{'a.' * 125}example.org"}).status_code == 400


@pytest.mark.parametrize("address", ["/admin/login/?next=%00", "/admin/%00/", "/hosted/?%00", "/?site=a%00b"])
def test_an_address_with_a_null_byte_is_refused_in_words(address: str) -> None:
    page = Client().get(address, headers={"Accept": "text/html"})
    assert page.status_code == 400
    assert b"ad-error" in page.content or b"<h1" in page.content
    said = Client().get(address, headers={"Accept": "application/json"})
    assert (said.status_code, said.json()["error"]["code"]) == (400, "bad_request")


@pytest.mark.django_db
@pytest.mark.usefixtures("redis_server")
@pytest.mark.parametrize(
    "name", [settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, settings.LANGUAGE_COOKIE_NAME]
)
def test_a_cookie_with_a_null_byte_is_no_session(name: str) -> None:
    for address in ("/", "/admin/", "/admin/login/"):
        assert Client().get(address, headers={"Cookie": f"{name}={NULL_IN_A_COOKIE}"}).status_code in (200, 302)
