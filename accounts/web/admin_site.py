"""The admin site, whose login page is the one-time code."""

from __future__ import annotations

from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.admin import site as site
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters

from accounts.askers import asker_of, remember_nonce, with_nonce
from accounts.flows.request_otp import request_otp
from accounts.flows.sign_out import sign_out
from accounts.flows.verify_otp import verify_otp
from accounts.web import forms
from accounts.web.pacing import Pace
from accounts.web.views import remember
from infra.errors import DomainError

__all__ = ["OperatorAdminSite", "site"]


class OperatorAdminSite(AdminSite):
    """`site` of this module is the one instance; `accounts.apps.AdminConfig` makes it Django's default."""

    site_header = _("Adminara")
    site_title = _("Adminara")
    index_title = _("Administration")
    site_url = "/"
    login_template = "admin/login.html"

    @method_decorator(sensitive_post_parameters("code"))
    @method_decorator(never_cache)
    @method_decorator(csrf_protect)
    @login_not_required
    async def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # type: ignore[override]
        """Both steps as plain form posts; static/js/login.js does the same over JSON."""
        pace = Pace()
        response, asked = await sync_to_async(self._login)(request, extra_context or {})
        if asked:
            await pace.finish()
        return response

    def logout(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """POST ends the session everywhere: row, cookie, sockets."""
        if request.method == "POST":
            sign_out(request)
        return HttpResponseRedirect(settings.LOGIN_URL)

    def password_change(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """There are no passwords."""
        raise Http404

    def password_change_done(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        raise Http404

    def _login(self, request: HttpRequest, extra_context: dict[str, Any]) -> tuple[HttpResponse, bool]:
        """The answer, and whether a code was asked for (which must take its time)."""
        form = forms.form_of(request)
        if request.method in ("GET", "HEAD"):
            if self.has_permission(request):
                return HttpResponseRedirect(form.next), False
            return self._page(request, form, extra_context), False
        try:
            if form.step == forms.ANSWER:
                return self._answer(request, form), False
            asker = with_nonce(asker_of(request))
            request_otp(forms.parsed_request(request).adminId, asker)
        except DomainError as error:
            form.fail(error)
            return self._page(request, form, extra_context), False
        form.step = forms.ANSWER
        page = self._page(request, form, extra_context)
        remember_nonce(page, asker)
        return page, True

    def _answer(self, request: HttpRequest, form: forms.SignInForm) -> HttpResponse:
        answer = forms.parsed_answer(request)
        signed_in = verify_otp(request, answer.adminId, answer.code)
        response = HttpResponseRedirect(form.next)
        remember(response, signed_in)
        return response

    def _page(self, request: HttpRequest, form: forms.SignInForm, extra_context: dict[str, Any]) -> HttpResponse:
        request.current_app = self.name
        context = {
            **self.each_context(request),
            "title": _("Sign in"),
            "form": form,
            "digits": settings.OTP_DIGITS,
            "minutes": max(1, settings.OTP_TTL_SECS // 60),
            "languages": settings.LANGUAGES,
            **extra_context,
        }
        return render(request, self.login_template, context, status=form.status)
