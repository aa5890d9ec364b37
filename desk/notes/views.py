"""Notes for the console: parse, one call, respond. See `desk.access.own_conversation` for `recorded`."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST
from pydantic import BaseModel, ConfigDict, Field

from accounts.models import Operator
from accounts.web.http import error_response, parse_body
from desk.access import STATUS, for_operators, own_conversation
from desk.notes import keeping
from desk.notes.models import KEY_MAX, About
from infra.errors import DomainError

BODY_MOST = 32_768
"""Bytes: 2,000 characters, each written as two escapes."""
PK_MAX = 2**63 - 1


class NewNote(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: str
    about: About
    key: Annotated[str, Field(min_length=8, max_length=KEY_MAX, pattern=r"^[A-Za-z0-9-]+$")]


class NewText(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: str


@require_http_methods(["GET", "POST"])
@never_cache
@for_operators
def notes(request: HttpRequest, operator: Operator, conversation: str) -> HttpResponse:
    """GET: 200 `{recorded, person, notes, earlier}`. POST `{text, about, key}`: 200 `{recorded, note}`."""
    try:
        row = own_conversation(operator, conversation)
        if row is None:
            return JsonResponse({"recorded": False, "person": False, "notes": [], "earlier": []})
        if request.method == "GET":
            found = {
                "notes": [keeping.as_dict(note, operator) for note in keeping.of_conversation(row)],
                "earlier": [keeping.as_dict(note, operator) for note in keeping.earlier(row)],
            }
            return JsonResponse({"recorded": True, "person": bool(keeping.person_of(row)), **found})
        new = parse_body(request, NewNote, most=BODY_MOST)
        note = keeping.write(row, new.text, new.about, by=operator, key=new.key)
    except DomainError as error:
        return error_response(error, STATUS.get(error.code))
    return JsonResponse({"recorded": True, "note": keeping.as_dict(note, operator)})


@require_POST
@never_cache
@for_operators
def note(request: HttpRequest, operator: Operator, pk: int) -> HttpResponse:
    """POST `{text}`: 200 `{note}`, one's own with another text. 404: there is none that is one's own."""
    try:
        text = parse_body(request, NewText, most=BODY_MOST).text
        found = keeping.edit(pk, text, by=operator) if pk <= PK_MAX else None
    except DomainError as error:
        return error_response(error, STATUS.get(error.code))
    return JsonResponse({"note": keeping.as_dict(found, operator)}) if found else HttpResponse(status=404)
