"""Notifications in the admin: what was sent to whom, what failed and why; send again, send a test.

Every operator may look (accounts/access/permissions.py); sending again needs `change_outboxmessage`, and so does a test
to somebody else.
"""

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from infra.writing.folding import FoldedSearch
from notifications import services
from notifications.admin import overview, receipts
from notifications.models import OPEN_STATES, Card, Kind, OutboxMessage, PushSubscription

if TYPE_CHECKING:
    # Generic for the type checker alone.
    BaseAdmin = admin.ModelAdmin[OutboxMessage]
    CardBase = admin.ModelAdmin[Card]
    ReceiptTable = admin.TabularInline[OutboxMessage, Card]
    SubscriptionBase = admin.ModelAdmin[PushSubscription]
else:
    BaseAdmin = CardBase = SubscriptionBase = admin.ModelAdmin
    ReceiptTable = admin.TabularInline

LIST = "admin:notifications_outboxmessage_changelist"


class ReadOnly:
    """Mix-in: nothing can be added, changed or deleted."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class EditsFilter(admin.SimpleListFilter):
    """Edits of cards are left out unless somebody asks for them: there is one for every message."""

    title = gettext_lazy("edits of cards")
    parameter_name = "edits"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("with", _("show them too"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[OutboxMessage]) -> QuerySet[OutboxMessage]:
        if self.value() == "with" or "kind__exact" in request.GET:
            return queryset
        return queryset.exclude(kind=Kind.CARD_EDIT)


@admin.register(OutboxMessage)
class OutboxMessageAdmin(ReadOnly, BaseAdmin):
    """Read only: a delivery is changed by the worker alone, or made due again by the action."""

    list_display = ("what", "to", "receipt")
    list_display_links = ("what",)
    list_filter = (
        *("state", "tier", "kind", "channel", EditsFilter),
        ("created_at", admin.DateFieldListFilter),
    )
    search_fields = ("admin_id", "chat_id", "conversation", "notification", "last_error")
    date_hierarchy = "created_at"
    list_per_page = 50
    list_select_related = ("card",)
    show_full_result_count = False
    actions = ("resend",)
    exclude = ("context",)

    class Media:
        css = {"all": ("css/admin/operator.css", "css/admin/notifications.css")}

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        own = [
            path("send-test/", guard(self.send_test), name="notifications_outboxmessage_send_test"),
            path("<int:pk>/send-again/", guard(self.send_again), name="notifications_outboxmessage_send_again"),
        ]
        return [*own, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"tiles": overview.tiles(), **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        message = self.get_object(request, object_id)
        again = message is not None and receipts.may_be_sent_again(message) and self.has_resend_permission(request)
        return super().change_view(request, object_id, form_url, {"may_send_again": again, **(extra_context or {})})

    @admin.display(description=gettext_lazy("notification"), ordering="created_at")
    def what(self, message: OutboxMessage) -> SafeString:
        name = str(message.context.get("name", "")) or (str(message.card) if message.card else "")
        return format_html(
            '{}<span class="ad-receipt-detail">{}</span>',
            f"{message.get_kind_display()}: {name}" if name else message.get_kind_display(),
            receipts.moment(message.created_at),
        )

    @admin.display(description=gettext_lazy("recipient"), ordering="admin_id")
    def to(self, message: OutboxMessage) -> SafeString:
        return receipts.recipient(message)

    @admin.display(description=gettext_lazy("receipt"), ordering="state")
    def receipt(self, message: OutboxMessage) -> SafeString:
        return receipts.receipt(message)

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
            text = _("%d not sent again: still under way, or a one-time code (ask for a new one).")
            self.message_user(request, text % skipped, messages.WARNING)

    def send_again(self, request: HttpRequest, pk: int) -> HttpResponse:
        """POST: the action, for the one notification whose page is open."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_resend_permission(request):
            raise PermissionDenied
        get_object_or_404(OutboxMessage, pk=pk)
        self.resend(request, OutboxMessage.objects.filter(pk=pk))
        return HttpResponseRedirect(reverse("admin:notifications_outboxmessage_change", args=[pk]))

    def send_test(self, request: HttpRequest) -> HttpResponse:
        """POST: a test message to the operator who is signed in, or to the one that `operator` names."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        own = request.user.get_username()
        admin_id = request.POST.get("operator") or own
        allowed = self.has_view_permission(request) if admin_id == own else self.has_resend_permission(request)
        if not allowed:
            raise PermissionDenied
        under_way = OutboxMessage.objects.filter(kind=Kind.TEST, admin_id=admin_id, state__in=OPEN_STATES)
        if under_way.exists():
            self.message_user(request, _("The previous test message is still on its way."), messages.WARNING)
        else:
            self._send_test(request, admin_id)
        shown = urlencode({"kind__exact": Kind.TEST, "admin_id__exact": admin_id})
        return HttpResponseRedirect(f"{reverse(LIST)}?{shown}")

    def _send_test(self, request: HttpRequest, admin_id: str) -> None:
        message = services.send_test(admin_id)
        if message is None or not message.chat_id:
            text = _("No Telegram chat id is stored for %(operator)s.") % {"operator": admin_id}
            self.message_user(request, text, messages.ERROR)
        else:
            text = _("A test message to %(operator)s is on its way. This list shows how it went.")
            self.message_user(request, text % {"operator": admin_id}, messages.SUCCESS)

    def get_readonly_fields(self, request: HttpRequest, obj: OutboxMessage | None = None) -> list[str]:
        return [field.name for field in self.model._meta.fields if field.name not in ("context", "claim")] + [
            *("details", "receipt")
        ]

    def get_fields(self, request: HttpRequest, obj: OutboxMessage | None = None) -> list[Any]:
        hidden = ("id", "dedupe_key", "claim", "claimed_until", "context", "version", "state", "last_error")
        named = [field.name for field in self.model._meta.fields if field.name not in hidden]
        return ["receipt", *named, "details"]

    @admin.display(description=gettext_lazy("details"))
    def details(self, message: OutboxMessage) -> str:
        """The context, for a code without the name of its key."""
        shown = {} if message.kind == Kind.OTP else message.context
        return ", ".join(f"{name}: {value}" for name, value in shown.items()) or "–"

    def has_resend_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("notifications.change_outboxmessage")


class Receipts(ReadOnly, ReceiptTable):
    """Who was told on which step, and how that went; without the edits, of which there is one for each."""

    model = OutboxMessage
    fields = readonly_fields = ("to", "receipt")
    ordering = ("id",)
    extra = 0
    show_change_link = True
    verbose_name_plural = gettext_lazy("receipts")

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutboxMessage]:
        return super().get_queryset(request).filter(edits=None).select_related("card")

    @admin.display(description=gettext_lazy("recipient"))
    def to(self, message: OutboxMessage) -> SafeString:
        return receipts.recipient(message)

    @admin.display(description=gettext_lazy("receipt"))
    def receipt(self, message: OutboxMessage) -> SafeString:
        return receipts.receipt(message)


@admin.register(Card)
class CardAdmin(ReadOnly, FoldedSearch, CardBase):
    """A customer with everybody who was told of them."""

    list_display = ("customer", "course", "receipts")
    list_display_links = ("customer",)
    list_filter = ("standing", "tier", ("created_at", admin.DateFieldListFilter))
    search_fields = ("conversation", "notification", "folded__contains")
    date_hierarchy = "created_at"
    list_per_page = 50
    show_full_result_count = False
    fields = readonly_fields = ("customer", "conversation", "standing", "by", "tier", "escalate_at", "created_at")
    inlines = (Receipts,)

    class Media:
        css = {"all": ("css/admin/notifications.css",)}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Card]:
        return super().get_queryset(request).prefetch_related("messages")

    @admin.display(description=gettext_lazy("customer"), ordering="created_at")
    def customer(self, card: Card) -> SafeString:
        name = str(card.context.get("name") or _("Guest"))
        return format_html(
            '<bdi>{}</bdi><span class="ad-receipt-detail">{}</span>', name, receipts.moment(card.created_at)
        )

    @admin.display(description=gettext_lazy("standing"), ordering="standing")
    def course(self, card: Card) -> SafeString:
        below = card.by or (_("notified: %(step)s") % {"step": card.get_tier_display()})
        return format_html('{}<span class="ad-receipt-detail">{}</span>', card.get_standing_display(), below)

    @admin.display(description=gettext_lazy("receipts"))
    def receipts(self, card: Card) -> SafeString:
        """Per message: the recipient and its state, in the order of sending; edits are left out."""
        told = sorted((message for message in card.messages.all() if message.edits_id is None), key=lambda m: m.pk)
        rows = ((message.admin_id or message.get_tier_display(), receipts.badge(message)) for message in told)
        return format_html_join("", '<span class="ad-receipt-of">{} {}</span>', rows)


@admin.register(PushSubscription)
class PushSubscriptionAdmin(SubscriptionBase):
    """Which browsers are told; a lost device's can be taken out."""

    list_display = ("admin_id", "browser", "created_at", "told_at")
    list_display_links = ("admin_id",)
    list_filter = (("created_at", admin.DateFieldListFilter),)
    search_fields = ("admin_id", "browser")
    fields = readonly_fields = ("admin_id", "browser", "language", "created_at", "told_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: PushSubscription | None = None) -> bool:
        return False
