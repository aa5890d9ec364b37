"""Middleware: probes before everything, one error shape, the headers that Django does not know."""

import logging
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseNotFound
from django.http.response import HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import translation

from infra.errors import DatabaseUnavailable, DomainError
from infra.writing import language
from support.http.bare_page import reads_pages
from support.http.errors import error_for_status, error_page, error_response, is_database_outage, wants_json
from support.ops import health

logger = logging.getLogger(__name__)

GetResponse = Callable[[HttpRequest], HttpResponseBase]

PERMISSIONS_POLICY = ", ".join(
    [
        "camera=(self)",
        "microphone=(self)",
        "display-capture=(self)",
        "autoplay=(self)",
        "speaker-selection=(self)",
        *(f"{feature}=()" for feature in ("geolocation", "payment", "usb", "serial", "midi")),
    ]
)


class ProbeMiddleware:
    """Answers /health and /health/live first: a load balancer asks by address, over plain HTTP, also when
    all else hangs.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info == "/health/live":
            return health.live(request)
        if request.path_info == "/health/ready":
            return health.ready(request)
        if request.path_info == "/health":
            return health.health(request)
        return self.get_response(request)


class LanguageMiddleware(LocaleMiddleware):
    """Django's, but who names only languages that we do not speak is spoken to in English, as on the sockets."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        if request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME) in dict(settings.LANGUAGES):
            return
        request.LANGUAGE_CODE = language.of_header(request.headers.get("Accept-Language"))
        translation.activate(request.LANGUAGE_CODE)


class ErrorShapeMiddleware:
    """Gives JSON clients `{"error": …}` for every failure, and turns a `DomainError` that escaped into its
    answer.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code < 400 or response.headers.get("Content-Type", "").startswith("application/json"):
            return response
        if not wants_json(request):
            return response
        shaped = error_response(error_for_status(response.status_code), response.status_code)
        for name in ("Allow", "Retry-After", "WWW-Authenticate", "Vary"):
            if name in response.headers:
                shaped[name] = response.headers[name]
        return shaped

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if is_database_outage(exception):
            logger.error("database unavailable", exc_info=exception, extra={"path": request.path_info})
            exception = DatabaseUnavailable()
        if not isinstance(exception, DomainError):
            return None
        shaped = error_response(exception)
        if wants_json(request):
            return shaped
        page = error_page(request, exception, shaped.status_code)
        if "Retry-After" in shaped.headers:
            page["Retry-After"] = shaped["Retry-After"]
        return page


class ErrorPageMiddleware:
    """A page for people where a view, or Django in its stead, said no more than a status (405 is one). Also in
    development: Django's own page of a 404 there is a list of addresses, and no word for whoever tries the product.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code < 400 or not isinstance(response, HttpResponse):
            return response
        if response.content and not (settings.DEBUG and isinstance(response, HttpResponseNotFound)):
            return response
        if wants_json(request) or not reads_pages(request.headers.get("Accept")):
            return response
        page = error_page(request, error_for_status(response.status_code), response.status_code)
        for name in ("Allow", "Retry-After", "WWW-Authenticate", "Vary"):
            if name in response.headers:
                page[name] = response.headers[name]
        return page


HOST_CHARS = 260
"""Of a name in the DNS at most 253, a colon and a port."""


class AddressMiddleware:
    """400 for an address that nothing of ours can keep. With a null byte: no database column that we have may hold one
    (PostgreSQL refuses even to compare with it), so whatever filter, search or key it was meant for would fail where it
    is used. With a host longer than any: behind ALLOWED_HOSTS with a wildcard, links in letters would begin with it.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        query = request.META.get("QUERY_STRING", "")
        if "\x00" in request.path_info or "%00" in query or "\x00" in query or len(request.get_host()) > HOST_CHARS:
            return HttpResponseBadRequest()
        return self.get_response(request)


EVERYWHERE = {
    "Permissions-Policy": PERMISSIONS_POLICY,
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Content-Type-Options": "nosniff",
}
"""What every answer carries unless a view or the middleware behind said otherwise: also probes and refusals."""


class PolicyHeadersMiddleware:
    """Outermost: the headers of `EVERYWHERE`; and pages of an operator are never kept by shared caches."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        for name, value in EVERYWHERE.items():
            response.headers.setdefault(name, value)
        if request.path_info.startswith("/admin/"):
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response
