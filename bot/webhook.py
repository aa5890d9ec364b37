"""Where Telegram brings presses when a webhook is set."""

import logging

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.request import UnreadablePostError
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from pydantic import ValidationError

from bot import hear
from bot.updates import Update
from infra.errors import DomainError

log = logging.getLogger(__name__)

MAX_BODY = 64 * 1024
HEADER = "X-Telegram-Bot-Api-Secret-Token"


@csrf_exempt
@require_POST
@never_cache
def webhook(request: HttpRequest) -> HttpResponse:
    """200 for every update that could be read, whatever came of it: Telegram would send it again otherwise."""
    secret = settings.TELEGRAM_WEBHOOK_SECRET
    if not secret:
        raise Http404
    if not constant_time_compare(request.headers.get(HEADER, ""), secret):
        log.warning("webhook called without its secret")
        return _refused(403, "forbidden", _("This address is for Telegram alone."))
    try:
        body = request.body
    except RequestDataTooBig:
        body = b"x" * (MAX_BODY + 1)
    except UnreadablePostError:
        body = b""
    if len(body) > MAX_BODY:
        return _refused(413, "too_large", _("The request is too large."))
    try:
        update = Update.model_validate_json(body)
    except ValidationError:
        log.warning("webhook called with no update")
        return _refused(400, "schema", _("This is no update of the Bot API."))
    hear.handle(update)
    return JsonResponse({"ok": True})


def _refused(status: int, code: str, message: str) -> HttpResponse:
    return JsonResponse({"error": DomainError(code, message).as_dict()}, status=status)
