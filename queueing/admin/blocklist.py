"""The block list in the admin, and "block this customer" for the page of a conversation."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infra.errors import DomainError
from infra.redis.client import execute
from infra.writing.folding import FoldedSearch
from queueing.blocklist import rules
from queueing.blocklist.models import BlockEntry
from queueing.history.models import Conversation, Status
from queueing.live import store

if TYPE_CHECKING:
    Page = admin.ModelAdmin[BlockEntry]
    EntryForm = forms.ModelForm[BlockEntry]
else:
    Page, EntryForm = admin.ModelAdmin, forms.ModelForm

What = BlockEntry.What
LASTING = (
    ("1", gettext_lazy("1 day")),
    ("7", gettext_lazy("7 days")),
    ("30", gettext_lazy("30 days")),
    ("365", gettext_lazy("1 year")),
    ("", gettext_lazy("for ever")),
)


class BlockForm(EntryForm):
    """Whom, why and how long. With `conversation` the customer of it: who that is, is known as a digest alone."""

    conversation = forms.CharField(required=False, widget=forms.HiddenInput)
    kind = forms.ChoiceField(label=gettext_lazy("Block by"), choices=What.choices)
    who = forms.CharField(
        label=gettext_lazy("Who"),
        required=False,
        max_length=128,
        help_text=gettext_lazy("An IP address, a network such as 203.0.113.0/24, or the identity's `sub`."),
    )
    lasting = forms.ChoiceField(label=gettext_lazy("How long"), choices=LASTING, required=False, initial="7")

    class Meta:
        model = BlockEntry
        fields = ("kind", "reason")

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        given = self.data.get("conversation") or self.initial.get("conversation")
        self.customer = Conversation.objects.filter(pk=str(given)).first() if given else None
        if self.customer is not None:
            known = [kind for kind in (What.ADDRESS, What.IDENTITY) if known_digest(self.customer, kind)]
            self.fields["kind"].choices = [(kind.value, kind.label) for kind in known]  # type: ignore[attr-defined]
            self.fields["who"].widget = forms.HiddenInput()
            self.fields["who"].help_text = ""
            self.fields["kind"].help_text = _("The customer of conversation %(id)s (%(name)s).") % {
                "id": self.customer.pk,
                "name": self.customer.name or "–",
            }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.customer is None and "kind" in cleaned:
            try:
                rules.check(cleaned["kind"], str(cleaned.get("who", "")))
            except ValueError as error:
                self.add_error("who", str(error))
        return cleaned

    @property
    def until(self) -> datetime | None:
        days = self.cleaned_data.get("lasting")
        return timezone.now() + timedelta(days=int(days)) if days else None


@admin.register(BlockEntry)
class BlockEntryAdmin(FoldedSearch, Page):
    """Added and lifted, never changed: what an entry said is in the audit trail."""

    form = BlockForm
    list_display = ("who", "kind", "state", "until", "reason", "created_by")
    date_hierarchy = "created_at"
    list_filter = ("kind", ("until", admin.EmptyFieldListFilter))
    search_fields = ("folded__contains",)
    fields = ("conversation", "kind", "who", "reason", "lasting")
    readonly_shown = ("kind", "who", "state", "reason", "until", "created_by", "created_at")
    actions = ("lift",)

    @admin.display(description=gettext_lazy("who"), ordering="hint")
    def who(self, entry: BlockEntry) -> str:
        return entry.hint or entry.value

    @admin.display(description=gettext_lazy("in force"), boolean=True)
    def state(self, entry: BlockEntry) -> bool:
        return entry.in_force

    @admin.action(description=gettext_lazy("Lift the selected blocks"), permissions=["delete"])
    def lift(self, request: HttpRequest, queryset: QuerySet[BlockEntry]) -> None:
        self.delete_queryset(request, queryset)

    def get_fields(self, request: HttpRequest, obj: BlockEntry | None = None) -> Any:
        return self.fields if obj is None else self.readonly_shown

    def get_readonly_fields(self, request: HttpRequest, obj: BlockEntry | None = None) -> Any:
        return () if obj is None else self.readonly_shown

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {name: action for name, action in super().get_actions(request).items() if name != "delete_selected"}

    def has_change_permission(self, request: HttpRequest, obj: BlockEntry | None = None) -> bool:
        return False

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> BlockEntry:
        """Makes the entry, once the form has been found right."""
        reason, by = form.cleaned_data["reason"], request.user.get_username()
        more = {"reason": reason, "until": form.until, "by": by, "request": request}
        if form.customer is not None:
            kind = form.cleaned_data["kind"]
            digest, hint = known_digest(form.customer, kind), _hint(form.customer)
            return rules.block_digest(kind, digest, hint, **more)
        make = {
            What.ADDRESS: rules.block_address,
            What.NETWORK: rules.block_network,
            What.IDENTITY: rules.block_identity,
        }[What(form.cleaned_data["kind"])]
        return make(form.cleaned_data["who"], **more)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Nothing hangs on an entry."""

    def save_model(self, request: HttpRequest, obj: BlockEntry, form: Any, change: bool) -> None:
        """Saved already. A conversation that still runs is ended: its customer was blocked for a reason."""
        if form.customer is None or form.customer.status == Status.ENDED:
            return
        try:
            execute(store.remove(form.customer.pk, "blocked"))
        except DomainError as error:
            self.message_user(request, error.message, messages.WARNING)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        one_way = {"show_save_and_add_another": False, "show_save_and_continue": False}
        # What only saving can find: the list is full.
        try:
            return super().add_view(request, form_url, {**one_way, **(extra_context or {})})
        except ValueError as error:
            self.message_user(request, str(error), messages.ERROR)
            return HttpResponseRedirect(reverse("admin:queueing_blockentry_changelist"))

    def delete_model(self, request: HttpRequest, obj: BlockEntry) -> None:
        rules.remove(obj, by=request.user.get_username(), request=request)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[BlockEntry]) -> None:
        for entry in queryset:
            self.delete_model(request, entry)


class BlockCustomer:
    """For the admin of conversations: an action of the list, and a link for the page."""

    @admin.action(description=gettext_lazy("Block this customer…"), permissions=["block"])
    def block_customer(self, request: HttpRequest, queryset: QuerySet[Conversation]) -> HttpResponse | None:
        chosen = list(queryset[:2])
        if len(chosen) != 1:
            messages.warning(request, _("Choose one conversation: each block is for one customer."))
            return None
        return HttpResponseRedirect(block_url(chosen[0]))

    def has_block_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("queueing.add_blockentry"))

    @admin.display(description=gettext_lazy("abuse"))
    def block_link(self, conversation: Conversation) -> str:
        """A link to the form that blocks this customer; says so when nothing is known to block by."""
        if not any(known_digest(conversation, kind) for kind in (What.ADDRESS, What.IDENTITY)):
            return _("Nothing is stored by which this customer could be blocked.")
        return format_html('<a href="{}">{}</a>', block_url(conversation), _("Block this customer…"))


def block_url(conversation: Conversation) -> str:
    """The form that blocks the customer of a conversation."""
    found = [kind for kind in (What.IDENTITY, What.ADDRESS) if known_digest(conversation, kind)]
    query = {"conversation": conversation.pk, "kind": found[0] if found else What.ADDRESS}
    return f"{reverse('admin:queueing_blockentry_add')}?{urlencode(query)}"


def known_digest(conversation: Conversation, kind: str) -> str:
    """By what the customer can be blocked, from the conversation's record; empty when that is not known (any more)."""
    if kind == What.IDENTITY:
        subject = str((conversation.attributes.get("identity") or {}).get("sub", ""))
        return rules.identity_digest(subject) if subject else ""
    if kind == What.ADDRESS:
        joined = conversation.events.filter(kind="joined").first()
        return str(joined.data.get("address", "")) if joined else ""
    return ""


def _hint(conversation: Conversation) -> str:
    """An entry made from a conversation is told apart by the conversation: a name would outlive its erasure."""
    return conversation.pk
