"""Operators' pages and the sign-in API answer to ADMIN_ALLOWED_NETWORKS alone."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts.access.networks import may_administer, refused
from accounts.clients import client_of_request
from support.http.errors import error_page, error_response, wants_json

logger = logging.getLogger(__name__)
GetResponse = Callable[[HttpRequest], HttpResponseBase]
PREFIX = "/admin/"


class AdminNetworksMiddleware:
    """403 for everybody else, before any session is read. The operator's socket asks the same of itself."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(PREFIX) and request.path_info != PREFIX.rstrip("/"):
            return self.get_response(request)
        if may_administer(client_of_request(request).address):
            return self.get_response(request)
        logger.warning("operator's page refused to a network that is not listed")
        error = refused()
        return error_response(error, 403) if wants_json(request) else error_page(request, error, 403)
