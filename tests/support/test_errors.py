"""A DomainError that escapes a view becomes an answer with the right status."""

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils import translation

from accounts.models import Operator
from infra.errors import DomainError, StoreUnavailable
from support.http import errors
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


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 413, 418, 500, 503])
def test_every_status_has_a_sentence(status: int) -> None:
    error = errors.error_for_status(status)
    assert error.code
    assert error.message
    assert error.retryable is (status >= 500)


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
