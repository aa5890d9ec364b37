"""Outcomes and tags in the admin: the lists themselves, and what was given to a conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from accounts.models import Operator
from desk.wrap_up import figures, keeping, labels
from desk.wrap_up.models import LABELS_MOST, Label, Outcome, Tag
from infra.errors import DomainError
from infra.storable import storable
from queueing.history.models import Conversation

if TYPE_CHECKING:
    Page = admin.ModelAdmin[Label]
    Form = forms.ModelForm[Label]
else:  # generic for the type checker only
    Page, Form = admin.ModelAdmin, forms.ModelForm


def _field(code: str) -> str:
    return f"name_{code}"


class LabelForm(Form):
    """One field for the name in each language; `_form` adds them."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for code, _name in settings.LANGUAGES:
            self.fields[_field(code)].initial = self.instance.names.get(code, "")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        given = {code: cleaned.get(_field(code), "") for code, _name in settings.LANGUAGES}
        names = labels.cleaned({code: storable(name) for code, name in given.items()})
        if not names:
            raise ValidationError(_("Give it a name in one language at least."))
        others = type(self.instance)._default_manager.exclude(pk=self.instance.pk)
        taken = next((name for other in others if (name := labels.clash(names, other.names))), "")
        if taken:
            raise ValidationError(_("There is one that is called %(name)s already.") % {"name": taken})
        if cleaned.get("active") and others.filter(active=True).count() >= LABELS_MOST:
            raise ValidationError(_("At most %(n)s can be chosen from: put some away first.") % {"n": LABELS_MOST})
        # Those in a language that is not spoken here any more stay.
        kept = {code: name for code, name in self.instance.names.items() if code not in given}
        self.instance.names = {**kept, **names}
        return cleaned


def _form(model: type[Label]) -> type[LabelForm]:
    fields: dict[str, Any] = {
        _field(code): forms.CharField(label=name, required=False, max_length=labels.NAME_MAX)
        for code, name in settings.LANGUAGES
    }
    meta = type("Meta", (), {"model": model, "fields": ("position", "active")})
    metaclass: Any = type(LabelForm)
    made: type[LabelForm] = metaclass(f"{model.__name__}Form", (LabelForm,), {**fields, "Meta": meta})
    return made


class CellForm(Form):
    """A row of the list."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = f"{field.label}: {self.instance}"


class LabelAdmin(Page):
    list_display = ("__str__", "position", "active", "used")
    list_editable = ("position", "active")
    list_filter = ("active",)
    list_per_page = LABELS_MOST
    fields = (*(_field(code) for code, _name in settings.LANGUAGES), "position", "active")

    def get_changelist_form(self, request: HttpRequest, **kwargs: Any) -> type[forms.ModelForm[Label]]:
        """A cell of the list has no label beside it: each says what it is, and of which row."""
        form: type[forms.ModelForm[Label]] = super().get_changelist_form(request, form=CellForm, **kwargs)
        return form

    def get_queryset(self, request: HttpRequest) -> QuerySet[Label]:
        return super().get_queryset(request).annotate(times=Count("wrap_ups"))

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {name: action for name, action in super().get_actions(request).items() if name != "delete_selected"}

    def has_delete_permission(self, request: HttpRequest, obj: Label | None = None) -> bool:
        """What was chosen once stays with its conversations; it can be put away."""
        used = obj is not None and obj.wrap_ups.exists()  # type: ignore[attr-defined]
        return super().has_delete_permission(request, obj) and not used

    @admin.display(description=_("chosen"), ordering="times")
    def used(self, label: Any) -> int:
        return int(label.times)


@admin.register(Outcome)
class OutcomeAdmin(LabelAdmin):
    form = _form(Outcome)


@admin.register(Tag)
class TagAdmin(LabelAdmin):
    form = _form(Tag)


# -- conversations ---------------------------------------------------------------------------------------------------


class _LabelFilter(admin.SimpleListFilter):
    """Those that there are, put away or not."""

    model: type[Label]
    path: str

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(label.pk), str(label)) for label in self.model._default_manager.all()[: LABELS_MOST * 2]]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value()
        known = {key for key, _name in self.lookup_choices}
        return queryset.filter(**{self.path: int(chosen)}) if chosen in known and chosen.isdigit() else queryset


class OutcomeFilter(_LabelFilter):
    title = _("outcome")
    parameter_name = "outcome"
    model = Outcome
    path = "wrap_up__outcome"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        found = super().lookups(request, model_admin)
        return [("none", gettext("without outcome")), *found] if found else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "none":
            return queryset.filter(figures.WITHOUT)
        return super().queryset(request, queryset)


class TagFilter(_LabelFilter):
    title = _("tag")
    parameter_name = "tag"
    model = Tag
    path = "wrap_up__tags"


@admin.display(description=_("outcome"), ordering="wrap_up__outcome")
def outcome_column(conversation: Conversation) -> str:
    return format_html(
        '<bdi>{}</bdi><span class="ad-conversation-under" dir="auto">{}</span>',
        figures.outcome_of(conversation) or "–",
        figures.tags_of(conversation),
    )


def section(request: HttpRequest, conversation: Conversation) -> str:
    """What was given, to change for who may. Nothing where nobody talked, or there is nothing to choose."""
    given = keeping.given(conversation.pk)
    outcomes, tags = _choices(Outcome, given), _choices(Tag, given)
    if conversation.claimed_at is None or not (outcomes or tags):
        return ""
    user = request.user
    context = {
        "conversation": conversation,
        "given": given,
        "outcomes": outcomes,
        "tags": tags,
        "chosen": given.tag_pks,
        "changes": isinstance(user, Operator) and keeping.may_change(user, conversation),
    }
    return render_to_string("desk/wrap_up.html", context, request)


def _choices(model: type[Label], given: keeping.Given) -> list[Label]:
    """What may be chosen, with what was and is put away."""
    found = keeping.offered(model)
    chosen = [given.outcome] if model is Outcome else list(given.tags)
    return [*found, *(label for label in chosen if label is not None and label not in found)]


class GivenForm(forms.Form):
    """What the section sends."""

    outcome = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    tags = forms.TypedMultipleChoiceField(required=False, coerce=int)
    version = forms.IntegerField(min_value=0, max_value=2**31 - 1)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        # Those that may be chosen are known to `give`; here they have to be numbers, and not too many.
        tags: Any = self.fields["tags"]
        tags.choices = [
            (text, text) for text in data.getlist("tags")[:LABELS_MOST] if text.isdecimal() and text.isascii()
        ]


@require_POST
def change(request: HttpRequest, conversation: str) -> HttpResponse:
    """Changes it and goes back to the conversation's page."""
    row = Conversation.objects.filter(pk=storable(conversation)).first()
    if row is None:
        raise Http404
    user = request.user
    if not isinstance(user, Operator) or not keeping.may_change(user, row):
        raise PermissionDenied
    form = GivenForm(request.POST)
    try:
        if not form.is_valid():
            raise DomainError("schema", gettext("What was chosen could not be read. Choose it again."))
        fields = form.cleaned_data
        tags = [pk for pk in fields["tags"] if pk < 2**63]
        saved, _given = keeping.give(row, fields["outcome"], tags, by=user, seen=fields["version"])
        if saved:
            messages.success(request, gettext("The outcome was saved."))
        else:
            messages.warning(request, gettext("It was changed meanwhile. Look at what is there now, and choose again."))
    except DomainError as error:
        messages.error(request, error.message)
    return HttpResponseRedirect(f"{reverse('admin:queueing_conversation_change', args=[row.pk])}#wrap-up")


change_page = admin.site.admin_view(change)
