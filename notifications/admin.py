"""Notifications in the admin: what was sent to whom, what failed and why; send again, send a test."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from notifications import services
from notifications.models import Card, Kind, OutboxMessage

if TYPE_CHECKING:
    # Generic for the type checker alone.
    BaseAdmin = admin.ModelAdmin[OutboxMessage]
    CardBase = admin.ModelAdmin[Card]
    ReceiptTable = admin.TabularInline[OutboxMessage, Card]
else:
    BaseAdmin = CardBase = admin.ModelAdmin
    ReceiptTable = admin.TabularInline


class ReadOnly:
    """Mix-in: nothing can be added, changed or deleted."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(OutboxMessage)
class OutboxMessageAdmin(ReadOnly, BaseAdmin):
    """Read only: a delivery is changed by the worker alone, or made due again by the action."""

    list_display = ("created_at", "kind", "rung", "admin_id", "chat_id", "state", "attempts", "last_error", "sent_at")
    list_filter = ("state", "rung", "kind", "channel", "language", ("created_at", admin.DateFieldListFilter))
    search_fields = ("admin_id", "chat_id", "conversation", "notification", "last_error")
    date_hierarchy = "created_at"
    list_per_page = 50
    show_full_result_count = False
    actions = ("resend",)
    exclude = ("context",)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.send_test)
        return [path("send-test/", view, name="notifications_outboxmessage_send_test"), *super().get_urls()]

    @admin.action(description=gettext_lazy("Send selected notifications again"), permissions=["resend"])
    def resend(self, request: HttpRequest, queryset: QuerySet[OutboxMessage]) -> None:
        again = [message for message in queryset if services.resend(message)]
        for message in again:
            self.log_change(request, message, "sent again")
        skipped = queryset.count() - len(again)
        if again:
            text = ngettext("%d notification will be sent again.", "%d notifications will be sent again.", len(again))
            self.message_user(request, text % len(again), messages.SUCCESS)
        if skipped:
            text = _("%d left alone: still under way, or a one-time code (ask for a new one).")
            self.message_user(request, text % skipped, messages.WARNING)

    def send_test(self, request: HttpRequest) -> HttpResponse:
        """POST: a test message to the operator who is signed in."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_view_permission(request):
            raise PermissionDenied
        message = services.send_test(request.user.get_username())
        if message is None or not message.chat_id:
            self.message_user(request, _("No Telegram chat id is stored for you."), messages.ERROR)
        else:
            self.message_user(request, _("A test message is on its way to your Telegram."), messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:notifications_outboxmessage_changelist"))

    def get_readonly_fields(self, request: HttpRequest, obj: OutboxMessage | None = None) -> list[str]:
        return [field.name for field in self.model._meta.fields if field.name not in ("context", "claim")] + ["details"]

    def get_fields(self, request: HttpRequest, obj: OutboxMessage | None = None) -> list[Any]:
        hidden = ("id", "dedupe_key", "claim", "claimed_until", "context", "version")
        return [field.name for field in self.model._meta.fields if field.name not in hidden] + ["details"]

    @admin.display(description=gettext_lazy("details"))
    def details(self, message: OutboxMessage) -> str:
        """The context, for a code without the name of its key."""
        shown = {} if message.kind == Kind.OTP else message.context
        return ", ".join(f"{name}: {value}" for name, value in shown.items()) or "–"

    def has_resend_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("notifications.change_outboxmessage")


class Receipts(ReadOnly, ReceiptTable):
    """Who was told on which step, and how that went."""

    model = OutboxMessage
    fields = readonly_fields = ("rung", "kind", "admin_id", "chat_id", "state", "attempts", "last_error", "sent_at")
    ordering = ("id",)
    extra = 0
    show_change_link = True
    verbose_name_plural = gettext_lazy("receipts")


@admin.register(Card)
class CardAdmin(ReadOnly, CardBase):
    """A customer with everybody who was told of them."""

    list_display = ("created_at", "customer", "standing", "by", "rung", "escalate_at", "receipts")
    list_filter = ("standing", "rung", ("created_at", admin.DateFieldListFilter))
    search_fields = ("conversation", "notification", "by")
    date_hierarchy = "created_at"
    list_per_page = 50
    show_full_result_count = False
    fields = readonly_fields = ("customer", "conversation", "standing", "by", "rung", "escalate_at", "created_at")
    inlines = (Receipts,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Card]:
        return super().get_queryset(request).prefetch_related("messages")

    @admin.display(description=gettext_lazy("customer"))
    def customer(self, card: Card) -> str:
        return str(card.context.get("name") or _("Guest"))

    @admin.display(description=gettext_lazy("receipts"))
    def receipts(self, card: Card) -> str:
        """Per message: the step and its state, in the order of sending; edits are left out."""
        told = sorted((message for message in card.messages.all() if message.edits_id is None), key=lambda m: m.pk)
        return ", ".join(f"{message.get_rung_display()}: {message.get_state_display()}" for message in told)
