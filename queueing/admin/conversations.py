"""Conversations in the admin: to read and to take along, never to change; live state is not edited here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from infra.writing.folding import FoldedSearch
from queueing.admin import extensions
from queueing.admin.blocklist import BlockCustomer
from queueing.admin.extensions import PageExtension
from queueing.admin.page import export, view
from queueing.admin.set_aside import SetAsideAdmin as SetAsideAdmin
from queueing.history import line_choice, words
from queueing.history import site_choice as choice
from queueing.history.models import ChatMessage, Conversation
from queueing.live.grades import quality_grade
from sites import lookup as sites

if TYPE_CHECKING:
    Page = admin.ModelAdmin[Conversation]
else:  # generic for the type checker only
    Page = admin.ModelAdmin


class ReadOnly:
    """History is written by the journal alone."""

    def has_add_permission(self, *_args: Any) -> bool:
        return False

    def has_change_permission(self, *_args: Any) -> bool:
        return False

    def has_delete_permission(self, *_args: Any) -> bool:
        return False


class ReasonFilter(admin.SimpleListFilter):
    """Words of an older release, when pages could say any, are one choice with `other`."""

    title = _("reason of the end")
    parameter_name = "ended"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(words.REASONS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value()
        if chosen == "other":
            return queryset.exclude(reason__in={"", *words.REASONS} - {"other"})
        return queryset.filter(reason=chosen) if chosen else queryset


class SiteFilter(admin.SimpleListFilter):
    """Shown once there is more than the default site."""

    title = _("site")
    parameter_name = "site"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return choice.sites() if sites.current().several else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = choice.key_of(self.value())
        return queryset if chosen is None else queryset.filter(site=chosen)


class LineFilter(admin.SimpleListFilter):
    """Shown once there is any department."""

    title = _("department")
    parameter_name = "line"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return line_choice.lines()

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = line_choice.key_of(self.value())
        return queryset if chosen is None else queryset.filter(line=chosen)


@admin.register(Conversation)
class ConversationAdmin(BlockCustomer, ReadOnly, FoldedSearch, Page):
    """The list, one page of its own for each conversation, and two downloads. Every operator may read."""

    list_display = ("who", "state", "joined", "waited", "duration", "quality", "operator")
    list_filter = (
        "status",
        "media",
        ("operator", admin.RelatedOnlyFieldListFilter),
        "had_trouble",
        ReasonFilter,
        SiteFilter,
        LineFilter,
        ("joined_at", admin.DateFieldListFilter),
    )
    search_fields = ("id", "folded__contains", "messages__folded__contains")
    search_help_text = _("Name, topic, id, or words of the chat")
    date_hierarchy = "joined_at"
    list_select_related = ("operator",)
    list_per_page = 50
    show_full_result_count = False
    actions = ("block_customer",)

    class Media:
        css = {
            "all": [
                "css/shared/files.css",
                *(f"css/admin/conversation/{name}.css" for name in ("page", "charts", "chat", "timeline", "list")),
            ]
        }

    def has_view_permission(self, request: HttpRequest, obj: Conversation | None = None) -> bool:
        return bool(request.user.is_active and request.user.is_staff)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Conversation]:
        # The list leaves its own `list_select_related` out once there is another.
        rows = super().get_queryset(request).select_related(*self.list_select_related)
        for one in extensions.known():
            rows = one.rows(rows)
        return rows

    def get_list_display(self, request: HttpRequest) -> Any:
        known = sites.current()
        own = [*self.list_display, *["of_site"] * known.several, *["of_line"] * known.lines.several]
        return [*own, *(column for one in _listed(request) for column in one.columns)]

    def get_list_filter(self, request: HttpRequest) -> Any:
        return [*self.list_filter, *(one for more in _listed(request) for one in more.filters)]

    # -- pages ---------------------------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        guarded = self.admin_site.admin_view
        return [
            path(
                "<str:object_id>/transcript.txt",
                guarded(self.transcript_view),
                name="queueing_conversation_transcript",
            ),
            path("<str:object_id>/export.json", guarded(self.export_view), name="queueing_conversation_export"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        conversation = self._readable(request, object_id)

        def extras(messages: list[ChatMessage]) -> dict[int, str]:
            return {key: html for one in extensions.known() for key, html in one.lines(request, messages).items()}

        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "media": self.media,
            "title": str(conversation.name or conversation.pk),
            **view.context(conversation, extras),
            "block_link": self.block_link(conversation) if self.has_block_permission(request) else "",
            "sections": [html for one in extensions.known() if (html := one.section(request, conversation))],
            **(extra_context or {}),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/queueing/conversation/change_form.html", context)

    def transcript_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        conversation = self._readable(request, object_id)
        return _download(
            HttpResponse(export.transcript(conversation), content_type="text/plain; charset=utf-8"),
            f"conversation-{conversation.pk}.txt",
        )

    def export_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        conversation = self._readable(request, object_id)
        whole = export.everything(conversation)
        for one in extensions.known():
            whole.update(one.exported(conversation))
        body = JsonResponse(whole, json_dumps_params={"indent": 1, "ensure_ascii": False})
        return _download(body, f"conversation-{conversation.pk}.json")

    def _readable(self, request: HttpRequest, object_id: str) -> Conversation:
        """The conversation, for who may see it. Raises PermissionDenied or Http404."""
        conversation = self.get_object(request, object_id)
        if not self.has_view_permission(request, conversation):
            raise PermissionDenied
        if conversation is None:
            raise Http404
        return conversation

    # -- columns -------------------------------------------------------------------------------------------------

    @admin.display(description=_("customer"), ordering="name")
    def who(self, conversation: Conversation) -> SafeString:
        name = conversation.name or conversation.pk
        topic = (
            format_html('<span class="ad-conversation-topic" dir="auto">{}</span>', conversation.topic)
            if conversation.topic
            else ""
        )
        return format_html('<span class="ad-conversation-who" dir="auto">{}</span>{}', name, topic)

    @admin.display(description=_("status"), ordering="status")
    def state(self, conversation: Conversation) -> SafeString:
        return format_html(
            '{}<span class="ad-conversation-under">{}</span>',
            _pill(view.status_tone(conversation), conversation.get_status_display()),
            " · ".join(word for word in (conversation.get_media_display(), words.reason(conversation.reason)) if word),
        )

    @admin.display(description=_("joined"), ordering="joined_at")
    def joined(self, conversation: Conversation) -> SafeString:
        at = timezone.localtime(conversation.joined_at)
        return format_html(
            '<time datetime="{}">{}<span class="ad-conversation-under">{}</span></time>',
            at.isoformat(),
            formats.date_format(at, "j M" if at.year == timezone.localtime().year else "j M Y"),
            f"{at:%H:%M}",
        )

    @admin.display(description=_("site"), ordering="site")
    def of_site(self, conversation: Conversation) -> str:
        return sites.current().name_of(conversation.site)

    @admin.display(description=_("department"), ordering="line")
    def of_line(self, conversation: Conversation) -> str:
        return line_choice.name_of(conversation.line)

    @admin.display(description=_("waited"))
    def waited(self, conversation: Conversation) -> SafeString:
        note, tone = view.wait_verdict(conversation)
        return format_html(
            '<span class="ad-conversation-cell" data-tone="{}" title="{}">{}</span>',
            tone,
            note,
            words.clock(conversation.waited_s),
        )

    @admin.display(description=_("duration"))
    def duration(self, conversation: Conversation) -> str:
        return words.clock(conversation.duration_s)

    @admin.display(description=_("quality"), ordering="mean_quality")
    def quality(self, conversation: Conversation) -> SafeString:
        score, lost = conversation.mean_quality, conversation.reconnects
        grade = quality_grade(score)
        trouble: SafeString | str = ""
        if conversation.had_trouble:
            trouble = _pill(
                "warning", f"{lost}×" if lost else "!", str(_("interruptions") if lost else _("had trouble"))
            )
        return format_html(
            '<span class="ad-conversation-cell" data-tone="{}" title="{}">{}</span> {}',
            view.GRADE_TONES[grade],
            view.grade_words()[grade],
            "–" if score is None else f"{score:.1f}",
            trouble,
        )


def _listed(request: HttpRequest) -> list[PageExtension]:
    return [one for one in extensions.known() if one.listed(request)]


def _pill(tone: str, text: Any, title: str = "") -> SafeString:
    return format_html('<span class="ad-pill" data-tone="{}" title="{}">{}</span>', tone, title, text)


def _download(response: HttpResponse, name: str) -> HttpResponse:
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
