"""What the console asks about canned replies: parse, one call, respond."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Operator
from accounts.web.http import error_response
from desk.replies import lookup
from desk.replies.models import SHORTCUT_MAX
from infra.errors import DomainError
from infra.storable import storable

ID_MAX = 64
PK_MAX = 2**63 - 1


@require_safe
@never_cache
def replies(request: HttpRequest) -> HttpResponse:
    """200 `{replies: [{id, shortcut, text}]}` for `?q=` (what stands after the `/`) and `?conversation=`."""
    operator = _operator(request)
    if operator is None:
        return _refused()
    typed = storable(request.GET.get("q", ""))[:SHORTCUT_MAX]
    conversation = storable(request.GET.get("conversation", ""))[:ID_MAX]
    return JsonResponse({"replies": lookup.find(operator, typed, conversation)})


@require_POST
@never_cache
def used(request: HttpRequest, pk: int) -> HttpResponse:
    """204: counted. 404: there is none for this operator. Needs the CSRF token."""
    operator = _operator(request)
    if operator is None:
        return _refused()
    return HttpResponse(status=204 if pk <= PK_MAX and lookup.count_use(operator, pk) else 404)


def _operator(request: HttpRequest) -> Operator | None:
    """Who asks, if they may open the console."""
    user = request.user
    return user if isinstance(user, Operator) and user.has_perm("desk.view_cannedreply") else None


def _refused() -> HttpResponse:
    return error_response(DomainError("unauthorized", _("Please sign in.")))
