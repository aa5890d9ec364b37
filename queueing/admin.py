"""Conversations in the admin: to read, never to change; live state is not edited here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from queueing.blocklist_admin import BlockCustomer
from queueing.models import ChatMessage, Conversation, ConversationEvent

if TYPE_CHECKING:
    Page = admin.ModelAdmin[Conversation]
    EventTable = admin.TabularInline[ConversationEvent, Conversation]
    MessageTable = admin.TabularInline[ChatMessage, Conversation]
else:  # these classes are generic for the type checker only
    Page = admin.ModelAdmin
    EventTable = MessageTable = admin.TabularInline


class ReadOnly:
    """History is written by the journal alone."""

    def has_add_permission(self, *_args: Any) -> bool:
        return False

    def has_change_permission(self, *_args: Any) -> bool:
        return False

    def has_delete_permission(self, *_args: Any) -> bool:
        return False


class EventInline(ReadOnly, EventTable):
    model = ConversationEvent
    fields = ("at", "kind", "data")
    verbose_name_plural = _("timeline")


class MessageInline(ReadOnly, MessageTable):
    model = ChatMessage
    fields = ("sent_at", "sender", "text")
    verbose_name_plural = _("transcript")


@admin.register(Conversation)
class ConversationAdmin(BlockCustomer, ReadOnly, Page):
    list_display = ("name", "topic", "media", "status", "operator", "joined_at", "waited", "duration", "reason")
    list_filter = ("status", "media", "operator", "reason", "joined_at")
    search_fields = ("id", "name", "topic", "messages__text")
    date_hierarchy = "joined_at"
    list_select_related = ("operator",)
    inlines = (MessageInline, EventInline)
    actions = ("block_customer",)
    fieldsets = (
        (None, {"fields": ("id", "name", "topic", "media", "locale", "attributes", "block_link")}),
        (
            _("Course"),
            {"fields": ("status", "operator", "joined_at", "claimed_at", "ended_at", "reason", "ended_by")},
        ),
        (_("Wait"), {"fields": ("waited", "duration", "promised_low_s", "promised_high_s")}),
    )

    def has_view_permission(self, request: HttpRequest, obj: Conversation | None = None) -> bool:
        return bool(request.user.is_active and request.user.is_staff)

    @admin.display(description=_("waited"))
    def waited(self, conversation: Conversation) -> str:
        return _clock(conversation.waited_s)

    @admin.display(description=_("duration"))
    def duration(self, conversation: Conversation) -> str:
        return _clock(conversation.duration_s)


def _clock(seconds: float | None) -> str:
    return "–" if seconds is None else f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
