"""A conversation's chat as text to take along: for operators, and for the customer.

Only what is ours begins a line: values of the head stand on one, and further lines of a text are indented. So nobody
can write a line that reads as if another had said it, or as if another day had begun.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from infra.writing.text import isolate, isolate_lines

CONTINUED = " " * 11
"""As wide as the time in front of a line."""


@dataclass(frozen=True)
class ChatLine:
    """One line of chat; `sender` is a key of the names."""

    sender: str
    text: str
    at: datetime


def transcript(
    title: str, head: Sequence[tuple[str, str]], names: Mapping[str, str], lines: Iterable[ChatLine], *, began: datetime
) -> str:
    """UTF-8 text, one line of chat a paragraph; times in the time zone of the installation.

    `head`: labels and values; `began`: the first day needs no line of its own, since the head names it.
    """
    said_by = {side: isolate(one_line(name)) for side, name in names.items()}
    day = timezone.localtime(began).date()
    body: list[str] = []
    for line in lines:
        at = timezone.localtime(line.at)
        if at.date() != day:
            day = at.date()
            body += ["", f"— {day_text(day)} —"]
        body.append(f"[{at:%H:%M:%S}] {said_by.get(line.sender, line.sender)}: {_said(line.text)}")
    told = [title, *(f"{label}: {isolate(shown)}" for label, value in head if (shown := one_line(value)))]
    return "\n".join([*told, "", *(body or [_("No messages were written.")])]) + "\n"


def moment(at: datetime) -> str:
    """With the zone, as the heads name a time."""
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M:%S %Z}"


def day_text(day: date) -> str:
    return date_format(day, "DATE_FORMAT")


def left_out(count: int) -> str:
    """A sentence for lines that are not there; empty when all are."""
    if not count:
        return ""
    return ngettext("%d older message is left out.", "%d older messages are left out.", count) % count


def with_file(text: str, name: str, size: int | None) -> str:
    """The text of a line that a file came with: what it was called in front. `size` in bytes."""
    told = f"📎 {one_line(name)}" + (f" ({filesizeformat(size)})" if size else "")
    return f"{told}\n{text}" if text else told


def one_line(text: str) -> str:
    """Empty where there is nothing but spaces."""
    return " ".join(text.split())


def _said(text: str) -> str:
    """Every kind of line break begins a line that is plainly a continuation."""
    return f"\n{CONTINUED}".join(isolate_lines(text).splitlines())
