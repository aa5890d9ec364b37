"""The floor for supervisors: who talks with whom and how well, who waits, what operators do; and to step in."""

from __future__ import annotations

import json
from functools import wraps
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Operator
from accounts.web.admin_site import site
from desk.floor import rows
from infra import audit
from infra.errors import DomainError, StoreUnavailable
from infra.redis.client import execute
from infra.writing.text import clean_text
from queueing import services
from queueing.history import line_choice
from queueing.history.site_choice import DEFAULT
from queueing.live import floor, store
from sites import lookup as sites

RIGHT = "queueing.supervise_floor"
NOTE_MAX = 500
OF_LINE = "|"
"""What a department's key follows among those to whom a conversation is passed on; no operator's id has one."""


def for_supervisors(view: Any) -> Any:
    """Signed in, and with the right; 403 without it."""

    @wraps(view)
    def wrapped(request: HttpRequest) -> HttpResponse:
        if not request.user.has_perm(RIGHT):
            raise PermissionDenied
        return view(request)  # type: ignore[no-any-return]

    return site.admin_view(wrapped)


@for_supervisors
@never_cache
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Everything; StoreUnavailable becomes a page of its own."""
    context = {**site.each_context(request), "title": _("Floor"), "note_max": NOTE_MAX, **_live(request)}
    return render(request, "desk/floor/page.html", context)


@for_supervisors
@never_cache
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """The rows alone, for the page to draw again; 503 while Redis does not answer."""
    try:
        context = {"note_max": NOTE_MAX, **_live(request)}
    except StoreUnavailable as error:
        return HttpResponse(error.message, status=503, content_type="text/plain; charset=utf-8")
    return render(request, "desk/floor/_rows.html", context)


def _live(request: HttpRequest) -> dict[str, Any]:
    return {"floor": rows.read(), "me": request.user.get_username(), "lines": line_choice.lines(), "of_line": OF_LINE}


class StepForm(forms.Form):
    """What a button of the page sends. Names that nobody has are refused by the step itself."""

    act = forms.ChoiceField(choices=[(word, word) for word in ("transfer", "end", "take", "claim", "break")])
    conversation = forms.RegexField(r"^[A-Za-z0-9_-]{1,32}$", required=False)
    operator = forms.CharField(required=False, max_length=64, strip=False)
    to = forms.CharField(required=False, max_length=64, strip=False)
    note = forms.CharField(required=False, max_length=NOTE_MAX)

    def clean_note(self) -> str:
        return clean_text(self.cleaned_data["note"])

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        named = given.get("operator") if given.get("act") == "break" else given.get("conversation")
        if not named:
            raise forms.ValidationError("nobody is named")
        return given


@for_supervisors
@csrf_protect
@require_POST
def act(request: HttpRequest) -> HttpResponse:
    """One step, written into the journal and the trail; back to the floor with what came of it."""
    form = StepForm(request.POST)
    if not form.is_valid():
        return HttpResponse(_("That is no step of the floor."), status=400, content_type="text/plain; charset=utf-8")
    user = request.user
    assert isinstance(user, Operator)  # admin_view lets nobody else in
    given = form.cleaned_data
    try:
        outcome = _step(user, given)
    except DomainError as error:
        messages.error(request, error.message)
    else:
        told = {name: given[name] for name in ("conversation", "operator", "to") if given[name]}
        audit.record("floor_step", user.get_username(), request, act=given["act"], **told)
        messages.success(request, _said(outcome))
    return HttpResponseRedirect(reverse("floor"))


def _step(user: Operator, given: dict[str, Any]) -> str:
    """Raises DomainError: `queueing.live.floor`, line_unknown, and those of a claim."""
    to, is_line = given["to"], given["to"].startswith(OF_LINE)
    if given["act"] == "claim":
        execute(store.claim(user.get_username(), given["conversation"]))
        return "claimed"
    line = services.line_of_transfer(sites.current().lines, _key(to)) if is_line else None
    step = floor.Step(
        given["act"], user.get_username(), given["conversation"], given["operator"], "" if is_line else to,
        given["note"], user.get_full_name() or user.get_username(), "" if line is None else json.dumps(line),
    )  # fmt: skip
    return execute(floor.supervise(step))


def _key(to: str) -> str:
    word = to.removeprefix(OF_LINE)
    return "" if word == DEFAULT else word


def _said(outcome: str) -> str:
    return {
        "claimed": _("Done: the customer has somebody else."),
        "reserved": _("Done: the colleague gets the customer next."),
        "waiting": _("Done: whoever is free next gets the customer."),
        "ended": _("Done: the conversation is over."),
        "break": _("Done: the operator is on a break."),
    }[outcome]
