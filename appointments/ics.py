"""An appointment as a calendar file (RFC 5545): by whom, when, under which name. Plain text without a library: it is
one event in UTC, and every value is escaped and folded here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

LINE_MOST = 75
"""Octets of a line, without its end."""
MIME = "text/calendar"
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True)
class Event:
    """`uid` stays the same over all changes, `sequence` rises with each. `organizer`: an e-mail address. `written`:
    when it was changed last."""

    uid: str
    sequence: int
    starts: datetime
    ends: datetime
    written: datetime
    summary: str
    description: str
    url: str
    organizer: str
    cancelled: bool = False
    alarm_minutes: int = 0


def calendar(event: Event) -> str:
    """The file, its lines ending as the standard has it."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Adminara//Appointments//EN",
        "CALSCALE:GREGORIAN",
        f"METHOD:{'CANCEL' if event.cancelled else 'PUBLISH'}",
        "BEGIN:VEVENT",
        f"UID:{_text(event.uid)}",
        f"SEQUENCE:{event.sequence}",
        f"DTSTAMP:{_utc(event.written)}",
        f"LAST-MODIFIED:{_utc(event.written)}",
        f"DTSTART:{_utc(event.starts)}",
        f"DTEND:{_utc(event.ends)}",
        f"SUMMARY:{_text(event.summary)}",
        f"DESCRIPTION:{_text(event.description)}",
        f"URL:{_CONTROL.sub('', event.url)}",
        f"ORGANIZER:mailto:{_CONTROL.sub('', event.organizer)}",
        f"STATUS:{'CANCELLED' if event.cancelled else 'CONFIRMED'}",
        "TRANSP:OPAQUE",
    ]
    if event.alarm_minutes and not event.cancelled:
        lines += [
            "BEGIN:VALARM",
            "ACTION:DISPLAY",
            f"DESCRIPTION:{_text(event.summary)}",
            f"TRIGGER:-PT{event.alarm_minutes}M",
            "END:VALARM",
        ]
    lines += ["END:VEVENT", "END:VCALENDAR"]
    return "".join(f"{folded}\r\n" for line in lines for folded in [_folded(line)])


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(value: str) -> str:
    """A value of type TEXT: what would end it, or be a line of its own, is escaped."""
    escaped = value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return _CONTROL.sub("", escaped.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\\n"))


def _folded(line: str) -> str:
    """No line longer than LINE_MOST octets, and none cut within a character."""
    parts: list[str] = []
    part, size, most = "", 0, LINE_MOST
    for sign in line:
        octets = len(sign.encode("utf-8", "replace"))
        if size + octets > most:
            parts.append(part)
            # The space that says that a line goes on counts as well.
            part, size, most = "", 0, LINE_MOST - 1
        part, size = part + sign, size + octets
    return "\r\n ".join([*parts, part])
