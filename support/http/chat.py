"""What was said, for the customer's page when the conversation is over. Who asks shows the conversation's token in the
`Authorization` header: no cookie stands for it, so another site's page can ask for nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Annotated

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe
from pydantic import BaseModel, Field

from accounts.clients import client_of_request
from accounts.web.http import parse_body
from infra import language
from infra.errors import DomainError
from infra.mail import ADDRESS_MOST
from queueing import said
from support.http.errors import error_response

View = Callable[[HttpRequest], HttpResponse]

STATUS = {"token_invalid": 401, "token_expired": 410, "not_over": 409, "mail_refused": 403, "too_large": 413}


def answered(view: View) -> View:
    """In the page's language (`?locale=`); a DomainError becomes the one error shape, and no cache keeps it."""

    @wraps(view)
    @never_cache
    def wrapped(request: HttpRequest) -> HttpResponse:
        with translation.override(language.of_page(request.GET.get("locale")) or language.in_force()):
            try:
                return view(request)
            except DomainError as error:
                return error_response(error, STATUS.get(error.code))

    return wrapped


@require_safe
@answered
def chat(request: HttpRequest) -> HttpResponse:
    """200 `{conversation, reason, media, peer, since, ended_at, transcript}`."""
    return JsonResponse(said.shown(said.of_token(_token(request))))


@require_safe
@answered
def transcript(request: HttpRequest) -> HttpResponse:
    """200, text to keep, in the page's language."""
    found = said.of_token(_token(request))
    response = HttpResponse(said.as_text(found), content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="chat-{found.conversation}.txt"'
    return response


class MailRequest(BaseModel):
    """Where the chat is to go."""

    address: Annotated[str, Field(max_length=ADDRESS_MOST)]


@csrf_exempt
@require_http_methods(["GET", "POST"])
@answered
def mail(request: HttpRequest) -> HttpResponse:
    """POST `{address}`: 202, the chat is on its way there. GET: `{state}` of the last one."""
    if request.method == "GET":
        return JsonResponse({"state": said.mail_state(_token(request))})
    address = parse_body(request, MailRequest).address
    said.ask_by_mail(_token(request), address, client_of_request(request).address, language.in_force())
    return JsonResponse({"state": "sending"}, status=202)


def _token(request: HttpRequest) -> str:
    """Empty where there is none; that is no token either."""
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
