"""What hours mean, in words: for the page beside their form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.forms import inlineformset_factory
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from hours import zones
from hours.admin.form import ExceptionForm, ExceptionFormSet, OpeningHoursForm
from hours.intervals import written
from hours.models import EXCEPTIONS_MOST, ExceptionalDays, OpeningHours
from hours.schedule import Schedule

PREFIX = "exceptions"
DAYS_SHOWN = 14
_FormSet: Any = inlineformset_factory(
    OpeningHours,
    ExceptionalDays,
    form=ExceptionForm,
    formset=ExceptionFormSet,
    extra=0,
    max_num=EXCEPTIONS_MOST,
    absolute_max=EXCEPTIONS_MOST * 2,
)


@dataclass(frozen=True)
class DayRow:
    """`otherwise`: not as the week says; `note` says why."""

    name: str
    hours: str
    note: str
    otherwise: bool


@dataclass(frozen=True)
class Preview:
    """`tone`: good (open), warning (open, nobody new is taken) or bad (closed). `faults`: of what is typed."""

    tone: str
    now: str
    next: str
    clock: str
    days: list[DayRow]
    faults: list[str]


def of_row(row: OpeningHours, moment: int) -> Preview:
    exceptions = list(row.exceptions.all())
    return _preview(row.schedule(exceptions), exceptions, moment, [])


def of_form(data: Mapping[str, Any], row: OpeningHours | None, moment: int) -> Preview:
    """Of the form as it is sent, of whatever in it is right; nothing is written."""
    form = OpeningHoursForm(data, instance=row or OpeningHours())
    form.is_valid()
    faults = [
        f"{form.fields[name].label}: {error}"
        for name, errors in form.errors.items()
        if name in form.fields and name != "site"
        for error in errors
    ]
    exceptions: list[ExceptionalDays] = []
    if f"{PREFIX}-TOTAL_FORMS" in data:
        formset = _FormSet(data, instance=form.instance, prefix=PREFIX)
        formset.is_valid()
        said = [one for one in formset.forms if one.has_changed() or one.instance.pk]
        faults += [str(error) for one in said for errors in one.errors.values() for error in errors]
        kept = [one for one in said if not one.errors and not one.cleaned_data.get("DELETE")]
        exceptions = [one.instance for one in kept if one.instance.first]
    return _preview(form.instance.schedule(exceptions), exceptions, moment, faults[:10])


def _preview(schedule: Schedule, exceptions: list[ExceptionalDays], moment: int, faults: list[str]) -> Preview:
    standing = schedule.at(moment)
    where = zones.zone(schedule.zone)

    def shown(at: int | None) -> str:
        return in_words(at, moment, schedule) if at is not None else ""

    if standing.takes:
        tone = "good"
        now = (
            _("Open now, until %(time)s.") % {"time": shown(standing.closes_at)}
            if standing.closes_at
            else _("Open now.")
        )
    elif standing.is_open:
        tone, now = (
            "warning",
            _("Open until %(time)s, but nobody new is taken any more.") % {"time": shown(standing.closes_at)},
        )
    else:
        tone, now = "bad", _("Closed now.")
    following = _("Next opening: %(time)s.") % {"time": shown(standing.opens_at)} if standing.opens_at else ""
    if not standing.takes and standing.opens_at is None:
        following = _("There is no opening in the next year.")
    notes = {day: one.note for one in exceptions for day in one.days()}
    today = zones.day_of(moment, where)
    rows = [_row(schedule, notes, today + timedelta(days=n)) for n in range(DAYS_SHOWN)]
    clock = date_format(datetime.fromtimestamp(moment / 1000, where), "TIME_FORMAT")
    return Preview(tone, now, following, f"{schedule.zone.replace('_', ' ')}, {clock}", rows, faults)


def _row(schedule: Schedule, notes: Mapping[date, str], day: date) -> DayRow:
    own = day in schedule.exceptions
    note = notes.get(day, "") if own else schedule.holidays.get(day, "")
    otherwise = own or day in schedule.holidays
    return DayRow(date_format(day, "D j M"), written(schedule.of_day(day)) or _("closed"), note, otherwise)


def in_words(at: int, moment: int, schedule: Schedule) -> str:
    """The time in the zone of the hours, with its day unless that is today."""
    where = zones.zone(schedule.zone)
    found = timezone.localtime(datetime.fromtimestamp(at / 1000, where), where)
    clock = date_format(found, "TIME_FORMAT")
    return clock if found.date() == zones.day_of(moment, where) else f"{date_format(found, 'l j F')}, {clock}"
