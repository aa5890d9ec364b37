"""Canned replies in the admin: everybody edits their own, those of everybody take a permission."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import Operator
from desk.replies import lookup
from desk.replies.models import CannedReply
from infra.writing.folding import FoldedSearch

if TYPE_CHECKING:
    Page = admin.ModelAdmin[CannedReply]
    Form = forms.ModelForm[CannedReply]
else:  # generic for the type checker only
    Page, Form = admin.ModelAdmin, forms.ModelForm

SHARE = "desk.share_cannedreply"


class ReplyForm(Form):
    """Whose it is, is decided by who saves it and the box, which only some have (both set by the page)."""

    operator: Operator
    may_share = False
    shared = forms.BooleanField(
        label=_("for everybody"), required=False, help_text=_("Every operator finds it; only some may change it.")
    )

    class Meta:
        model = CannedReply
        fields = ("shortcut", "language", "text")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if not self.may_share:
            self.fields.pop("shared", None)
        elif self.instance.pk:
            self.fields["shared"].initial = self.instance.owner_id is None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        # Before the model's own check, which asks whether this owner has one like it.
        self.instance.owner = None if cleaned.get("shared") else self.operator
        return cleaned


@admin.register(CannedReply)
class CannedReplyAdmin(FoldedSearch, Page):
    form = ReplyForm
    fields = ("shortcut", "language", "text", "shared")
    list_display = ("__str__", "beginning", "language", "whose", "used")
    list_filter = ("language", ("owner", admin.EmptyFieldListFilter))
    search_fields = ("folded__contains",)
    search_help_text = _("Shortcut or words of the text")
    list_select_related = ("owner",)
    list_per_page = 50
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[CannedReply]:
        user = request.user
        return lookup.of(user) if isinstance(user, Operator) else CannedReply.objects.none()

    def get_fields(self, request: HttpRequest, obj: CannedReply | None = None) -> Any:
        return self.fields if request.user.has_perm(SHARE) else self.fields[:-1]

    def get_form(self, request: HttpRequest, obj: CannedReply | None = None, change: bool = False, **more: Any) -> Any:
        form = super().get_form(request, obj, change, **more)
        return type(form.__name__, (form,), {"operator": request.user, "may_share": request.user.has_perm(SHARE)})

    def has_change_permission(self, request: HttpRequest, obj: CannedReply | None = None) -> bool:
        return super().has_change_permission(request, obj) and _is_theirs(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: CannedReply | None = None) -> bool:
        if obj is not None and obj.owner_id and request.user.has_perm("accounts.delete_operator"):
            return True  # with its owner: by itself nobody else finds it (`get_queryset`)
        return super().has_delete_permission(request, obj) and _is_theirs(request, obj)

    @admin.display(description=_("text"))
    def beginning(self, reply: CannedReply) -> str:
        return reply.text if len(reply.text) <= 80 else f"{reply.text[:79]}…"

    @admin.display(description=_("whose"), ordering="owner")
    def whose(self, reply: CannedReply) -> str:
        return str(reply.owner or _("everybody's"))


def _is_theirs(request: HttpRequest, reply: CannedReply | None) -> bool:
    if reply is None or reply.owner_id == request.user.pk:
        return True
    return reply.owner_id is None and request.user.has_perm(SHARE)
