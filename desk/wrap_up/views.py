"""Outcome and tags of the operator's own conversation, for the console: parse, one call, respond.

See `desk.access.own_conversation` for `recorded`.
"""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from pydantic import BaseModel, ConfigDict, Field

from accounts.models import Operator
from accounts.web.http import error_response, parse_body
from desk.access import STATUS, for_operators, own_conversation
from desk.wrap_up import keeping
from desk.wrap_up.models import TAGS_MOST, Outcome, Tag
from infra.errors import DomainError

PK_MAX = 2**63 - 1
Pk = Annotated[int, Field(strict=True, ge=1, le=PK_MAX)]


class Change(BaseModel):
    """Both as they are to be, and the version that was seen."""

    model_config = ConfigDict(extra="forbid")

    outcome: Pk | None
    tags: Annotated[list[Pk], Field(max_length=TAGS_MOST)]
    version: Annotated[int, Field(strict=True, ge=0, le=PK_MAX)]


@require_http_methods(["GET", "POST"])
@never_cache
@for_operators
def wrap_up(request: HttpRequest, operator: Operator, conversation: str) -> HttpResponse:
    """GET: 200 `{recorded, required, outcomes, tags, given: {version, outcome, tags}}`.
    POST `{outcome, tags, version}`: 200 `{recorded, saved, given}`; not saved when another change came before."""
    try:
        if request.method == "GET":
            return JsonResponse(_shown(operator, conversation))
        change = parse_body(request, Change)
        row = own_conversation(operator, conversation)
        if row is None:
            return JsonResponse({"recorded": False})
        saved, given = keeping.give(row, change.outcome, change.tags, by=operator, seen=change.version)
    except DomainError as error:
        return error_response(error, STATUS.get(error.code))
    return JsonResponse({"recorded": True, "saved": saved, "given": given.as_dict()})


def _shown(operator: Operator, conversation: str) -> dict[str, Any]:
    row = own_conversation(operator, conversation)
    outcomes = keeping.offered(Outcome)
    if not outcomes:
        # There is nothing to wait for.
        keeping.settle(operator.get_username(), conversation)
    return {
        "recorded": row is not None,
        "required": keeping.is_required(),
        "outcomes": [keeping.named(label) for label in outcomes],
        "tags": [keeping.named(label) for label in keeping.offered(Tag)],
        "given": (keeping.given(row.pk) if row else keeping.Given()).as_dict(),
    }
