"""A colour as somebody types it: refused where it could not be read or seen, with the nearest that can."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infra.colours import parse
from sites.colours import PART, TEXT, Theme, fits, least_contrast, nearest_fitting, themes

EXAMPLE = "#0e5f57"


class ColourField(forms.CharField):
    """Cleaned to `#rrggbb`, or to "" for none. The script of the page sets a picker beside it."""

    def __init__(self, *, dark: bool, **options: Any) -> None:
        attributes = {"class": "ad-colour", "placeholder": EXAMPLE, "spellcheck": "false", "autocomplete": "off"}
        widget = forms.TextInput(attrs={**attributes, "size": 9, "dir": "ltr"})
        super().__init__(required=False, max_length=20, widget=widget, **options)
        self._dark = dark

    def clean(self, value: Any) -> str:
        text = str(super().clean(value))
        if text == "":
            return ""
        colour = parse(text)
        if colour is None:
            raise ValidationError(_("That is not a colour. Write it as %(example)s.") % {"example": EXAMPLE})
        theme = themes()[self._dark]
        if not fits(colour, theme):
            raise ValidationError(refusal(colour, theme))
        return colour


def refusal(colour: str, theme: Theme) -> SafeString:
    """What is wrong with the colour, and a button that takes the nearest one."""
    text, part = least_contrast(colour, theme)
    if part < PART:
        page = _("dark page") if theme.dark else _("light page")
        fault = _("This colour is too close to the %(page)s to be seen: %(found)s:1, and %(least)s:1 is needed.") % {
            "page": page,
            "found": _shown(part),
            "least": _shown(PART),
        }
    else:
        fault = _("Text on this colour cannot be read well: %(found)s:1, and %(least)s:1 is needed.") % {
            "found": _shown(text),
            "least": _shown(TEXT),
        }
    near = nearest_fitting(colour, theme)
    return format_html(
        '{} <button type="button" class="ad-take" data-take="{}"><svg viewBox="0 0 16 16" aria-hidden="true">'
        '<rect width="16" height="16" rx="4" fill="{}"/></svg>{}</button>',
        fault,
        near,
        near,
        gettext_lazy("Take %(colour)s") % {"colour": near},
    )


def _shown(ratio: float) -> str:
    """Rounded down: what just fails must not look as if it passed."""
    return f"{int(ratio * 10) / 10:.1f}"
