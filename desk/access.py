"""Who may ask over HTTP what the console asks, and about which conversations."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from accounts.models import Operator
from accounts.web.http import error_response
from infra.errors import DomainError
from infra.redis.client import execute
from infra.storable import storable
from queueing.history.models import Conversation
from queueing.live import store

STATUS = {"not_yours": 403, "erased": 410}
"""Of the errors that these views answer with, where the account's own do not name it."""
P = ParamSpec("P")
View = Callable[..., HttpResponse]


def for_operators(view: Callable[Concatenate[HttpRequest, Operator, P], HttpResponse]) -> View:
    """The view gets who asks, if they may open the console; others get 401 `unauthorized`."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: P.args, **options: P.kwargs) -> HttpResponse:
        user = request.user
        if isinstance(user, Operator) and user.has_perm("queueing.view_conversation"):
            return view(request, user, *args, **options)
        return error_response(DomainError("unauthorized", _("Please sign in.")))

    return wrapped


def own_conversation(operator: Operator, conversation: str) -> Conversation | None:
    """The operator's; None while the history, which runs behind, has not heard yet that it was taken: the answer is
    then 200 `{recorded: false}`, and the page asks again. Raises DomainError `not_yours` for another operator's,
    StoreUnavailable.
    """
    row = Conversation.objects.filter(pk=storable(conversation)).first()
    if row is None or row.claimed_at is None:
        return None
    if row.admin_id != operator.get_username():
        if execute(store.operator_state(operator.get_username())).conversation == row.pk:
            return None  # passed on a moment ago
        raise DomainError("not_yours", _("Another operator talked with this customer."))
    return row
