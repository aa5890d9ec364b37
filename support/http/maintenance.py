"""The maintenance page of the admin: the same switch as `manage.py maintenance`, with a message and a planned end."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods

from accounts.web.admin_site import site
from queueing.live import maintenance


class MaintenanceForm(forms.Form):
    message = forms.CharField(
        label=gettext_lazy("Message"),
        required=False,
        max_length=maintenance.MESSAGE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
        help_text=gettext_lazy("What customers read instead of the usual sentence, in their language."),
    )
    until = forms.DateTimeField(
        label=gettext_lazy("Planned end"),
        required=False,
        input_formats=["%Y-%m-%dT%H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=gettext_lazy("Customers read it. Maintenance does not end by itself."),
    )

    def clean_until(self) -> Any:
        until = self.cleaned_data["until"]
        if until is not None and until <= timezone.now():
            raise forms.ValidationError(_("The planned end is in the past."))
        return until


@never_cache
@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
def maintenance_page(request: HttpRequest) -> HttpResponse:
    """Shows the state to every operator; only superusers switch. StoreUnavailable becomes a page of its own."""
    may_switch = bool(request.user.is_superuser)
    if request.method == "POST":
        if not may_switch:
            raise PermissionDenied
        form = MaintenanceForm(request.POST)
        if request.POST.get("switch") == "off":
            return _switched(request, maintenance.switch(False, actor=_actor(request), request=request))
        if form.is_valid():
            state = maintenance.switch(True, actor=_actor(request), request=request, **form.cleaned_data)
            return _switched(request, state)
        return _page(request, maintenance.current(), form, may_switch)
    state = maintenance.current()
    initial = {"message": state.message, "until": state.still_planned}
    return _page(request, state, MaintenanceForm(initial=initial), may_switch)


page = site.admin_view(maintenance_page)


def _actor(request: HttpRequest) -> str:
    return request.user.get_username()


def _switched(request: HttpRequest, state: maintenance.Maintenance) -> HttpResponse:
    text = (
        _("Maintenance is on: no new customers are taken.")
        if state.on
        else _("Maintenance is off: customers are served.")
    )
    messages.success(request, text)
    return HttpResponseRedirect(reverse("maintenance"))


def _page(
    request: HttpRequest, state: maintenance.Maintenance, form: MaintenanceForm, may_switch: bool
) -> HttpResponse:
    context = {
        **site.each_context(request),
        "title": _("Maintenance"),
        "state": state,
        "form": form,
        "may_switch": may_switch,
    }
    return render(request, "support/maintenance.html", context, status=400 if form.errors else 200)
