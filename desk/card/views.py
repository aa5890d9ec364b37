"""What the console asks for the card: parse, one call, respond. See `desk.access.own_conversation` for `recorded`."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import Operator
from accounts.web.http import error_response
from desk.access import STATUS, for_operators, own_conversation
from desk.card import earlier
from infra.errors import DomainError

ABOUT = ("locale", "attributes", "answers", "visit", "device_check")


@require_safe
@never_cache
@for_operators
def card(_request: HttpRequest, operator: Operator, conversation: str) -> HttpResponse:
    """200 `{recorded, about, earlier, total}`: what is known of the customer (ABOUT, or null), the newest of the
    person's other conversations, and how many there are."""
    try:
        row = own_conversation(operator, conversation)
    except DomainError as error:
        return error_response(error, STATUS.get(error.code))
    found = earlier.others(row) if row else earlier.Others()
    shown = [earlier.as_dict(one) for one in found.rows]
    about = {name: getattr(row, name) for name in ABOUT} if row else None
    return JsonResponse({"recorded": row is not None, "about": about, "earlier": shown, "total": found.total})
