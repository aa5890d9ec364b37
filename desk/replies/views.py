"""What the console asks about canned replies: parse, one call, respond."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Operator
from desk.access import for_operators
from desk.replies import lookup
from desk.replies.models import SHORTCUT_MAX
from infra.storable import storable

ID_MAX = 64
PK_MAX = 2**63 - 1


@require_safe
@never_cache
@for_operators
def replies(request: HttpRequest, operator: Operator) -> HttpResponse:
    """200 `{replies: [{id, shortcut, text}]}` for `?q=` (what stands after the `/`) and `?conversation=`."""
    typed = storable(request.GET.get("q", ""))[:SHORTCUT_MAX]
    conversation = storable(request.GET.get("conversation", ""))[:ID_MAX]
    return JsonResponse({"replies": lookup.find(operator, typed, conversation)})


@require_POST
@never_cache
@for_operators
def used(request: HttpRequest, operator: Operator, pk: int) -> HttpResponse:
    """204: counted, with `?conversation=` if that is the operator's. 404: there is none for this operator. Needs the
    CSRF token."""
    conversation = storable(request.GET.get("conversation", ""))[:ID_MAX]
    return HttpResponse(status=204 if pk <= PK_MAX and lookup.count_use(operator, pk, conversation) else 404)
