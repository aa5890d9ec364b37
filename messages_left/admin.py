"""Messages in the admin: a list by state and age, and a page of each where it is taken, answered and called done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Operator
from infra import audit
from infra.admin_lists import OwnerFilter
from infra.errors import DomainError
from infra.storable import storable
from infra.writing import language
from infra.writing.folding import FoldedSearch
from messages_left import keeping, work
from messages_left.attachments.signs import signs
from messages_left.attachments.views import ADDRESSES
from messages_left.models import NOTE_MAX, TEXT_MAX, Message, Reply, State
from messages_left.work import Outcome
from notifications import services
from notifications.admin.receipts import TONES as DELIVERY_TONES
from queueing import file_links
from sites import lookup as sites

if TYPE_CHECKING:
    Page = admin.ModelAdmin[Message]
else:  # generic for the type checker only
    Page = admin.ModelAdmin

TONES = {State.OPEN: "warning", State.TAKEN: "info", State.DONE: "good"}
BEGINNING = 90


@admin.register(Message)
class MessageAdmin(FoldedSearch, Page):
    list_display = ("who", "state_pill", "reach", "owner_name", "age")
    list_display_links = ("who",)
    list_filter = ("state", OwnerFilter, "why", ("left_at", admin.DateFieldListFilter))
    search_fields = ("folded__contains",)
    search_help_text = gettext_lazy("Words of the message, a name, an e-mail address or a phone number")
    list_select_related = ("owner",)
    list_per_page = 50
    show_full_result_count = False
    actions = ("call_done",)

    class Media:
        css = {
            "all": [
                "css/admin/conversation/page.css",
                "css/admin/conversation/list.css",
                "css/shared/files.css",
                "css/admin/messages.css",
            ]
        }

    def has_add_permission(self, request: HttpRequest) -> bool:
        """They are left by customers."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        return super().get_queryset(request).prefetch_related("attachments")

    def get_list_display(self, request: HttpRequest) -> Any:
        return [*self.list_display, "of_site"] if sites.current().several else self.list_display

    def get_urls(self) -> list[Any]:
        own = path(
            "files/<str:pk>/<str:rendering>/",
            self.admin_site.admin_view(self.open_file),
            name="messages_left_attachment",
        )
        return [own, *super().get_urls()]

    def open_file(self, request: HttpRequest, pk: str, rendering: str) -> HttpResponse:
        """On to the signed address of the moment: a page may stay open for longer than one is good."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if rendering not in (file_links.CONTENT, file_links.THUMB) or not pk.isascii() or not pk.isalnum():
            raise Http404
        answer = HttpResponseRedirect(ADDRESSES.address(pk, rendering))
        answer["Cache-Control"] = "no-store"
        return answer

    # -- the page of one --------------------------------------------------------------------------------------------

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        message = self.get_object(request, object_id)
        if not self.has_view_permission(request, message):
            raise PermissionDenied
        if message is None:
            raise Http404
        typed = {"reply": "", "note": message.note}
        if request.method == "POST":
            if not self.has_change_permission(request, message):
                raise PermissionDenied
            if self._act(request, message, typed):
                return HttpResponseRedirect(reverse("admin:messages_left_message_change", args=[message.pk]))
        request.current_app = self.admin_site.name
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "media": self.media,
            "title": str(message),
            **self._page(request, message),
            "typed": typed,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/messages_left/message/change_form.html", context)

    def _page(self, request: HttpRequest, message: Message) -> dict[str, Any]:
        return {
            "message": message,
            "tone": TONES[State(message.state)],
            "age": timesince(message.left_at, depth=1),
            "site": sites.current().name_of(message.site) if message.site or sites.current().several else "",
            "language": language.name_of(message.language),
            "replies": _replies(message),
            "files": list(message.attachments.all()),
            "may_change": self.has_change_permission(request, message),
            "may_delete": self.has_delete_permission(request, message),
            "answerable": work.may_be_answered(message),
            "mine": message.state == State.TAKEN and message.owner_id == request.user.pk,
            "reply_most": TEXT_MAX,
            "note_most": NOTE_MAX,
        }

    def _act(self, request: HttpRequest, message: Message, typed: dict[str, str]) -> bool:
        """Whether it is done, or was refused for good; else the page comes again with what was typed."""
        operator = request.user
        assert isinstance(operator, Operator)  # admin_view lets nobody else in
        match request.POST.get("do"):
            case "take":
                self._tell(request, work.take(message.pk, operator, request))
            case "take-over":
                seen = storable(request.POST.get("owner", ""))
                self._tell(request, work.take(message.pk, operator, request, instead_of=seen))
            case "done":
                work.done(message.pk, operator, request)
            case "reopen":
                work.reopen(message.pk, operator, request)
            case "note":
                typed["note"] = request.POST.get("note", "")
                return self._said(request, lambda: work.note(message.pk, typed["note"]), _("The note is kept."))
            case "reply":
                typed["reply"] = request.POST.get("reply", "")
                return self._said(
                    request,
                    lambda: work.reply(message.pk, typed["reply"], operator, request),
                    _("The reply is on its way. It stands below, with how it went."),
                )
        return True

    def _said(self, request: HttpRequest, act: Any, told: str) -> bool:
        try:
            act()
        except DomainError as error:
            self.message_user(request, error.message, messages.ERROR)
            return False
        self.message_user(request, told, messages.SUCCESS)
        return True

    def _tell(self, request: HttpRequest, answer: work.Answer) -> None:
        by = {"name": answer.by or "–"}
        if answer.outcome == Outcome.TAKEN:
            self.message_user(request, _("Message taken by %(name)s") % by, messages.WARNING)
        elif answer.outcome == Outcome.DONE:
            self.message_user(request, _("Message done by %(name)s") % by, messages.WARNING)

    # -- the list ---------------------------------------------------------------------------------------------------

    @admin.action(description=gettext_lazy("Mark the selected messages as done"), permissions=["change"])
    def call_done(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        operator = request.user
        assert isinstance(operator, Operator)
        for pk in list(queryset.values_list("pk", flat=True)):
            work.done(pk, operator, request)

    def delete_model(self, request: HttpRequest, obj: Message) -> None:
        self.delete_queryset(request, Message.objects.filter(pk=obj.pk))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        """Erased first, so that chats show nothing of it either."""
        for row in list(queryset):
            audit.record("message_deleted", request.user.get_username(), request, message=row.pk)
        ids = list(queryset.values_list("pk", flat=True))
        keeping.erase(Message.objects.filter(pk__in=ids))
        Message.objects.filter(pk__in=ids).delete()

    @admin.display(description=gettext_lazy("message"), ordering="left_at")
    def who(self, message: Message) -> SafeString:
        return format_html(
            '<span class="ad-conversation-who" dir="auto">{}</span>'
            '<span class="ad-conversation-topic" dir="auto">{}</span>',
            str(message) if not message.erased_at else _("erased"),
            _beginning(" ".join(filter(None, (signs(message.attachments.all()), message.text)))),
        )

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def state_pill(self, message: Message) -> SafeString:
        return format_html(
            '<span class="ad-pill" data-tone="{}">{}</span><span class="ad-conversation-under">{}</span>',
            TONES[State(message.state)],
            message.get_state_display(),
            message.get_why_display(),
        )

    @admin.display(description=gettext_lazy("to be reached"))
    def reach(self, message: Message) -> SafeString | str:
        ways = [way for way in (message.email, message.phone) if way]
        return format_html('<bdi class="ad-message-reach">{}</bdi>', " · ".join(ways)) if ways else "–"

    @admin.display(description=gettext_lazy("owner"), ordering="admin_id")
    def owner_name(self, message: Message) -> str:
        return message.owner_name or "–"

    @admin.display(description=gettext_lazy("age"), ordering="left_at")
    def age(self, message: Message) -> SafeString:
        at = timezone.localtime(message.left_at)
        return format_html('<time datetime="{}">{}</time>', at.isoformat(), timesince(message.left_at, depth=1))

    @admin.display(description=gettext_lazy("site"), ordering="site")
    def of_site(self, message: Message) -> str:
        return sites.current().name_of(message.site)


def _beginning(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= BEGINNING else f"{line[: BEGINNING - 1]}…"


def _replies(message: Message) -> list[dict[str, Any]]:
    rows = list(Reply.objects.filter(message=message).select_related("author"))
    states = services.states_of(row.notification for row in rows)

    def shown(row: Reply) -> dict[str, Any]:
        state = states.get(row.notification)
        return {
            "reply": row,
            "by": row.author_name,
            "delivery": state.label if state else "",
            "tone": DELIVERY_TONES.get(state, "plain") if state else "plain",
        }

    return [shown(row) for row in rows]
