"""HTTP errors in one shape for JSON clients, as pages for people."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.http import escape_leading_slashes
from django.utils.translation import gettext as _

from infra.errors import DatabaseUnavailable, DomainError

STATUS_OF_CODE = {
    "store_unavailable": 503,
    "database_unavailable": 503,
    "maintenance": 503,
    "rate_limited": 429,
    "locked": 423,
    "unauthorized": 401,
    "forbidden": 403,
    "not_found": 404,
}

POLICY = (
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""What the page of an error may fetch: its looks. Said here, as not every error passes what says it for other pages."""


def wants_json(request: HttpRequest) -> bool:
    """API clients say so by what they accept or send; the sign-in API is JSON whatever they say."""
    if request.path_info.startswith(("/admin/otp/", "/admin/session/")):
        return True
    accept = request.headers.get("Accept", "")
    return "text/html" not in accept and ("json" in accept or request.content_type == "application/json")


def error_response(error: DomainError, status: int | None = None) -> JsonResponse:
    """`{"error": …}` with the status that fits the code, and `Retry-After` in whole seconds."""
    response = JsonResponse({"error": error.as_dict()}, status=status or STATUS_OF_CODE.get(error.code, 400))
    if error.retry_after is not None:
        response["Retry-After"] = str(max(1, round(error.retry_after)))
    return response


def error_for_status(status: int) -> DomainError:
    """What to say about a plain HTTP status that nobody explained."""
    texts = {
        400: ("bad_request", _("This request cannot be understood.")),
        401: ("unauthorized", _("Please sign in.")),
        403: ("forbidden", _("You may not do this. Reload the page and sign in again.")),
        404: ("not_found", _("There is nothing at this address.")),
        405: ("method_not_allowed", _("This address does not accept that method.")),
        408: ("too_slow", _("The request did not arrive in time. Please try again.")),
        413: ("too_large", _("The request is too large.")),
        429: ("rate_limited", _("Too many requests from your network. Please wait a moment.")),
    }
    if status in texts:
        return DomainError(*texts[status], retryable=status in (408, 429))
    if status >= 500:
        message = _("Something went wrong on our side. It has been recorded; please try again.")
        return DomainError("server_error", message, retryable=True)
    return DomainError("bad_request", _("This request cannot be understood."))


def error_page(request: HttpRequest, error: DomainError, status: int) -> HttpResponse:
    """The same for people. What can help later can be asked for again."""
    again = None
    if error.retryable and request.method in ("GET", "HEAD"):
        # Two slashes in front would be another host.
        again = escape_leading_slashes(request.get_full_path())
    home = "/admin/" if request.path_info.startswith("/admin/") else "/"
    said = {"error": error, "status": status, "again": again, "home": home}
    page = render(request, "error.html", said, status=status)
    page["Content-Security-Policy"] = POLICY
    return page


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A cookie session's POST without its CSRF token."""
    error = DomainError("csrf_failed", _("This page is too old to be sent. Reload it and try again."), retryable=True)
    return error_response(error, 403) if wants_json(request) else error_page(request, error, 403)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, error_for_status(400), 400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    error = _denied_to(request)
    return error_response(error, 403) if wants_json(request) else error_page(request, error, 403)


def _denied_to(request: HttpRequest) -> DomainError:
    """Signing in again helps only who is not signed in."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return error_for_status(403)
    text = _(
        "You are signed in as %(who)s, but this needs a right that you do not have. A superuser can give it to you."
    )
    return DomainError("forbidden", text % {"who": user.get_username()})


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, error_for_status(404), 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Also what no view raised: a session is read and written around them."""
    if is_database_outage(sys.exc_info()[1]):
        error = DatabaseUnavailable()
        shaped = error_response(error)
        if wants_json(request):
            return shaped
        page = error_page(request, error, shaped.status_code)
        page["Retry-After"] = shaped["Retry-After"]
        return page
    return error_page(request, error_for_status(500), 500)


def is_database_outage(error: BaseException | None) -> bool:
    """Whether the database was locked or gone; faults of what was asked of it are no outage."""
    return isinstance(error, (OperationalError, InterfaceError))
