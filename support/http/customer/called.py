"""How a customer's browser is told that it is nearly their turn: what it subscribes with, the worker that says so, and
the page that stands in for theirs without a network.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from infra.errors import DomainError
from queueing.callbacks import asking
from support.http.assets import workers


def ways() -> dict[str, Any]:
    """`{key, worker, scope}`. Raises DomainError callbacks_off."""
    if "push" not in asking.offered():
        raise DomainError("callbacks_off", _("Nobody can be called back here. Please keep this page open."))
    from notifications.transports import push  # with its libraries, for the few who ask

    return {"key": push.public_key(), "worker": reverse("turn-worker"), "scope": reverse("turn")}


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    return workers.script("turn", reverse("turn-offline"), "js/offline.js")


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """Kept by the worker. The same for everybody."""
    return render(request, "customer/offline.html")
