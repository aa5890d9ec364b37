"""Messages that somebody has to see to, for the console while nobody is there: read, played and taken without leaving
it. Answering, notes and what is done have a page of their own."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Operator
from accounts.web.http import error_response
from desk.access import for_operators
from infra.errors import DomainError
from infra.storable import storable
from messages_left import work
from messages_left.attachments.models import Attachment
from messages_left.attachments.signs import signs
from messages_left.models import Message, State
from queueing import file_links

SHOWN_MOST, TEXT_SHOWN = 20, 600


@require_safe
@never_cache
@for_operators
def waiting(request: HttpRequest, operator: Operator) -> HttpResponse:
    """200 `{open, list, messages}`: how many nobody has taken, the address of the list, and of these and the operator's
    own the oldest 20, each `{id, name, left_at, text, signs, mine, page, files}`. Nothing for whom the admin shows no
    messages.
    """
    if not operator.has_perm("messages_left.view_message"):
        return JsonResponse({"open": 0, "list": "", "messages": []})
    free = Q(state=State.OPEN)
    rows = Message.objects.filter(free | Q(state=State.TAKEN, admin_id=operator.get_username()))
    oldest = rows.order_by("left_at").prefetch_related("attachments")[:SHOWN_MOST]
    return JsonResponse(
        {
            "open": Message.objects.filter(free).count(),
            "list": reverse("admin:messages_left_message_changelist"),
            "messages": [_shown(row) for row in oldest],
        }
    )


@require_POST
@never_cache
@for_operators
def take(request: HttpRequest, operator: Operator, pk: str) -> HttpResponse:
    """200 `{outcome, by}` (`work.Answer`); 401 `unauthorized` for whom the admin lets take none."""
    if not operator.has_perm("messages_left.change_message"):
        return error_response(DomainError("unauthorized", _("Please sign in.")))
    answer = work.take(storable(pk), operator, request)
    return JsonResponse({"outcome": answer.outcome, "by": answer.by})


def _shown(message: Message) -> dict[str, Any]:
    attachments = list(message.attachments.all())
    return {
        "id": message.pk,
        "name": message.name,
        "left_at": message.left_at.isoformat(),
        "text": message.text if len(message.text) <= TEXT_SHOWN else f"{message.text[: TEXT_SHOWN - 1]}…",
        "signs": signs(attachments),
        "mine": message.state == State.TAKEN,
        "page": reverse("admin:messages_left_message_change", args=[message.pk]),
        "files": [_file(row) for row in attachments],
    }


def _file(row: Attachment) -> dict[str, Any]:
    """`url` is empty for what may not be opened: it waits for the virus scanner, or was refused by it."""
    address = reverse("admin:messages_left_attachment", args=[row.pk, file_links.CONTENT]) if row.ready else ""
    return {"kind": row.kind, "name": row.name, "length": row.clock if row.seconds else "", "url": address}
