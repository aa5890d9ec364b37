"""The questions of a site's own, beside its form."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from infra.writing.folding import fold
from infra.writing.text import clean_line
from sites.admin.words import LinesField, WordsField, with_kept
from sites.lines import QUESTION_KEY
from sites.models import OwnQuestion
from sites.questions import KEY_FORM, LABEL_MOST, LINK_MOST, OWN_MOST, STANDARD, Kind, choices_of

if TYPE_CHECKING:
    Form = forms.ModelForm[OwnQuestion]
    FormSet = forms.BaseInlineFormSet[OwnQuestion, Any, Any]
    Inline = admin.StackedInline[OwnQuestion, Any]
else:  # generic for the type checker only
    Form, FormSet, Inline = forms.ModelForm, forms.BaseInlineFormSet, admin.StackedInline


RESERVED = (*map(str, STANDARD), QUESTION_KEY)


class OwnQuestionForm(Form):
    labels = WordsField(LABEL_MOST, label=_("Words"), help_text=_("The question, or what a box to tick says."))
    choices = LinesField(
        label=_("Choices"),
        required=False,
        help_text=_("One a line, for one of a list. The same place in each language means the same."),
    )
    link = forms.CharField(
        label=_("Link"),
        required=False,
        max_length=LINK_MOST,
        widget=forms.URLInput(attrs={"placeholder": "https://", "dir": "ltr"}),
        help_text=_("For a box to tick: where one can read what is agreed to."),
    )
    key = forms.CharField(
        label=_("Key"),
        required=False,
        max_length=32,
        widget=forms.TextInput(attrs={"spellcheck": "false", "dir": "ltr"}),
        help_text=_("A page that sets an attribute of this name fills the answer in. Made of the words where empty."),
    )

    class Meta:
        model = OwnQuestion
        fields = ("position", "kind", "ask", "labels", "choices", "link", "key")

    def clean_labels(self) -> dict[str, Any]:
        return with_kept(self.cleaned_data["labels"], self.instance.labels)

    def clean_choices(self) -> dict[str, Any]:
        return with_kept(self.cleaned_data["choices"], self.instance.choices)

    def clean_link(self) -> str:
        link = clean_line(str(self.cleaned_data["link"]))
        if link and not is_web_address(link):
            raise ValidationError(_("No address of a page: it begins with https://."))
        return link

    def clean_key(self) -> str:
        key = str(self.cleaned_data["key"]).strip()
        if key and not re.fullmatch(KEY_FORM, key):
            raise ValidationError(_("Small letters of English, digits and _ only; a letter first."))
        if key in RESERVED:
            raise ValidationError(_("This key has a meaning of its own."))
        return key or (self.instance.key if self.instance.pk else "")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        kind = cleaned.get("kind")
        if kind == Kind.CHOICE and "choices" in cleaned and len(choices_of(cleaned["choices"])) < 2:
            self.add_error("choices", _("Write two choices at least."))
        if kind != Kind.CHOICE:
            cleaned["choices"] = {}
        if kind != Kind.CONSENT:
            cleaned["link"] = ""
        return cleaned


class OwnQuestionFormSet(FormSet):
    def clean(self) -> None:
        """Gives a key to each that has none."""
        said = [form for form in self.forms if form.has_changed() or form.instance.pk]
        asked = [form for form in said if not getattr(form, "cleaned_data", {"DELETE": True}).get("DELETE")]
        if len(asked) > OWN_MOST:
            raise ValidationError(_("At most %(n)s questions.") % {"n": OWN_MOST})
        taken = {form.cleaned_data.get("key", "") for form in asked}
        for form in asked:
            if not form.cleaned_data.get("key"):
                key = free_key(str(next(iter(form.cleaned_data.get("labels", {}).values()), "")), taken)
                form.cleaned_data["key"] = form.instance.key = key
                taken.add(key)
        super().clean()


class OwnQuestions(Inline):
    model = OwnQuestion
    form = OwnQuestionForm
    formset = OwnQuestionFormSet
    extra = 0
    max_num = OWN_MOST
    fields = (("position", "kind", "ask"), "labels", "choices", "link", "key")

    # Whoever may edit the site may edit what it asks.

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("sites.view_site") or self.has_change_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("sites.change_site" if obj else "sites.add_site")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)


def is_web_address(link: str) -> bool:
    try:
        parts = urlsplit(link)
        return parts.scheme in ("https", "http") and bool(parts.hostname) and " " not in link and '"' not in link
    except ValueError:
        return False


def free_key(label: str, taken: set[str]) -> str:
    """Of the words of a question, as a page may write it: `order_number`."""
    words = re.sub(r"[^a-z0-9]+", "_", fold(label)).strip("_").lstrip("0123456789_")[:24].strip("_") or "question"
    keys = (words, *(f"{words}_{number}" for number in range(2, OWN_MOST * 3)))
    return next(key for key in keys if key not in taken and key not in RESERVED)
