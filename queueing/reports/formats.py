"""Figures as people read them; what was not measured is a dash."""

from __future__ import annotations

from django.utils.formats import number_format
from django.utils.translation import gettext as _


def clock(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    whole = round(seconds)
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02d}:{whole % 60:02d}" if hours else f"{minutes}:{whole % 60:02d}"


def share(value: float | None) -> str:
    return "–" if value is None else _("%(value)s%%") % {"value": number_format(value * 100, 0)}


def count(value: float | None) -> str:
    return number_format(value or 0, 0 if (value or 0) % 1 == 0 else 1, force_grouping=True)


def score(value: float | None) -> str:
    return "–" if value is None else number_format(value, 1)
