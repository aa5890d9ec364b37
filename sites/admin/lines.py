"""Lines in the admin: for those who have the permission `sites.change_line`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from infra import audit
from sites.admin.words import WordsField, with_kept
from sites.line_models import Line, Member
from sites.questions import CHOICE_MOST

if TYPE_CHECKING:
    Form = forms.ModelForm[Line]
    Inline = admin.TabularInline[Member, Any]
    Page = admin.ModelAdmin[Line]
else:  # generic for the type checker only
    Form, Inline, Page = forms.ModelForm, admin.TabularInline, admin.ModelAdmin

MEMBERS_MOST = 200


class LineForm(Form):
    names = WordsField(CHOICE_MOST, label=_("Names"), help_text=_("As customers read it in their language."))

    class Meta:
        model = Line
        fields = ("key", "names", "position", "priority", "wrap_up_secs")

    def clean_names(self) -> dict[str, Any]:
        return with_kept(self.cleaned_data["names"], self.instance.names)


class Members(Inline):
    model = Member
    extra = 0
    max_num = MEMBERS_MOST
    fields = ("operator", "level")

    # Whoever may edit the line may edit who serves it.

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("sites.view_line") or self.has_change_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("sites.change_line" if obj else "sites.add_line")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)


@admin.register(Line)
class LineAdmin(Page):
    form = LineForm
    inlines = (Members,)
    list_display = ("__str__", "key", "priority", "served_by")
    show_full_result_count = False

    class Media:
        css = {"all": ["css/admin/site.css"]}

    def get_readonly_fields(self, request: HttpRequest, obj: Line | None = None) -> tuple[str, ...]:
        """The key stands in pages, tokens and records."""
        return ("key",) if obj else ()

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        line = Line.objects.get(pk=form.instance.pk)
        _record("line_changed" if change else "line_created", request, line, members=dict(line.line().members))

    def delete_model(self, request: HttpRequest, obj: Line) -> None:
        _record("line_deleted", request, obj)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for line in queryset:
            self.delete_model(request, line)

    @admin.display(description=_("members"))
    def served_by(self, line: Line) -> str:
        return ", ".join(str(member) for member in line.members.select_related("operator")) or "–"


def _record(kind: str, request: HttpRequest, line: Line, **detail: Any) -> None:
    audit.record(kind, request.user.get_username(), request, line=line.key, names=line.names, **detail)
