"""Admin pages: operators with their sessions, all sessions, the audit trail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.clients import client_of_request
from accounts.flows.revoke_session import revoke_all, revoke_sessions
from accounts.models import AuditEvent, Operator, OperatorSession

if TYPE_CHECKING:
    # Generic for the type checker alone.
    OperatorPage = admin.ModelAdmin[Operator]
    SessionPage = admin.ModelAdmin[OperatorSession]
    AuditPage = admin.ModelAdmin[AuditEvent]
    SessionTable = admin.TabularInline[OperatorSession, Operator]
    OperatorModelForm = forms.ModelForm[Operator]
else:
    OperatorPage = SessionPage = AuditPage = admin.ModelAdmin
    SessionTable, OperatorModelForm = admin.TabularInline, forms.ModelForm


PERMISSIONS = ("is_superuser", "groups", "user_permissions")


class ReadOnly:
    """Mix-in: nothing can be added, changed or deleted."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class SessionInline(ReadOnly, SessionTable):
    model = OperatorSession
    fields = readonly_fields = ("hash_prefix", "address", "user_agent", "created", "last_seen", "expire_date")
    verbose_name_plural = _("sessions")
    extra = 0
    show_change_link = False

    @admin.display(description=_("session"))
    def hash_prefix(self, session: OperatorSession) -> str:
        return session.hash_prefix


class OperatorForm(OperatorModelForm):
    class Meta:
        model = Operator
        fields = ("username", "name", "chat_id", "language", "is_backup", "is_active", "is_staff", *PERMISSIONS)

    def clean_username(self) -> str:
        return str(self.cleaned_data["username"]).strip()


@admin.register(Operator)
class OperatorAdmin(OperatorPage):
    form = OperatorForm
    list_display = ("username", "name", "chat_id", "language", "is_active", "is_staff", "is_superuser", "last_login")
    list_filter = ("is_active", "is_staff", "is_superuser", "is_backup", "language")
    search_fields = ("username", "name")
    filter_horizontal = ("groups", "user_permissions")
    inlines = (SessionInline,)
    actions = ("revoke_all_sessions",)
    fieldsets = (
        (None, {"fields": ("username", "name", "chat_id", "language", "is_backup")}),
        (_("Permissions"), {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
    )

    @admin.action(description=_("Sign out everywhere"), permissions=["change"])
    def revoke_all_sessions(self, request: HttpRequest, queryset: QuerySet[Operator]) -> None:
        count = sum(_sign_out_everywhere(request, operator) for operator in queryset)
        _say_revoked(self, request, count)

    def get_readonly_fields(self, request: HttpRequest, obj: Operator | None = None) -> tuple[str, ...]:
        # Who may edit operators may not make a superuser of himself.
        return () if request.user.is_superuser else PERMISSIONS

    def get_inlines(self, request: HttpRequest, obj: Operator | None) -> Any:
        return self.inlines if obj is not None else ()

    def save_model(self, request: HttpRequest, obj: Operator, form: Any, change: bool) -> None:
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        if change and not (obj.is_active and obj.is_staff):
            _say_revoked(self, request, _sign_out_everywhere(request, obj))

    def delete_model(self, request: HttpRequest, obj: Operator) -> None:
        _sign_out_everywhere(request, obj)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Operator]) -> None:
        for operator in queryset:
            _sign_out_everywhere(request, operator)
        super().delete_queryset(request, queryset)


@admin.register(OperatorSession)
class SessionAdmin(SessionPage):
    """Deleting a row here is revoking it."""

    list_display = ("hash_prefix", "operator", "address", "user_agent", "created", "last_seen", "expire_date")
    list_filter = (("operator", admin.RelatedOnlyFieldListFilter),)
    list_select_related = ("operator",)
    search_fields = ("operator__username", "operator__name", "address")
    fields = readonly_fields = ("hash_prefix", *list_display[1:])
    date_hierarchy = "last_seen"
    actions = ("revoke",)

    @admin.action(description=_("Revoke the selected sessions"), permissions=["delete"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[OperatorSession]) -> None:
        self.delete_queryset(request, queryset)

    @admin.display(description=_("session"), ordering="session_key")
    def hash_prefix(self, session: OperatorSession) -> str:
        return session.hash_prefix

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        # Django's own "delete selected" would say the same in other words.
        return {name: action for name, action in actions.items() if name != "delete_selected"}

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: OperatorSession | None = None) -> bool:
        return False

    def delete_model(self, request: HttpRequest, obj: OperatorSession) -> None:
        revoke_sessions([obj.key_hash], by=request.user.get_username(), client=client_of_request(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[OperatorSession]) -> None:
        names = list(queryset.values_list("pk", flat=True))
        count = revoke_sessions(names, by=request.user.get_username(), client=client_of_request(request))
        _say_revoked(self, request, count)


@admin.register(AuditEvent)
class AuditAdmin(ReadOnly, AuditPage):
    list_display = ("created", "kind", "actor", "address", "session", "user_agent", "request_id")
    list_filter = ("kind", "created")
    search_fields = ("actor", "address", "session", "request_id")
    date_hierarchy = "created"
    fields = readonly_fields = (*list_display, "detail")
    show_full_result_count = False
    actions = None


def _sign_out_everywhere(request: HttpRequest, operator: Operator) -> int:
    return revoke_all(operator.username, by=request.user.get_username(), client=client_of_request(request))


def _say_revoked(page: admin.ModelAdmin[Any], request: HttpRequest, count: int) -> None:
    text = ngettext("%d session was revoked.", "%d sessions were revoked.", count) % count
    page.message_user(request, text, messages.SUCCESS if count else messages.INFO)
