"""Notes in the admin: read and searched by every operator, changed by who wrote them or has the right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from desk.notes import keeping
from desk.notes.models import Note
from infra.errors import DomainError
from infra.writing.folding import FoldedSearch
from queueing.history.models import Conversation

if TYPE_CHECKING:
    Page = admin.ModelAdmin[Note]
    Form = forms.ModelForm[Note]
else:  # generic for the type checker only
    Page, Form = admin.ModelAdmin, forms.ModelForm


class NoteForm(Form):
    class Meta:
        model = Note
        fields = ("text",)

    def clean_text(self) -> str:
        try:
            return keeping.cleaned(self.cleaned_data["text"])
        except DomainError as error:
            raise ValidationError(error.message) from error


@admin.register(Note)
class NoteAdmin(FoldedSearch, Page):
    form = NoteForm
    fields = ("text", "about", "conversation_link", "written_by", "at", "edited_at")
    readonly_fields = ("about", "conversation_link", "written_by", "at", "edited_at")
    list_display = ("__str__", "about", "conversation_link", "written_by", "at")
    list_filter = ("about", ("author", admin.RelatedOnlyFieldListFilter), ("at", admin.DateFieldListFilter))
    search_fields = ("folded__contains", "conversation__folded__contains")
    search_help_text = _("Words of the note, or the customer's name")
    list_select_related = ("author", "conversation")
    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """They are written in the console, in a conversation."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Note | None = None) -> bool:
        own = obj is not None and obj.author_id == request.user.pk and self.has_view_permission(request, obj)
        return own or super().has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Note, form: Any, change: bool) -> None:
        if form.changed_data:
            obj.edited_at = timezone.now()
        super().save_model(request, obj, form, change)

    @admin.display(description=_("conversation"), ordering="conversation")
    def conversation_link(self, note: Note) -> str:
        page = reverse("admin:queueing_conversation_change", args=[note.conversation_id])
        return format_html('<a href="{}"><bdi>{}</bdi></a>', page, note.conversation.name or note.conversation_id)

    @admin.display(description=_("author"), ordering="admin_id")
    def written_by(self, note: Note) -> str:
        return keeping.author_of(note)


# -- conversations ----------------------------------------------------------------------------------------------------


def counted(conversations: QuerySet[Conversation]) -> QuerySet[Conversation]:
    """With `note_count`."""
    notes = Note.objects.filter(conversation=OuterRef("pk")).order_by().values("conversation")
    number = Subquery(notes.annotate(n=Count("pk")).values("n"), output_field=IntegerField())
    return conversations.annotate(note_count=Coalesce(number, 0))


def count_of(conversation: Conversation) -> int:
    return int(getattr(conversation, "note_count", 0))


def section(request: HttpRequest, conversation: Conversation) -> str:
    """The notes of this conversation, and what was written about the person in others."""
    own, earlier = keeping.of_conversation(conversation), keeping.earlier(conversation)
    if not own and not earlier:
        return ""
    user: Any = request.user
    changes = user.has_perm("desk.change_note")

    def shown(note: Note) -> dict[str, Any]:
        return {"note": note, "by": keeping.author_of(note), "changes": changes or note.author_id == user.pk}

    context = {"parts": [[shown(note) for note in part] for part in (own, earlier)]}
    return render_to_string("desk/notes.html", context, request)
