"""What was said, for the customer's page when the conversation is over. Who asks shows the conversation's token in the
`Authorization` header: no cookie stands for it, so another site's page can ask for nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from infra import language
from infra.errors import DomainError
from queueing import said
from support.http.errors import error_response

View = Callable[[HttpRequest], HttpResponse]

STATUS = {"token_invalid": 401, "token_expired": 410, "not_over": 409}


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


def _token(request: HttpRequest) -> str:
    """Empty where there is none; that is no token either."""
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
