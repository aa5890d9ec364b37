"""Files of messages over HTTP: a draft that allows to upload some, the upload, and the content by a signed address."""

from __future__ import annotations

from typing import IO

from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe
from pydantic import BaseModel, ConfigDict

from accounts.clients import client_of_request
from accounts.web.http import bearer_token, error_response, parse_body
from desk.files import intake, serving, storage
from desk.files.looking import unknown
from desk.files.serving import Served
from desk.files.views import STATUS as FILES_STATUS
from desk.files.views import answered_with
from infra.errors import DomainError
from infra.writing import language
from messages_left import limits
from messages_left.attachments import drafts, taking
from messages_left.attachments.models import Attachment, Kind, State
from queueing import file_links
from queueing.blocklist import rules
from queueing.errors import QueueRefused

STATUS = {
    **FILES_STATUS,
    "messages_off": 403,
    "blocked": 403,
    "draft_invalid": 403,
    "recording_refused": 415,
    "recording_too_long": 422,
}
ADDRESSES = file_links.Addresses("/messages/files", "adminara.message.file")
answered = answered_with(STATUS)


class Nothing(BaseModel):
    """A request that says nothing yet."""

    model_config = ConfigDict(extra="forbid")


@csrf_exempt
@require_POST
@answered
def draft(request: HttpRequest) -> HttpResponseBase:
    """201 `{draft, ends_at}`: what an upload shows as its bearer, until then (ms)."""
    address = client_of_request(request).address
    limits.admit(address, limits.DRAFT)
    parse_body(request, Nothing)
    if rules.is_blocked(address, ""):
        raise QueueRefused("blocked")
    made = drafts.make()
    return JsonResponse({"draft": made.token, "ends_at": made.ends_at * 1000}, status=201)


@csrf_exempt
@require_POST
@answered
def upload(request: HttpRequest) -> HttpResponseBase:
    """Multipart with `file`, `?key=`, `?kind=`: 201 (200 for the same key again), what is known of it."""
    intake.prepare(request)
    allowed = drafts.read(bearer_token(request))
    address = client_of_request(request).address
    taking.admit(allowed, address)
    kind = request.GET.get("kind", Kind.FILE)
    if kind not in Kind.values:
        raise DomainError("schema", _("The request is not valid."), fields={"kind": ", ".join(Kind.values)})
    row, new = taking.take(allowed, address, intake.upload_of(request), Kind(kind), request.GET.get("key", ""))
    shown = {"id": row.pk, "name": row.name, "size": row.size, "mime": row.mime, "state": row.state}
    return JsonResponse({**shown, "seconds": row.seconds}, status=201 if new else 200)


@require_safe
def content(request: HttpRequest, pk: str, rendering: str) -> HttpResponseBase:
    """The content or the thumbnail, by a signed address."""
    with translation.override(language.in_force()):
        try:
            if not ADDRESSES.is_good(pk, rendering, request.GET.get("sig", "")):
                raise DomainError("link_expired", _("This link has expired. Open the file from its message again."))
            return _served(request, pk, rendering)
        except DomainError as error:
            return error_response(error, STATUS.get(error.code))


def _served(request: HttpRequest, pk: str, rendering: str) -> HttpResponseBase:
    row = Attachment.objects.filter(pk=pk, state=State.READY).exclude(message=None).exclude(stored="").first()
    small = rendering == file_links.THUMB
    name = (row.thumb if small else row.stored) if row else ""
    if row is None or not name:
        raise unknown()
    try:
        opened: IO[bytes] = storage.fetch(name)
    except FileNotFoundError:
        raise unknown() from None
    mime, size = ("image/webp", None) if small else (row.mime, row.size)
    inline = row.width is not None or row.seconds is not None
    return serving.response(request, opened, Served(f"{pk}.{rendering}", row.name, mime, size, inline))
