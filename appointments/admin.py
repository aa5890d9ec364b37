"""Appointments in the admin: a list by day, state and owner, the same as CSV, and a page of each where an operator
takes it or cancels it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Operator
from appointments import keeping, owning, words
from appointments.models import Appointment, State
from infra import audit
from infra.admin_lists import OwnerFilter, as_csv
from infra.spreadsheet import MAX_ROWS, Sheet, streamed
from infra.writing import language
from infra.writing.folding import FoldedSearch
from queueing.history import line_choice
from queueing.history.models import Conversation
from sites import lookup as sites

if TYPE_CHECKING:
    Page = admin.ModelAdmin[Appointment]
else:  # generic for the type checker only
    Page = admin.ModelAdmin

TONES = {
    State.BOOKED: "info",
    State.CALLED: "warning",
    State.MET: "good",
    State.MISSED: "bad",
    State.CANCELLED: "plain",
}
COLUMNS = (
    "time", "minutes", "state", "name", "email", "topic", "kind", "department", "site", "language", "owner", "chosen",
    "conversation", "state_in_words",
)  # fmt: skip


class DayFilter(admin.SimpleListFilter):
    title = _("day")
    parameter_name = "day"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("today", _("Today")), ("tomorrow", _("Tomorrow")), ("week", _("The next 7 days")), ("past", _("Past"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
        days = {"today": (0, 1), "tomorrow": (1, 2), "week": (0, 7)}.get(self.value() or "")
        if days:
            since, until = (today + timedelta(days=n) for n in days)
            return queryset.filter(starts_at__gte=since, starts_at__lt=until)
        return queryset.filter(starts_at__lt=today) if self.value() == "past" else queryset


@admin.register(Appointment)
class AppointmentAdmin(FoldedSearch, Page):
    list_display = ("when", "who", "state_pill", "owner_name")
    list_display_links = ("when",)
    list_filter = (DayFilter, "state", OwnerFilter)
    search_fields = ("folded__contains",)
    search_help_text = _("A name, an e-mail address or words of the topic")
    list_select_related = ("owner",)
    list_per_page = 50
    show_full_result_count = False
    actions = ("take_them", "cancel_them")
    change_list_template = "admin/appointments/appointment/change_list.html"

    class Media:
        css = {"all": ["css/admin/conversation/page.css", "css/admin/conversation/list.css", "css/admin/messages.css"]}

    def has_add_permission(self, request: HttpRequest) -> bool:
        """They are chosen by customers."""
        return False

    def get_list_display(self, request: HttpRequest) -> Any:
        return [*self.list_display, "of_site"] if sites.current().several else self.list_display

    def get_urls(self) -> list[URLPattern]:
        guarded = self.admin_site.admin_view
        own = path("agenda.csv", guarded(self.csv_view), name="appointments_appointment_csv")
        return [own, *super().get_urls()]

    def csv_view(self, request: HttpRequest) -> HttpResponseBase:
        return as_csv(self, request, "appointments", ("starts_at", "id"), lines)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"max_rows": MAX_ROWS, **(extra_context or {})})

    # -- the page of one --------------------------------------------------------------------------------------------

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        if row is None:
            raise Http404
        if request.method == "POST":
            if not self.has_change_permission(request, row):
                raise PermissionDenied
            self._act(request, row)
            return HttpResponseRedirect(reverse("admin:appointments_appointment_change", args=[row.pk]))
        request.current_app = self.admin_site.name
        several = sites.current().several
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "media": self.media,
            "title": str(row),
            "appointment": row,
            "tone": TONES[State(row.state)],
            "day": words.day(row.starts_at, timezone.get_current_timezone_name()),
            "clock": words.clock(row.starts_at, timezone.get_current_timezone_name()),
            "theirs": words.when(row),
            "site": sites.current().name_of(row.site) if row.site or several else "",
            "line": line_choice.kept_name_of(row.line) if row.line else "",
            "language": language.name_of(row.language),
            "recorded": Conversation.objects.filter(pk=row.conversation).exists(),
            "may_change": self.has_change_permission(request, row) and row.erased_at is None,
            "may_delete": self.has_delete_permission(request, row),
            "mine": row.owner_id == request.user.pk,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/appointments/appointment/change_form.html", context)

    def _act(self, request: HttpRequest, row: Appointment) -> None:
        operator = request.user
        assert isinstance(operator, Operator)  # admin_view lets nobody else in
        match request.POST.get("do"):
            case "take":
                owner = owning.take(row.pk, operator, request)
                if owner:
                    self.message_user(request, gettext("%(name)s has it already.") % {"name": owner}, messages.WARNING)
            case "give-back":
                owning.give_back(row.pk, operator, request)
            case "cancel":
                self._tell_cancelled(request, int(owning.cancel(row.pk, operator, request)))

    def _tell_cancelled(self, request: HttpRequest, number: int) -> None:
        if number:
            self.message_user(request, gettext("Cancelled. The customer is written to."), messages.SUCCESS)
        else:
            self.message_user(request, gettext("Nothing of this is still to come."), messages.WARNING)

    # -- the list ---------------------------------------------------------------------------------------------------

    @admin.action(description=_("Take the selected appointments"), permissions=["change"])
    def take_them(self, request: HttpRequest, queryset: QuerySet[Appointment]) -> None:
        operator = request.user
        assert isinstance(operator, Operator)
        for pk in list(queryset.values_list("pk", flat=True)):
            owning.take(pk, operator, request)

    @admin.action(
        description=_("Cancel the selected appointments and write to their customers"), permissions=["change"]
    )
    def cancel_them(self, request: HttpRequest, queryset: QuerySet[Appointment]) -> None:
        operator = request.user
        assert isinstance(operator, Operator)
        ids = list(queryset.values_list("pk", flat=True))
        self._tell_cancelled(request, sum(owning.cancel(pk, operator, request) for pk in ids))

    def delete_model(self, request: HttpRequest, obj: Appointment) -> None:
        self.delete_queryset(request, Appointment.objects.filter(pk=obj.pk))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Appointment]) -> None:
        """Erased first, so that nothing that was sent about it says more."""
        ids = list(queryset.values_list("pk", flat=True))
        for pk in ids:
            audit.record("appointment_deleted", request.user.get_username(), request, appointment=pk)
        keeping.erase(Appointment.objects.filter(pk__in=ids))
        Appointment.objects.filter(pk__in=ids).delete()

    @admin.display(description=_("time"), ordering="starts_at")
    def when(self, row: Appointment) -> SafeString:
        at = timezone.localtime(row.starts_at)
        return format_html('<time datetime="{}">{}</time>', at.isoformat(), f"{at:%Y-%m-%d %H:%M}")

    @admin.display(description=_("customer"), ordering="name")
    def who(self, row: Appointment) -> SafeString:
        return format_html(
            '<span class="ad-conversation-who" dir="auto">{}</span>'
            '<span class="ad-conversation-topic" dir="auto">{}</span>',
            gettext("erased") if row.erased_at else str(row),
            row.topic or row.get_media_display(),
        )

    @admin.display(description=_("state"), ordering="state")
    def state_pill(self, row: Appointment) -> SafeString:
        tone = TONES[State(row.state)]
        return format_html('<span class="ad-pill" data-tone="{}">{}</span>', tone, row.get_state_display())

    @admin.display(description=_("owner"), ordering="admin_id")
    def owner_name(self, row: Appointment) -> str:
        return row.owner_name or "–"

    @admin.display(description=_("site"), ordering="site")
    def of_site(self, row: Appointment) -> str:
        return sites.current().name_of(row.site)


async def lines(rows: QuerySet[Appointment], sheet: Sheet) -> AsyncIterator[str]:
    snapshot = await sites.sites.soon()

    def cells(row: Appointment) -> list[Any]:
        return _cells(row, snapshot.name_of(row.site))

    async for part in streamed(sheet, COLUMNS, rows, cells, "choose a day"):
        yield part


def _cells(row: Appointment, site: str) -> list[Any]:
    return [
        row.starts_at, row.minutes, row.state, row.name, row.email, row.topic, row.media, row.line, site, row.language,
        row.admin_id, row.booked_at, row.conversation, row.get_state_display(),
    ]  # fmt: skip
