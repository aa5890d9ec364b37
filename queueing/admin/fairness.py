"""The fairness log in the admin: a list to filter, and the same as CSV. For whoever may see who works how."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from infra.admin_lists import as_csv
from infra.spreadsheet import MAX_ROWS, Sheet, streamed
from queueing.admin.conversations import ReadOnly
from queueing.history.fairness_models import FairnessEntry
from queueing.history.models import ENTRY_ORDER
from queueing.history.recording import fairness

if TYPE_CHECKING:
    Page = admin.ModelAdmin[FairnessEntry]
else:  # generic for the type checker only
    Page = admin.ModelAdmin

Kind = FairnessEntry.Kind
OPERATORS_MAX = 500
COLUMNS = (
    "time", "kind", "conversation", "customer", "operator", "taken_instead", "to", "customers_passed", "after_s",
    "note", "kind_in_words", "why",
)  # fmt: skip
TONES = {Kind.SKIPPED: "now", Kind.KEPT: "now", Kind.JUMPED: "warning", Kind.RETURNED: "bad", Kind.HOLD_OVER: "warning"}


class OperatorFilter(admin.SimpleListFilter):
    title = _("operator")
    parameter_name = "by"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        rows = get_user_model().objects.order_by("name", "username").values_list("username", "name")[:OPERATORS_MAX]
        return [(admin_id, name if name == admin_id else f"{name} ({admin_id})") for admin_id, name in rows]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value()
        return queryset.filter(admin_id=chosen) if chosen else queryset


@admin.register(FairnessEntry)
class FairnessAdmin(ReadOnly, Page):
    list_display = ("when", "what", "customer", "by", "because")
    list_display_links = None
    list_filter = ("kind", OperatorFilter, ("at", admin.DateFieldListFilter))
    search_fields = ("conversation__exact", "other__exact")
    search_help_text = _("Number of a conversation")
    date_hierarchy = "at"
    list_select_related = ("conversation", "other")
    list_per_page = 50
    show_full_result_count = False
    change_list_template = "admin/queueing/fairnessentry/change_list.html"

    class Media:
        css = {"all": ["css/admin/conversation/list.css"]}

    def get_urls(self) -> list[URLPattern]:
        guarded = self.admin_site.admin_view
        return [path("log.csv", guarded(self.csv_view), name="queueing_fairnessentry_csv"), *super().get_urls()]

    def csv_view(self, request: HttpRequest) -> HttpResponseBase:
        return as_csv(self, request, "fairness", ("at", *ENTRY_ORDER, "id"), lines)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"max_rows": MAX_ROWS, **(extra_context or {})})

    # -- columns -------------------------------------------------------------------------------------------------

    @admin.display(description=_("time"), ordering="at")
    def when(self, row: FairnessEntry) -> SafeString:
        at = timezone.localtime(row.at)
        return format_html('<time datetime="{}">{}</time>', at.isoformat(), f"{at:%Y-%m-%d %H:%M:%S}")

    @admin.display(description=_("what happened"), ordering="kind")
    def what(self, row: FairnessEntry) -> SafeString:
        tone = TONES.get(Kind(row.kind), "plain") if row.kind in Kind.values else "plain"
        return format_html('<span class="ad-pill" data-tone="{}">{}</span>', tone, row.get_kind_display())

    @admin.display(description=_("customer"))
    def customer(self, row: FairnessEntry) -> SafeString | str:
        return _linked(row.conversation_id, row.conversation)

    @admin.display(description=_("operator"), ordering="admin_id")
    def by(self, row: FairnessEntry) -> str:
        return row.admin_id

    @admin.display(description=_("why"))
    def because(self, row: FairnessEntry) -> SafeString:
        taken = (
            format_html("{} {}", gettext("Taken instead:"), _linked(row.other_id, row.other)) if row.other_id else ""
        )
        under = '<span class="ad-conversation-under" dir="auto">{}</span>'
        more = [format_html(under, part) for part in (taken, row.note) if part]
        return format_html("{}" + "{}" * len(more), fairness.why(row), *more)


def lines(rows: QuerySet[FairnessEntry], sheet: Sheet) -> AsyncIterator[str]:
    return streamed(sheet, COLUMNS, rows, _cells, "choose a day")


def _cells(row: FairnessEntry) -> list[Any]:
    name = row.conversation.name if row.conversation else ""
    return [
        row.at, row.kind, row.conversation_id, name, row.admin_id, row.other_id, row.to, row.places, row.after_s,
        row.note, row.get_kind_display(), fairness.why(row),
    ]  # fmt: skip


def _linked(number: str | None, conversation: Any) -> SafeString | str:
    """The customer's name, or the number where there is none; a link where the history has the conversation."""
    if not number:
        return ""
    if conversation is None:
        return number
    address = reverse("admin:queueing_conversation_change", args=[number])
    return format_html('<a href="{}" dir="auto">{}</a>', address, conversation.name or number)
