"""What somebody types about a site, and what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from infra.origins import parse_origin
from infra.writing import language
from sites.admin.colour import ColourField
from sites.admin.logo import LogoField, Shown
from sites.admin.words import LinesField, WordsField, with_kept
from sites.line_models import Line
from sites.models import Site
from sites.origins import spelled
from sites.profile import TEXTS

if TYPE_CHECKING:
    Form = forms.ModelForm[Site]
else:  # generic for the type checker only
    Form = forms.ModelForm

ORIGINS_MOST = 50
LINES_MAX = 20_000


class OriginsField(forms.CharField):
    """One a line; cleaned to a list in their one spelling."""

    widget = forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "dir": "ltr"})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(map(str, value)) if isinstance(value, list) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)

    def clean(self, value: Any) -> list[str]:
        lines = [line.strip() for line in str(super().clean(value)).splitlines() if line.strip()]
        if len(lines) > ORIGINS_MOST:
            raise ValidationError(_("At most %(n)s origins.") % {"n": ORIGINS_MOST})
        if wrong := [line for line in lines if parse_origin(line) is None]:
            raise ValidationError(
                _("No origin: %(lines)s. Write each as https://www.example.com: without a path and without *.")
                % {"lines": ", ".join(line[:80] for line in wrong[:5])}
            )
        found = spelled(lines)
        allowed = spelled(settings.ALLOWED_ORIGINS)
        if not settings.SITES_MAY_ADD_ORIGINS and (beyond := [origin for origin in found if origin not in allowed]):
            raise ValidationError(
                _("Not in ALLOWED_ORIGINS, which whoever runs this service sets: %(origins)s.")
                % {"origins": ", ".join(beyond)}
            )
        return found


class SiteForm(Form):
    origins = OriginsField(
        label=_("Origins"),
        required=False,
        max_length=LINES_MAX,
        help_text=_("Pages that may show the widget, one a line. Leave empty for all that ALLOWED_ORIGINS names."),
    )
    languages = forms.MultipleChoiceField(
        label=_("Languages"),
        required=False,
        choices=language.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Those that the widget offers. Choose none for all."),
    )
    first_language = forms.ChoiceField(
        label=_("First language"),
        required=False,
        help_text=_("For visitors whose own language is not offered, nor English."),
    )

    colour = ColourField(
        dark=False,
        label=_("Colour"),
        help_text=_("Of buttons and marks. Leave empty for the colours that the widget comes with."),
    )
    dark_colour = ColourField(
        dark=True,
        label=_("Colour in the dark"),
        help_text=_("For visitors whose screen is dark. Leave empty for a lighter shade of the colour."),
    )

    logo = LogoField(
        label=_("Logo"),
        help_text=_("Instead of ours in the head: PNG, JPEG, WebP or GIF. It is shown 32 pixels high."),
    )
    topics = LinesField(
        label=_("Topics"),
        required=False,
        help_text=_("To choose from, one a line. Without any, customers write the topic themselves."),
    )
    title = WordsField(TEXTS["title"], label=_("Title"), required=False)
    lead = WordsField(TEXTS["lead"], rows=2, label=_("Greeting"), required=False, help_text=_("Under the title."))
    wait = WordsField(
        TEXTS["wait"], rows=2, label=_("While waiting"), required=False, help_text=_("Beside the place in the queue.")
    )
    end = WordsField(
        TEXTS["end"], rows=2, label=_("At the end"), required=False, help_text=_("Instead of our thanks for the call.")
    )

    class Meta:
        model = Site
        fields = (
            *("name", "origins", "languages", "colour", "dark_colour", "paints_head", "brand", "typing_preview"),
            *("ask_name", "ask_email", "ask_phone", "ask_topic", "topics", "line", "ask_line"),
        )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        first = self.fields["first_language"]
        assert isinstance(first, forms.ChoiceField)
        first.choices = [("", _("as everywhere")), *language.choices()]
        if self.instance.languages:
            first.initial = self.instance.languages[0]
        if not Line.objects.exists():
            for name in ("line", "ask_line"):
                self.fields.pop(name, None)
        profile = self.instance.profile()
        self.fields["logo"].initial = Shown(profile.logo) if profile.logo else None
        for name in TEXTS:
            self.fields[name].initial = {code: texts[name] for code, texts in profile.texts.items() if name in texts}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        offered, first = cleaned.get("languages", []), cleaned.get("first_language", "")
        if first and offered and first not in offered:
            self.add_error("first_language", _("Choose one of the languages that are offered."))
        elif first:
            rest = offered or [code for code, _name in language.choices()]
            offered = [first, *(code for code in rest if code != first)]
        cleaned["languages"] = offered
        if cleaned.get("dark_colour") and not cleaned.get("colour") and "colour" not in self.errors:
            self.add_error("colour", _("Choose this one first: the one for the dark goes with it."))
        self.instance.texts = self._texts(cleaned)
        return cleaned

    def clean_topics(self) -> dict[str, Any]:
        return with_kept(self.cleaned_data["topics"], self.instance.topics)

    def _texts(self, cleaned: dict[str, Any]) -> dict[str, dict[str, str]]:
        """Language → name → text, as the row has it."""
        given: dict[str, dict[str, str]] = {}
        for name in TEXTS:
            for code, text in cleaned.get(name, {}).items():
                given.setdefault(code, {})[name] = text
        return with_kept(given, self.instance.texts)
