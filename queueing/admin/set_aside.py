"""Entries of the journal that could not be recorded, in the admin: why, and again. For superusers, and whom they name:
what an entry holds may be anybody's words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from queueing.history.recording import set_aside
from queueing.history.set_aside_models import SetAsideEntry

if TYPE_CHECKING:
    Page = admin.ModelAdmin[SetAsideEntry]
else:  # generic for the type checker only
    Page = admin.ModelAdmin


@admin.register(SetAsideEntry)
class SetAsideAdmin(Page):
    """Read only, but for applying them again."""

    list_display = ("entry_id", "at", "kind", "conversation", "reason", "attempts")
    list_filter = ("kind", ("at", admin.DateFieldListFilter))
    search_fields = ("entry_id", "conversation", "reason")
    readonly_fields = ("entry_id", "at", "kind", "conversation", "reason", "attempts", "fields")
    list_per_page = 50
    show_full_result_count = False
    actions = ("retry",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: SetAsideEntry | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: SetAsideEntry | None = None) -> bool:
        return False

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("queueing.change_setasideentry"))

    @admin.action(description=_("Apply the selected entries again"), permissions=["retry"])
    def retry(self, request: HttpRequest, queryset: QuerySet[SetAsideEntry]) -> None:
        found = set_aside.retry(list(queryset.values_list("entry_id", flat=True)[: set_aside.AT_ONCE]))
        if found.recorded:
            text = ngettext("%d entry was recorded.", "%d entries were recorded.", found.recorded)
            self.message_user(request, text % found.recorded, messages.SUCCESS)
        if found.left:
            text = ngettext("%d entry was refused again.", "%d entries were refused again.", found.left)
            self.message_user(request, text % found.left, messages.WARNING)
