"""JSON in and out of the account endpoints: one error shape, one schema layer."""

from __future__ import annotations

from math import ceil
from typing import TypeVar

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import RawPostDataException, UnreadablePostError
from django.utils.translation import gettext as _
from pydantic import BaseModel, ValidationError

from infra.errors import DomainError

B = TypeVar("B", bound=BaseModel)

STATUS = {
    "schema": 400,
    "otp_invalid": 401,
    "unauthorized": 401,
    "origin_refused": 403,
    "too_large": 413,
    "locked": 423,
    "rate_limited": 429,
    "store_unavailable": 503,
}
MAX_BODY = 4096


def error_response(error: DomainError, status: int | None = None) -> HttpResponse:
    """`{"error": …}` with the status of its code, and `Retry-After` in whole seconds where one is known."""
    response = JsonResponse({"error": error.as_dict()}, status=status or STATUS.get(error.code, 400))
    if error.retry_after is not None:
        response["Retry-After"] = str(max(1, ceil(error.retry_after)))
    response["Cache-Control"] = "no-store"
    return response


def bearer_token(request: HttpRequest) -> str:
    """What `Authorization: Bearer …` says; empty where there is none, which is no token either."""
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def parse_body(request: HttpRequest, model: type[B], most: int = MAX_BODY) -> B:
    """The request's JSON object, of at most so many bytes, as `model`. Raises DomainError `schema` (with `fields`) or
    `too_large`."""
    try:
        body = request.body
    except RequestDataTooBig:
        body = b"x" * (most + 1)
    except (UnreadablePostError, RawPostDataException):
        body = b""
    if len(body) > most:
        raise DomainError("too_large", _("The request is too large."))
    if request.content_type != "application/json":
        raise DomainError("schema", _("Send a JSON object with Content-Type application/json."))
    try:
        return model.model_validate_json(body or b"{}")
    except ValidationError as error:
        raise DomainError("schema", _("The request is not valid."), fields=field_faults(error)) from None


def field_faults(error: ValidationError) -> dict[str, str]:
    """Field → what is wrong with it. The rejected values are left out: one of them may be a code."""
    return {".".join(map(str, fault["loc"])) or "body": fault["msg"] for fault in error.errors(include_input=False)}
