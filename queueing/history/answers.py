"""What somebody has answered before the conversation, in words: for the pages of the admin and for files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from sites.questions import STANDARD, Kind


@dataclass(frozen=True)
class Answered:
    """`link`: what was agreed to, of a box that was ticked."""

    label: str
    value: str
    link: str = ""


def answered(answers: Any) -> list[Answered]:
    """Of a row, whatever stands in it."""
    found = [one for one in answers if isinstance(one, dict)] if isinstance(answers, list) else []
    return [Answered(_label(one), _value(one.get("value")), _link(one.get("link"))) for one in found]


def line(answers: Any) -> str:
    """All in one line."""
    return " · ".join(f"{one.label}: {one.value}" for one in answered(answers))


def _label(answer: dict[str, Any]) -> str:
    kind = answer.get("kind")
    label = answer.get("label") or (Kind(kind).label if kind in list(STANDARD) else answer.get("key", ""))
    return str(capfirst(str(label)))


def _value(value: Any) -> str:
    return _("yes") if value is True else str(value)


def _link(link: Any) -> str:
    return link if isinstance(link, str) and link.startswith(("https://", "http://")) else ""
