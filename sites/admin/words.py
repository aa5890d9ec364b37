"""A text, or a list of them, in every language of the installation: one field with a box for each language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from infra.storable import storable
from infra.writing import language
from infra.writing.text import clean_line, is_visible
from sites.questions import CHOICE_MOST, CHOICES_MOST

BOX_MOST = 20_000
"""Of what one box may bring; what it says may be less."""


class WordsWidget(forms.Widget):
    """Sends `<name>_<code>` for each language."""

    use_fieldset = True

    def __init__(self, rows: int, most: int) -> None:
        super().__init__()
        self._rows, self._most = rows, most

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> dict[str, str]:
        return {code: str(data.get(f"{name}_{code}", "")) for code, _name in language.choices()}

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return all(f"{name}_{code}" not in data for code, _name in language.choices())

    def id_for_label(self, id_: str) -> str:
        return ""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        texts = value if isinstance(value, dict) else {}
        own = (attrs or {}).get("id") or f"id_{name}"
        described = (attrs or {}).get("aria-describedby", "")
        boxes = ((self._box(code, f"{name}_{code}", f"{own}_{code}", texts.get(code, ""), described), code, title)
                 for code, title in language.choices())  # fmt: skip
        return format_html(
            '<div class="ad-words">{}</div>',
            format_html_join("", '<label class="ad-words-one"><span lang="{1}">{2}</span>{0}</label>', boxes),
        )

    def _box(self, code: str, name: str, own: str, text: str, described: str) -> SafeString:
        more = format_html(' aria-describedby="{}"', described) if described else ""
        if self._rows:
            form = '<textarea id="{}" name="{}" lang="{}" dir="auto" rows="{}" maxlength="{}"{}>{}</textarea>'
            # A browser takes the first line break for its own.
            return format_html(form, own, name, code, self._rows, self._most, more, f"\n{text}")
        form = '<input type="text" id="{}" name="{}" lang="{}" dir="auto" maxlength="{}"{} value="{}">'
        return format_html(form, own, name, code, self._most, more, text)


class WordsField(forms.Field):
    """Cleaned to language → text, of those that say something. `most`: characters of one."""

    def __init__(self, most: int, *, rows: int = 0, **options: Any) -> None:
        super().__init__(widget=WordsWidget(rows, most), **options)
        self.most = most

    def clean(self, value: Any) -> Any:
        given = value if isinstance(value, dict) else {}
        cleaned = {code: self._cleaned(str(text)) for code, text in given.items()}
        cleaned = {code: found for code, found in cleaned.items() if found}
        if self.required and not cleaned:
            raise ValidationError(_("Write it in one language at least."))
        return cleaned

    def _cleaned(self, text: str) -> Any:
        line = clean_line(storable(text))
        if len(line) > self.most:
            raise ValidationError(_("At most %(n)s characters.") % {"n": self.most})
        return line if is_visible(line) else ""

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.clean(data) != (initial or {}))
        except ValidationError:
            return True


class LinesField(WordsField):
    """Cleaned to language → lines. Lines of the same place in two languages say the same, so there are as many."""

    def __init__(self, **options: Any) -> None:
        super().__init__(BOX_MOST, rows=4, **options)

    def prepare_value(self, value: Any) -> Any:
        """Of a row, or what was sent."""
        boxes = value.items() if isinstance(value, dict) else ()
        return {code: "\n".join(map(str, box)) if isinstance(box, list) else box for code, box in boxes}

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        if len({len(lines) for lines in cleaned.values()}) > 1:
            raise ValidationError(
                _("Write as many lines in every language: the first ones belong together, and so on.")
            )
        return cleaned

    def _cleaned(self, text: str) -> Any:
        if len(text) > BOX_MOST:
            raise ValidationError(_("At most %(n)s characters.") % {"n": BOX_MOST})
        lines = [line for line in (clean_line(storable(each)) for each in text.splitlines()) if is_visible(line)]
        if len(lines) > CHOICES_MOST:
            raise ValidationError(_("At most %(n)s lines.") % {"n": CHOICES_MOST})
        if long := next((line for line in lines if len(line) > CHOICE_MOST), ""):
            raise ValidationError(
                _("At most %(n)s characters in a line: “%(line)s” is too long.") % {"n": CHOICE_MOST, "line": long[:40]}
            )
        if len(set(lines)) < len(lines):
            raise ValidationError(_("Each line only once."))
        return lines


def with_kept(cleaned: dict[str, Any], before: Any) -> dict[str, Any]:
    """And what was said in languages that are not spoken here any more: they may be again."""
    spoken = {code for code, _name in language.choices()}
    kept = before.items() if isinstance(before, dict) else ()
    return {**cleaned, **{code: words for code, words in kept if code not in spoken}}
