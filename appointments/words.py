"""An appointment in words, by the clock of its customer."""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import urlsplit

from django.utils import timezone
from django.utils.formats import date_format, get_format

from appointments import booking
from appointments.models import Appointment
from hours import zones
from sites import lookup as sites

LEADING_NOUGHT = re.compile(r"(?<!\\)d")


def zone_of(row: Appointment) -> str:
    """The customer's own time zone, else that of the site."""
    return row.zone or booking.zone_of(sites.find(row.site).site)


def host_of(row: Appointment) -> str:
    return urlsplit(row.origin).hostname or ""


def clock(moment: datetime, zone: str) -> str:
    """The hour; one that a clock shows twice says which it is."""
    where = zones.zone(zone)
    at = moment.astimezone(where)
    shown = date_format(at, "H:i", use_l10n=False)
    again = at.replace(fold=1 - at.fold)
    return f"{shown} {at.tzname()}" if again.utcoffset() != at.utcoffset() else shown


def day(moment: datetime, zone: str, *, short: bool = False) -> str:
    """`Monday, 30 November 2026`, as the language in force writes a date; `short`: without the year."""
    at = timezone.localtime(moment, zones.zone(zone))
    pattern = get_format("MONTH_DAY_FORMAT" if short else "DATE_FORMAT")
    # Some write the first days of a month with a nought, which nobody says.
    return date_format(at, "l, ") + date_format(at, LEADING_NOUGHT.sub("j", pattern), use_l10n=False)


def when(row: Appointment) -> str:
    """`Monday, 30 November 2026, 15:00 (Europe/Istanbul)`"""
    zone = zone_of(row)
    return f"{day(row.starts_at, zone)}, {clock(row.starts_at, zone)} ({zone})"
