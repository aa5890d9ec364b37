"""The one log line of an HTTP request, and the ids that stand on every line within it."""

import ipaddress

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django_structlog.middlewares import RequestMiddleware

from accounts.session_store import hash_key
from infra.logs import trace


class RequestLogMiddleware(RequestMiddleware):
    """One line per request, and its ids on every line within it.

    A browser's X-Request-ID is taken over when it has the right form, else replaced; the answer carries the id. Neither
    query strings (people search by names) nor whole addresses are logged: the audit trail has those.
    """

    def prepare(self, request: HttpRequest) -> None:
        request.META["HTTP_X_REQUEST_ID"] = trace.accepted(request.META.get("HTTP_X_REQUEST_ID"))
        request.__dict__.pop("headers", None)  # it is cached, maybe with what the browser sent
        key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
        trace.bind(session_id=session_id(key), ip=shortened(request.META.get("REMOTE_ADDR", "")))
        super().prepare(request)

    def handle_response(self, request: HttpRequest, response: HttpResponse) -> None:
        response.headers["X-Request-ID"] = request.META["HTTP_X_REQUEST_ID"]
        if request.path == "/metrics" and response.status_code < 400:
            structlog.contextvars.clear_contextvars()  # a scrape every few seconds is no news
            return
        super().handle_response(request, response)

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        return f"{request.method} {request.path}"


def session_id(key: str) -> str:
    """How a session is named in logs and in the audit trail: the beginning of the key's hash, never the key."""
    return hash_key(key)[:12] if key else ""


def shortened(address: str) -> str:
    """The network of an address: enough to see patterns, too little to find a person. Empty for what is none."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    return str(ipaddress.ip_network(f"{parsed}/{24 if parsed.version == 4 else 48}", strict=False))
