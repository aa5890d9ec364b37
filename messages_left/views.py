"""Messages over HTTP, from customers' pages. No cookie stands for anybody, so another site's page can ask for nothing
that it could not ask for by itself."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts.clients import client_of_request
from accounts.web.http import bearer_token, error_response, parse_body
from infra.errors import DomainError
from infra.writing import language
from messages_left import leaving, limits

BODY_MOST = 48 * 1024
"""3,000 characters, of which JSON may write each as twelve, and the rest."""
STATUS = {"messages_off": 403, "blocked": 403, "message_refused": 422, "files_gone": 409, "files_full": 409}


@csrf_exempt
@require_POST
@never_cache
def message(request: HttpRequest) -> HttpResponse:
    """201 `{kept}` (200 for the same key again): it is kept, and operators are told. In the language of
    `?locale=`."""
    address = client_of_request(request).address
    with translation.override(language.of_page(request.GET.get("locale")) or language.in_force()):
        try:
            limits.admit(address)
            given = parse_body(request, leaving.MessageRequest, BODY_MOST)
            _kept, new = leaving.leave(given, address, bearer_token(request))
        except DomainError as error:
            return error_response(error, STATUS.get(error.code))
    return JsonResponse({"kept": True}, status=201 if new else 200)
