"""The pages of opening hours: for those who have the permission `hours.change_openinghours`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from hours.admin import preview
from hours.admin.form import ExceptionForm, ExceptionFormSet, OpeningHoursForm
from hours.models import DAYS, EXCEPTIONS_MOST, ExceptionalDays, OpeningHours
from infra import audit
from infra.clock import now_ms

if TYPE_CHECKING:
    Page = admin.ModelAdmin[OpeningHours]
    Inline = admin.StackedInline[ExceptionalDays, OpeningHours]
else:  # generic for the type checker only
    Page, Inline = admin.ModelAdmin, admin.StackedInline

AUDITED = ("zone", *DAYS, "country", "region", "last_minutes", "at_closing")


class Exceptions(Inline):
    """Whoever may edit the hours may edit their exceptions."""

    model = ExceptionalDays
    form = ExceptionForm
    formset = ExceptionFormSet
    extra = 1
    max_num = EXCEPTIONS_MOST
    fields = (("first", "last", "hours_text", "note"),)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("hours.view_openinghours") or self.has_change_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("hours.change_openinghours" if obj else "hours.add_openinghours")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)


@admin.register(OpeningHours)
class OpeningHoursAdmin(Page):
    form = OpeningHoursForm
    fieldsets = (
        (None, {"fields": ("site", "zone")}),
        (_("Week"), {"fields": DAYS, "classes": ("ad-hours-week",)}),
        (_("Holidays"), {"fields": ("country", "region")}),
        (_("Closing"), {"fields": ("last_minutes", "at_closing")}),
    )
    inlines = (Exceptions,)
    list_display = ("__str__", "now", "zone")
    list_select_related = ("site",)
    show_full_result_count = False

    class Media:
        css = {"all": ["css/admin/hours.css"]}

    def get_readonly_fields(self, request: HttpRequest, obj: OpeningHours | None = None) -> tuple[str, ...]:
        """Hours stay with their site."""
        return ("site",) if obj else ()

    def get_urls(self) -> list[Any]:
        own = path("preview/", self.admin_site.admin_view(self.preview), name="hours-preview")
        return [own, *super().get_urls()]

    def preview(self, request: HttpRequest) -> HttpResponse:
        """What the form means as it stands: a part of a page, for the script that shows it beside the form."""
        return _draw(request)

    def save_model(self, request: HttpRequest, obj: OpeningHours, form: Any, change: bool) -> None:
        form.before = _facts(OpeningHours.objects.get(pk=obj.pk)) if change else {}
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The trail says in one entry what became of the hours and of their exceptions."""
        super().save_related(request, form, formsets, change)
        hours = form.instance
        _record(request, hours, form.before, _facts(OpeningHours.objects.get(pk=hours.pk)))

    def delete_model(self, request: HttpRequest, obj: OpeningHours) -> None:
        _record(request, obj, _facts(obj), {})
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[OpeningHours]) -> None:
        for hours in queryset:
            self.delete_model(request, hours)

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: OpeningHours | None = None,
    ) -> HttpResponse:
        context["preview"] = preview.of_row(obj, now_ms()) if obj else None
        return super().render_change_form(request, context, add, change, form_url, obj)

    @admin.display(description=_("now"))
    def now(self, hours: OpeningHours) -> str:
        return preview.of_row(hours, now_ms()).now


@require_POST
def _draw(request: HttpRequest) -> HttpResponse:
    row = _row(request.GET.get("hours", ""))
    if not request.user.has_perm("hours.change_openinghours" if row else "hours.add_openinghours"):
        raise PermissionDenied
    context = {"preview": preview.of_form(request.POST, row, now_ms())}
    response = render(request, "admin/hours/preview.html", context)
    response["Cache-Control"] = "no-store"
    return response


def _row(number: str) -> OpeningHours | None:
    if not number:
        return None
    fits = number.isascii() and number.isdigit() and len(number) < 19
    row = OpeningHours.objects.filter(pk=int(number)).first() if fits else None
    if row is None:
        raise Http404
    return row


def _facts(hours: OpeningHours) -> dict[str, Any]:
    exceptions = {
        f"hours of {one.first}{f' – {one.last}' if one.last else ''}": [one.hours_text, one.note]
        for one in hours.exceptions.all()
    }
    return {**{f"hours {name}": getattr(hours, name) for name in AUDITED}, **exceptions}


def _record(request: HttpRequest, hours: OpeningHours, before: dict[str, Any], after: dict[str, Any]) -> None:
    """A change of its site."""
    if changes := audit.changes(before, after):
        actor = request.user.get_username()
        audit.record("site_changed", actor, request, site=str(hours.site), key=hours.site.key, **changes)
