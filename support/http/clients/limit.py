"""How often one address may ask over HTTP: per process and in memory, so it holds whatever store is out.

The last line of defence for what has no tighter limit of its own (sign-in has, in accounts/ratelimit.py): probes ask
Redis and the database, pages are rendered. Static files are not counted; one page fetches dozens of them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from accounts.clients import client_of_request
from infra.addresses import counted_as
from infra.buckets import Buckets
from infra.errors import DomainError
from support.http.bare_page import HEADERS, bare_page, reads_pages
from support.http.errors import error_response

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class HttpLimitMiddleware:
    """429 with Retry-After: as JSON, to a browser as a page that is made once."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self._lock = Lock()
        self._buckets = Buckets()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(settings.STATIC_URL):
            return self.get_response(request)
        wait = self._wait(counted_as(client_of_request(request).address))
        if wait is None:
            return self.get_response(request)
        if reads_pages(request.headers.get("Accept")):
            content = bare_page(429, request.headers.get("Accept-Language"), wait)
            return HttpResponse(content, status=429, headers={**HEADERS, "Retry-After": str(wait)})
        message = _("Too many requests. Please wait %(secs)d seconds.") % {"secs": wait}
        return error_response(DomainError("rate_limited", message, retryable=True, retry_after=wait))

    def _wait(self, address: str) -> int | None:
        """Counts one request of `address`; whole seconds to wait when there are too many, else None."""
        with self._lock:
            wait = self._buckets.take(address, settings.HTTP_LIMIT, time.monotonic())
        return None if wait is None else max(1, round(wait))
