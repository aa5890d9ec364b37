"""Admin pages: operators with their sessions, all sessions, the audit trail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import audit_log
from accounts.access.authority import grantable, may_manage, may_manage_group
from accounts.access.permissions import sees_whole_trail
from accounts.clients import client_of_request
from accounts.devices import device_of
from accounts.flows.note_change import note_change, note_deletion, snapshot
from accounts.flows.revoke_session import revoke_all, revoke_sessions
from accounts.models import AuditEvent, Operator, OperatorSession
from infra.writing.folding import FoldedSearch

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
    fields = readonly_fields = ("device", "address", "last_seen", "revoke_link", "created", "expire_date")
    ordering = ("-last_seen",)
    verbose_name_plural = _("sessions")
    extra = 0
    show_change_link = False

    @admin.display(description=_("device"))
    def device(self, session: OperatorSession) -> str:
        return device_of(session.user_agent)

    @admin.display(description="")
    def revoke_link(self, session: OperatorSession) -> str:
        page = reverse("admin:accounts_operatorsession_delete", args=[session.pk])
        return format_html('<a class="deletelink" href="{}">{}</a>', page, _("Revoke"))


class OperatorForm(OperatorModelForm):
    class Meta:
        model = Operator
        fields = ("username", "name", "chat_id", "language", "is_backup", "is_active", "is_staff", *PERMISSIONS)

    def clean_username(self) -> str:
        return str(self.cleaned_data["username"]).strip()


@admin.register(Operator)
class OperatorAdmin(FoldedSearch, OperatorPage):
    form = OperatorForm
    list_display = ("username", "name", "chat_id", "language", "is_active", "is_staff", "is_superuser", "last_login")
    list_filter = ("is_active", "is_staff", "is_superuser", "is_backup", "language")
    search_fields = ("folded__contains",)
    filter_horizontal = ("groups", "user_permissions")
    inlines = (SessionInline,)
    actions = ("revoke_all_sessions",)
    fieldsets = (
        (None, {"fields": ("username", "name", "chat_id", "language", "is_backup")}),
        (_("Permissions"), {"fields": ("is_active", "is_staff", "is_superuser")}),
        (_("Groups and single permissions"), {"fields": ("groups", "user_permissions"), "classes": ("collapse",)}),
    )

    @admin.action(description=_("Sign out everywhere"), permissions=["change"])
    def revoke_all_sessions(self, request: HttpRequest, queryset: QuerySet[Operator]) -> None:
        mine = _manageable(self, request, queryset)
        _say_revoked(self, request, sum(_sign_out_everywhere(request, operator) for operator in mine))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.sign_out_everywhere)
        return [path("<int:pk>/sign-out/", view, name="accounts_operator_sign_out"), *super().get_urls()]

    def sign_out_everywhere(self, request: HttpRequest, pk: int) -> HttpResponse:
        """POST, from the button of an operator's page: ends all sessions, and closes their sockets."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        operator = get_object_or_404(Operator, pk=pk)
        if not self.has_change_permission(request, operator):
            raise PermissionDenied
        _say_revoked(self, request, _sign_out_everywhere(request, operator))
        # Who has signed himself out lands on the sign-in page.
        return HttpResponseRedirect(reverse("admin:accounts_operator_change", args=[pk]))

    def has_change_permission(self, request: HttpRequest, obj: Operator | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or may_manage(request.user, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Operator | None = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or may_manage(request.user, obj))

    def get_readonly_fields(self, request: HttpRequest, obj: Operator | None = None) -> tuple[str, ...]:
        # Who may edit operators may not make a superuser of himself.
        return () if request.user.is_superuser else PERMISSIONS

    def get_inlines(self, request: HttpRequest, obj: Operator | None) -> Any:
        return self.inlines if obj is not None else ()

    def save_model(self, request: HttpRequest, obj: Operator, form: Any, change: bool) -> None:
        if not change:
            obj.set_unusable_password()
        form.before = snapshot(Operator.objects.get(pk=obj.pk)) if change else None
        super().save_model(request, obj, form, change)
        if not change:
            audit_log.record(audit_log.Kind.OPERATOR_CREATED, obj.username, **_who(request))
        if change and not (obj.is_active and obj.is_staff):
            _say_revoked(self, request, _sign_out_everywhere(request, obj))

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        # Only now groups and permissions are the new ones.
        if change:
            note_change(form.before, form.instance, **_who(request))

    def delete_model(self, request: HttpRequest, obj: Operator) -> None:
        with transaction.atomic():
            before = snapshot(obj)
            _sign_out_everywhere(request, obj)
            super().delete_model(request, obj)
            note_deletion(before, **_who(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Operator]) -> None:
        for operator in _manageable(self, request, queryset):
            self.delete_model(request, operator)


@admin.register(OperatorSession)
class SessionAdmin(FoldedSearch, SessionPage):
    """Deleting a row here is revoking it."""

    list_display = ("operator", "device", "address", "created", "last_seen")
    list_filter = (("operator", admin.RelatedOnlyFieldListFilter),)
    list_select_related = ("operator",)
    search_fields = ("operator__folded__contains", "address", "user_agent")
    fields = readonly_fields = (*list_display, "expire_date", "user_agent", "hash_prefix")
    date_hierarchy = "last_seen"
    actions = ("revoke",)

    @admin.action(description=_("Revoke the selected sessions"), permissions=["delete"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[OperatorSession]) -> None:
        self.delete_queryset(request, queryset)

    @admin.display(description=_("device"), ordering="user_agent")
    def device(self, session: OperatorSession) -> str:
        return device_of(session.user_agent)

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

    def has_delete_permission(self, request: HttpRequest, obj: OperatorSession | None = None) -> bool:
        owner = None if obj is None else obj.operator
        return super().has_delete_permission(request, obj) and (owner is None or may_manage(request.user, owner))

    def delete_model(self, request: HttpRequest, obj: OperatorSession) -> None:
        revoke_sessions([obj.key_hash], by=request.user.get_username(), client=client_of_request(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[OperatorSession]) -> None:
        names = [row.pk for row in queryset.select_related("operator") if self.has_delete_permission(request, row)]
        count = revoke_sessions(names, by=request.user.get_username(), client=client_of_request(request))
        _say_revoked(self, request, count)


@admin.register(AuditEvent)
class AuditAdmin(ReadOnly, AuditPage):
    """Everybody's to who may see it all, an operator's own otherwise (`accounts.access.permissions`)."""

    list_display = ("created", "kind", "actor", "what", "address", "device")
    list_filter = (("created", admin.DateFieldListFilter), "kind")
    search_fields = ("actor", "address", "session", "request_id", "detail")
    date_hierarchy = "created"
    list_per_page = 50
    fields = readonly_fields = (*list_display, "session", "request_id", "user_agent", "detail")
    show_full_result_count = False
    actions = None

    @admin.display(description=_("device"))
    def device(self, event: AuditEvent) -> str:
        return device_of(event.user_agent) if event.user_agent else "–"

    @admin.display(description=_("detail"))
    def what(self, event: AuditEvent) -> str:
        """A change is kept as `[before, after]`."""
        shown = {
            name: " → ".join(map(str, value)) if isinstance(value, list) else value
            for name, value in event.detail.items()
        }
        return ", ".join(f"{name}: {value}" for name, value in shown.items() if value not in (None, ""))

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEvent]:
        events = super().get_queryset(request)
        return events if sees_whole_trail(request.user) else events.filter(actor=request.user.get_username())


admin.site.unregister(Group)


@admin.register(Group)
class GuardedGroupAdmin(GroupAdmin):
    """A group hands on its rights: it is changed, and filled, only by who has them."""

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or may_manage_group(request.user, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or may_manage_group(request.user, obj))

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest | None = None, **kwargs: Any) -> Any:
        if db_field.name == "permissions" and request is not None:
            kwargs["queryset"] = grantable(request.user, Permission.objects.select_related("content_type"))
        return super().formfield_for_manytomany(db_field, request, **kwargs)


def _manageable(page: OperatorAdmin, request: HttpRequest, queryset: QuerySet[Operator]) -> list[Operator]:
    """Those that who asks may change; says so when others were left alone."""
    chosen = list(queryset)
    mine = [operator for operator in chosen if may_manage(request.user, operator)]
    if len(mine) < len(chosen):
        text = _("Not changed, because they have rights that you lack: %(count)d.")
        page.message_user(request, text % {"count": len(chosen) - len(mine)}, messages.WARNING)
    return mine


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"by": request.user.get_username(), "client": client_of_request(request)}


def _sign_out_everywhere(request: HttpRequest, operator: Operator) -> int:
    return revoke_all(operator.username, by=request.user.get_username(), client=client_of_request(request))


def _say_revoked(page: admin.ModelAdmin[Any], request: HttpRequest, count: int) -> None:
    text = ngettext("%d session was revoked.", "%d sessions were revoked.", count) % count
    page.message_user(request, text, messages.SUCCESS if count else messages.INFO)
