"""Files in the admin: a list with what is known of each, in the chat of a conversation, and in its JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from desk.files import keeping, sweep
from desk.files.models import SEEN, File, State
from infra import audit
from queueing.file_kinds import PICTURES
from queueing.history.models import ChatMessage, Conversation

if TYPE_CHECKING:
    Page = admin.ModelAdmin[File]
else:  # generic for the type checker only
    Page = admin.ModelAdmin

TONES = {State.READY: "good", State.WAITING: "warning", State.REFUSED: "bad"}
FACTS = ("shown", "name", "kind", "sender", "conversation_link", "state_pill", "found", "created_at")


class KindFilter(admin.SimpleListFilter):
    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("picture", _("Pictures")), ("document", _("Documents"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        pictures = Q(mime__in=list(PICTURES))
        chosen = {"picture": pictures, "document": ~pictures}.get(self.value() or "")
        return queryset if chosen is None else queryset.filter(chosen)


class StateFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(state.value, state.label) for state in SEEN]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value() or ""
        return queryset.filter(state=chosen) if chosen in map(str, SEEN) else queryset


@admin.register(File)
class FileAdmin(Page):
    fields = FACTS
    readonly_fields = FACTS
    list_display = ("__str__", "kind", "sender", "conversation_link", "state_pill", "created_at")
    list_filter = (StateFilter, "side", KindFilter, ("created_at", admin.DateFieldListFilter))
    search_fields = ("name", "customer", "sent_by", "conversation__exact")
    search_help_text = _("Name of the file, the customer's name, an adminId, or a conversation's id")
    list_per_page = 50
    show_full_result_count = False

    class Media:
        css = {"all": ["css/shared/files.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[File]:
        """Those that the two sides know of. The history may not know the conversation (yet): no join leaves it out."""
        names = Conversation.objects.filter(pk=OuterRef("conversation_id")).values("name")[:1]
        return super().get_queryset(request).filter(state__in=SEEN).annotate(customer=Subquery(names))

    def has_add_permission(self, request: HttpRequest) -> bool:
        """They are sent in the chat."""
        return False

    def delete_model(self, request: HttpRequest, obj: File) -> None:
        self._delete(request, [obj])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[File]) -> None:
        self._delete(request, queryset)

    def _delete(self, request: HttpRequest, files: Iterable[File]) -> None:
        """The row stays, without a name: it says where the content is until that is gone."""
        rows = list(files)
        for row in rows:
            who = {"file": row.pk, "conversation": row.conversation_id}
            audit.record("file_deleted", request.user.get_username(), request, **who)
        sweep.delete(rows)

    @admin.display(description=_("file"))
    def shown(self, file: File) -> str:
        return line(file)

    @admin.display(description=_("kind"), ordering="mime")
    def kind(self, file: File) -> str:
        size = f" · {file.width} × {file.height}" if file.width else ""
        return f"{keeping.ending(file)} · {filesizeformat(file.size)}{size}"

    @admin.display(description=_("from"), ordering="side")
    def sender(self, file: File) -> str:
        return f"{file.get_side_display()} ({file.sent_by})" if file.sent_by else file.get_side_display()

    @admin.display(description=_("conversation"), ordering="conversation_id")
    def conversation_link(self, file: File) -> str:
        customer = getattr(file, "customer", None)
        if customer is None:
            return file.conversation_id
        page = reverse("admin:queueing_conversation_change", args=[file.conversation_id])
        return format_html('<a href="{}"><bdi>{}</bdi></a>', page, customer or file.conversation_id)

    @admin.display(description=_("state"), ordering="state")
    def state_pill(self, file: File) -> str:
        tone = TONES[State(file.state)]
        return format_html('<span class="ad-pill" data-tone="{}">{}</span>', tone, file.get_state_display())


def line(file: File) -> str:
    """As it stands in a chat: a picture or a document that opens, or why it does not. Safe HTML."""
    return render_to_string("desk/file.html", {"file": file, "ready": file.state == State.READY})


# -- conversations ----------------------------------------------------------------------------------------------------


def lines(_request: HttpRequest, messages: Sequence[ChatMessage]) -> dict[int, str]:
    """What stands above the text of these lines, by their keys."""
    with_files = {message.file_id: message.pk for message in messages if message.file_id}
    rows = File.objects.filter(pk__in=list(with_files), state__in=(*SEEN, State.ERASED))
    return {with_files[row.pk]: line(row) for row in rows}


def exported(conversation: Conversation) -> dict[str, Any]:
    return keeping.exported([conversation.pk], None)
