"""The two steps of the sign-in page as plain form posts, checked by the schemas of the JSON endpoints."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar

from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from pydantic import BaseModel, ValidationError

from accounts.web.http import STATUS, field_faults
from accounts.web.schemas import OtpAnswer, OtpRequest
from infra.errors import DomainError

ASK, ANSWER = "ask", "answer"
M = TypeVar("M", bound=BaseModel)


@dataclass
class SignInForm:
    """State of the page: which `step` is shown, what was typed, and what is wrong."""

    step: str = ASK
    admin_id: str = ""
    next: str = ""
    error: str = ""
    faults: dict[str, str] = field(default_factory=dict)
    status: int = 200

    def fail(self, error: DomainError) -> None:
        """Shows `error` and answers with its status."""
        self.error = error.message
        self.faults = error.fields or {}
        self.status = STATUS.get(error.code, 400)


def form_of(request: HttpRequest) -> SignInForm:
    """What the request brings along; `next` is dropped unless it is an address of ours."""
    posted = request.POST
    step = ANSWER if posted.get("step") == ANSWER else ASK
    return SignInForm(
        step=step,
        admin_id=posted.get("adminId", "").strip()[:64],
        next=safe_next(request),
    )


def safe_next(request: HttpRequest) -> str:
    """Where to go after signing in: `next` when it stays on this host, else the console."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    if safe and not wanted.startswith((reverse("admin:login"), reverse("admin:logout"))):
        return wanted
    return resolve_url(settings.LOGIN_REDIRECT_URL)


def parsed_request(request: HttpRequest) -> OtpRequest:
    """Raises DomainError `schema`."""
    return _checked(OtpRequest, {"adminId": request.POST.get("adminId", "")})


def parsed_answer(request: HttpRequest) -> OtpAnswer:
    """Raises DomainError `schema`."""
    return _checked(OtpAnswer, {"adminId": request.POST.get("adminId", ""), "code": request.POST.get("code", "")})


def _checked(model: type[M], values: dict[str, str]) -> M:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        faults = field_faults(error)
        message = _("Enter the digits of the code.") if "code" in faults else _("Enter your admin ID.")
        raise DomainError("schema", message, fields=faults) from None
