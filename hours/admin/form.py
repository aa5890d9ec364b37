"""What somebody types about opening hours, and what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from hours import holidays, zones
from hours.intervals import TEXT_MOST, read, written
from hours.models import DAYS, EXCEPTIONS_MOST, ExceptionalDays, OpeningHours
from infra.storable import storable

if TYPE_CHECKING:
    HoursBase = forms.ModelForm[OpeningHours]
    DaysBase = forms.ModelForm[ExceptionalDays]
    FormSetBase = forms.BaseInlineFormSet[ExceptionalDays, Any, Any]
else:  # generic for the type checker only
    HoursBase, DaysBase, FormSetBase = forms.ModelForm, forms.ModelForm, forms.BaseInlineFormSet


class IntervalsField(forms.CharField):
    """Cleaned to the one way of writing it."""

    def __init__(self, **options: Any) -> None:
        attributes = {"class": "ad-hours-day", "dir": "ltr", "autocomplete": "off", "spellcheck": "false"}
        widget = forms.TextInput(attrs={**attributes, "placeholder": _("closed"), "size": 36})
        super().__init__(required=False, max_length=TEXT_MOST, widget=widget, **options)

    def clean(self, value: Any) -> str:
        try:
            return written(read(storable(str(super().clean(value)))))
        except ValueError as error:
            raise ValidationError(str(error)) from error


class LongSelect(forms.Select):
    """The same as Django's, which renders a template for each option, and there are five hundred time zones."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        widget = self.get_context(name, value, attrs)["widget"]
        options = format_html_join(
            "",
            '\n  <option value="{}"{}>{}</option>',
            (
                (option["value"], flatatt(option["attrs"]), option["label"])
                for _, group, _ in widget["optgroups"]
                for option in group
            ),
        )
        return format_html('<select name="{}"{}>{}\n</select>', widget["name"], flatatt(widget["attrs"]), options)


def _countries() -> list[tuple[str, Any]]:
    return [("", _("no holidays")), *holidays.countries().items()]


class OpeningHoursForm(HoursBase):
    zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=lambda: [(name, name.replace("_", " ")) for name in zones.names()],
        widget=LongSelect,
        help_text=_("Whose clock these hours go by. Visitors read them in their own."),
    )
    country = forms.ChoiceField(
        label=_("Closed on the holidays of"), required=False, choices=_countries, widget=LongSelect
    )
    region = forms.CharField(
        label=_("Part of the country"),
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"size": 12, "autocomplete": "off", "spellcheck": "false", "dir": "ltr"}),
        help_text=_("Its code, where a part of the country has holidays of its own: BY for Bavaria."),
    )
    monday = IntervalsField(label=_("Monday"))
    tuesday = IntervalsField(label=_("Tuesday"))
    wednesday = IntervalsField(label=_("Wednesday"))
    thursday = IntervalsField(label=_("Thursday"))
    friday = IntervalsField(label=_("Friday"))
    saturday = IntervalsField(label=_("Saturday"))
    sunday = IntervalsField(label=_("Sunday"))

    class Meta:
        model = OpeningHours
        fields = ("site", "zone", *DAYS, "country", "region", "last_minutes", "at_closing")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        # A zone that is only an alias of another one stays what it is.
        zone = self.fields["zone"]
        assert isinstance(zone, forms.ChoiceField)
        known = zones.names()
        if self.instance.zone not in known:
            zone.choices = [(self.instance.zone, self.instance.zone), *((name, name) for name in known)]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        country = cleaned.get("country", "")
        region = str(cleaned.get("region", "")).strip()
        codes = {code.casefold(): code for code in holidays.regions(country)} if country else {}
        if country and region and region.casefold() not in codes:
            told = ", ".join(codes.values())[:400]
            self.add_error(
                "region",
                _("This country has no such part. It has: %(codes)s.") % {"codes": told}
                if codes
                else _("No part of this country has holidays of its own: leave it empty."),
            )
        cleaned["region"] = codes.get(region.casefold(), "")
        return cleaned


class ExceptionForm(DaysBase):
    hours_text = IntervalsField(label=_("Open"), help_text=_("Leave empty for closed."))

    class Meta:
        model = ExceptionalDays
        fields = ("first", "last", "hours_text", "note")

    def clean_note(self) -> str:
        return storable(str(self.cleaned_data["note"]))


class ExceptionFormSet(FormSetBase):
    def clean(self) -> None:
        """No day may be said twice: nobody could tell which of them holds."""
        super().clean()
        told: set[Any] = set()
        for form in self.forms:
            one = form.instance
            if form.errors or not one.first or getattr(form, "cleaned_data", {}).get("DELETE"):
                continue
            days = set(one.days())
            if told & days:
                form.add_error("first", _("Another exception speaks of the same day."))
            told |= days
        if len([form for form in self.forms if form.has_changed() or form.instance.pk]) > EXCEPTIONS_MOST:
            raise ValidationError(
                _("At most %(n)s exceptions: delete those that have passed.") % {"n": EXCEPTIONS_MOST}
            )
