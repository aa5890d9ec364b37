"""What was said, for the customer's page when the conversation is over, and the way to another device until then. Who
asks shows the conversation's token in the `Authorization` header: no cookie stands for it, so another site's page can
ask for nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from functools import wraps
from typing import Annotated

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from pydantic import BaseModel, Field

from accounts.clients import client_of_request
from accounts.web.http import bearer_token, parse_body
from desk.ratings import services as ratings
from desk.ratings.models import COMMENT_MAX
from infra.errors import DomainError
from infra.mail import ADDRESS_MOST
from infra.writing import language
from queueing import place_links, said
from queueing.callbacks import asking, by_telegram
from queueing.callbacks.devices import Device
from signaling.wire.fields import Origin
from support.http.customer import called
from support.http.errors import error_response
from support.http.push import Subscribed

View = Callable[[HttpRequest], HttpResponse]

STATUS = {
    "token_invalid": 401,
    "token_expired": 410,
    "not_over": 409,
    "mail_refused": 403,
    "too_large": 413,
    "rating_closed": 403,
    "callbacks_off": 403,
    "not_waiting": 409,
    "callbacks_full": 409,
    "telegram_off": 503,
}


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
    return JsonResponse(said.shown(said.of_token(bearer_token(request))))


@require_safe
@answered
def transcript(request: HttpRequest) -> HttpResponse:
    """200, text to keep, in the page's language."""
    found = said.of_token(bearer_token(request))
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
        return JsonResponse({"state": said.mail_state(bearer_token(request))})
    address = parse_body(request, MailRequest).address
    said.ask_by_mail(bearer_token(request), address, client_of_request(request).address, language.in_force())
    return JsonResponse({"state": "sending"}, status=202)


class RatingRequest(BaseModel):
    """1 (very bad) to 5 (very good)."""

    score: Annotated[int, Field(ge=1, le=5, strict=True)]
    comment: Annotated[str, Field(max_length=COMMENT_MAX)] = ""


@csrf_exempt
@require_http_methods(["GET", "POST"])
@answered
def rating(request: HttpRequest) -> HttpResponse:
    """200 `{open, recorded, score, comment}`. POST `{score, comment?}` keeps it, unless `recorded` is false."""
    if request.method == "GET":
        return JsonResponse(ratings.state(bearer_token(request)).as_dict())
    given = parse_body(request, RatingRequest)
    return JsonResponse(ratings.rate(bearer_token(request), given.score, given.comment).as_dict())


class PlaceRequest(BaseModel):
    """The origin of the page that asks, as its browser names it: behind some proxies we do not know it."""

    origin: Origin


@csrf_exempt
@require_POST
@answered
def place(request: HttpRequest) -> HttpResponse:
    """POST `{origin}`: 200 `{link, code, expires_s}`, while the conversation goes on."""
    origin = _ours(request, parse_body(request, PlaceRequest).origin)
    return JsonResponse(asdict(place_links.of_token(bearer_token(request), origin)))


def _ours(request: HttpRequest, origin: str) -> str:
    if origin not in (f"https://{request.get_host()}", f"http://{request.get_host()}"):
        message = _("A link leads to this page alone.")
        raise DomainError("origin_refused", message, fields={"origin": message})
    return origin


class CallbackRequest(BaseModel):
    """How to reach who waits when it is nearly their turn: by e-mail, in the browser that asks, or both; the origin as
    for a place link."""

    address: Annotated[str, Field(max_length=ADDRESS_MOST)] = ""
    push: Subscribed | None = None
    origin: Origin

    @property
    def device(self) -> Device | None:
        if self.push is None:
            return None
        return Device(self.push.endpoint, self.push.keys.p256dh, self.push.keys.auth)


@csrf_exempt
@require_http_methods(["GET", "POST", "DELETE"])
@answered
def callback(request: HttpRequest) -> HttpResponse:
    """GET: 200 `{key, worker, scope}`, what a browser subscribes with. POST `{address?, push?, origin}`: 200 `{channel,
    address}`, the place is kept without this page. DELETE: 204, it waits on the page."""
    if request.method == "GET":
        return JsonResponse(called.ways())
    if request.method == "DELETE":
        asking.cancel(bearer_token(request))
        return HttpResponse(status=204)
    given = parse_body(request, CallbackRequest)
    origin = _ours(request, given.origin)
    client = client_of_request(request).address
    answer = asking.ask(bearer_token(request), given.address, origin, client, language.in_force(), device=given.device)
    return JsonResponse(answer)


class StartRequest(BaseModel):
    """An address that is written to where Telegram does not reach them; the origin as for a place link."""

    address: Annotated[str, Field(max_length=ADDRESS_MOST)] = ""
    origin: Origin


@csrf_exempt
@require_http_methods(["GET", "POST"])
@answered
def callback_start(request: HttpRequest) -> HttpResponse:
    """GET: 200 `{state}`: `off`, `open`, or `linked`, the place is kept. POST `{address?, origin}`: 200 `{link, code,
    expires_s}`, into the bot's chat."""
    token = bearer_token(request)
    if request.method == "GET":
        return JsonResponse({"state": by_telegram.standing(token)})
    given = parse_body(request, StartRequest)
    origin = _ours(request, given.origin)
    client = client_of_request(request).address
    return JsonResponse(asdict(by_telegram.start(token, given.address, origin, client, language.in_force())))
