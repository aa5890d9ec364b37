"""Files over HTTP: customers show their conversation's token in the `Authorization` header, operators have a session.

A signed address needs neither, so that an `<img>` can have it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import wraps
from typing import IO, Any

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access.networks import may_administer, refused
from accounts.clients import client_of_request
from accounts.models import Operator
from accounts.web.http import error_response
from desk.files import intake, looking, serving, sharing, storage
from desk.files.models import File, State
from desk.files.serving import Served
from desk.files.sharing import Sender
from infra.errors import DatabaseUnavailable, DomainError
from infra.storable import storable
from infra.writing import language
from queueing import file_links, tokens

STATUS = {
    "token_invalid": 401,
    "unauthorized": 401,
    "csrf_failed": 403,
    "network_refused": 403,
    "files_off": 403,
    "link_expired": 403,
    "file_unknown": 404,
    "not_in_call": 409,
    "wrong_conversation": 409,
    "upload_running": 409,
    "files_full": 409,
    "token_expired": 410,
    "length_required": 411,
    "file_too_large": 413,
    "file_type_refused": 415,
    "file_empty": 422,
    "file_infected": 422,
    "file_unsafe": 422,
    "picture_unreadable": 422,
    "picture_too_large": 422,
    "body_too_slow": 408,
    "storage_unavailable": 503,
    "uploads_busy": 503,
    "storage_full": 507,
}
"""Of the codes that only files have; others have theirs already."""

ID_MAX = 64
logger = logging.getLogger(__name__)

View = Callable[..., HttpResponseBase]


def answered_with(statuses: Mapping[str, int]) -> Callable[[View], View]:
    """In the page's language (`?locale=`); a DomainError becomes the one error shape, with the status of its code, and
    no cache keeps it."""

    def decorated(view: View) -> View:
        @wraps(view)
        @never_cache
        def wrapped(request: HttpRequest, **named: Any) -> HttpResponseBase:
            with translation.override(language.of_page(request.GET.get("locale")) or language.in_force()):
                try:
                    return view(request, **named)
                except DomainError as error:
                    return error_response(error, statuses.get(error.code))
                except (OperationalError, InterfaceError) as error:
                    # A locked or absent database; pages that upload read no other shape than this one.
                    logger.error("database unavailable", exc_info=error, extra={"path": request.path_info})
                    return error_response(DatabaseUnavailable(), 503)

        return wrapped

    return decorated


answered = answered_with(STATUS)


@csrf_exempt
@require_http_methods(["GET", "POST"])
@answered
def files(request: HttpRequest) -> HttpResponse:
    """POST, multipart with `file`, `?key=`: 201 (200 for the same key again), what is known of it. GET: 200 `{files}`,
    the same of all."""
    intake.prepare(request)
    sender = _sender(request)
    if request.method == "GET":
        looking.admit(sender)
        return JsonResponse({"files": [info.shown() for info in looking.infos(sender)]})
    sharing.admit(sender)
    info, new = sharing.share(sender, intake.upload_of(request), request.GET.get("key"))
    return JsonResponse(info.shown(), status=201 if new else 200)


@require_safe
@answered
def file(request: HttpRequest, pk: str) -> HttpResponse:
    """200: what is known of it, with fresh addresses."""
    sender = _sender(request)
    looking.admit(sender)
    return JsonResponse(looking.info(sender, pk).shown())


@require_safe
def content(request: HttpRequest, pk: str, rendering: str) -> HttpResponseBase:
    """The content or the thumbnail, by a signed address."""
    with translation.override(language.in_force()):
        try:
            if not file_links.FILES.is_good(pk, rendering, request.GET.get("sig", "")):
                raise DomainError("link_expired", _("This link has expired. Open the file from the chat again."))
            return _served(request, pk, rendering)
        except DomainError as error:
            return error_response(error, STATUS.get(error.code))


@require_safe
@never_cache
def open_file(request: HttpRequest, pk: str, rendering: str = file_links.CONTENT) -> HttpResponse:
    """For pages of operators: on to the signed address of the moment."""
    if _operator(request) is None:
        return error_response(DomainError("unauthorized", _("Please sign in.")), 401)
    return HttpResponseRedirect(file_links.FILES.address(pk, rendering))


# -- who asks ----------------------------------------------------------------------------------------------------


def _sender(request: HttpRequest) -> Sender:
    """Raises DomainError token_invalid, unauthorized, csrf_failed, network_refused."""
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return Sender(tokens.read(token.strip()).conversation)
    operator = _operator(request)
    if operator is None:
        raise DomainError("unauthorized", _("Please sign in."))
    if not may_administer(client_of_request(request).address):
        raise refused()
    if request.method == "POST" and CsrfViewMiddleware(_nothing).process_view(request, _nothing, (), {}) is not None:
        raise DomainError("csrf_failed", _("This page is too old to be sent. Reload it and try again."), retryable=True)
    return Sender(storable(request.GET.get("conversation", ""))[:ID_MAX], operator.username)


def _operator(request: HttpRequest) -> Operator | None:
    user = request.user
    return user if isinstance(user, Operator) and user.has_perm("desk.view_file") else None


def _nothing(_request: HttpRequest) -> HttpResponse:
    return HttpResponse()


# -- out ---------------------------------------------------------------------------------------------------------


def _served(request: HttpRequest, pk: str, rendering: str) -> HttpResponseBase:
    row = File.objects.filter(pk=pk, state=State.READY).exclude(stored="").first()
    small = rendering == file_links.THUMB
    name = (row.thumb if small else row.stored) if row else ""
    if row is None or not name:
        raise looking.unknown()
    try:
        opened: IO[bytes] = storage.fetch(name)
    except FileNotFoundError:
        raise looking.unknown() from None
    mime, size = ("image/webp", None) if small else (row.mime, row.size)
    served = Served(f"{pk}.{rendering}", row.name, mime, size, inline=row.width is not None)
    return serving.response(request, opened, served)
