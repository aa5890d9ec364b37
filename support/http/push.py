"""How an operator's browser subscribes to push: which key it needs, and what it tells us to keep."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from pydantic import BaseModel, Field

from accounts.devices import device_of
from accounts.models import Operator
from accounts.session_store import hash_key
from accounts.web.admin_site import site
from accounts.web.http import error_response, parse_body
from infra.errors import DomainError
from infra.writing import language
from notifications.telling import subscriptions

Endpoint = Annotated[str, Field(max_length=1024, pattern=r"^https?://[!-~]+$")]


class Keys(BaseModel):
    """base64url: a point of P-256, and 16 bytes."""

    p256dh: Annotated[str, Field(max_length=88, pattern=r"^[A-Za-z0-9_-]+=*$")]
    auth: Annotated[str, Field(max_length=24, pattern=r"^[A-Za-z0-9_-]+=*$")]


class Subscribed(BaseModel):
    """A PushSubscription as browsers write it; an operator's, or a customer's (support/http/customer/chat.py)."""

    endpoint: Endpoint
    keys: Keys


class Unsubscribed(BaseModel):
    endpoint: Endpoint


@require_http_methods(["GET", "POST", "DELETE"])
@never_cache
def subscription(request: HttpRequest) -> HttpResponse:
    """GET: `{key}`. POST a subscription: 201. DELETE `{endpoint}`: 204, also where there was none."""
    user = request.user
    assert isinstance(user, Operator)  # admin_view lets nobody else in
    try:
        if request.method == "POST":
            given = parse_body(request, Subscribed)
            subscriptions.add(
                user.get_username(),
                given.endpoint,
                given.keys.p256dh,
                given.keys.auth,
                language=language.in_force(),
                browser=device_of(request.headers.get("User-Agent", "")),
                session=hash_key(str(request.session.session_key)),
            )
            return JsonResponse({}, status=201)
        if request.method == "DELETE":
            subscriptions.remove(user.get_username(), parse_body(request, Unsubscribed).endpoint)
            return HttpResponse(status=204)
    except DomainError as error:
        return error_response(error)
    from notifications.transports import push  # with its libraries, for the few who ask

    return JsonResponse({"key": push.public_key()})


view = site.admin_view(subscription)
