"""Opening hours of a site as they are kept. A site without a row is always open.

Hours of a line will be rows of the same table: whoever needs hours asks for a Schedule and not for a site's.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from hours import holidays, zones
from hours.intervals import TEXT_MOST, Intervals, read
from hours.schedule import Schedule
from infra.writing.text import clean_line

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
EXCEPTIONS_MOST = 100
EXCEPTION_DAYS_MOST = 366
LAST_MINUTES_MOST = 240
NOTE_MOST = 80


class AtClosing(models.TextChoices):
    SERVE = "serve", _("are still served")
    OFFER = "offer", _("read that their turn may not come, and may leave")


def _zone() -> str:
    return settings.TIME_ZONE


def _day(label: Any) -> Any:
    return models.CharField(label, max_length=TEXT_MOST, blank=True, default="")


class OpeningHours(models.Model):
    """Of one site. Each day as `hours.intervals` reads it, in the zone's own time."""

    site = models.OneToOneField("sites.Site", verbose_name=_("site"), on_delete=models.CASCADE, related_name="hours")
    zone = models.CharField(_("time zone"), max_length=64, default=_zone)
    monday = _day(_("Monday"))
    tuesday = _day(_("Tuesday"))
    wednesday = _day(_("Wednesday"))
    thursday = _day(_("Thursday"))
    friday = _day(_("Friday"))
    saturday = _day(_("Saturday"))
    sunday = _day(_("Sunday"))
    country = models.CharField(_("closed on the holidays of"), max_length=2, blank=True, default="")
    region = models.CharField(_("part of the country"), max_length=20, blank=True, default="")
    last_minutes = models.PositiveSmallIntegerField(
        _("minutes before closing"),
        default=0,
        validators=[MaxValueValidator(LAST_MINUTES_MOST)],
        help_text=_(
            "So long before closing nobody new gets into the queue; a pause of up to three hours is no closing. "
            "0: until the last minute."
        ),
    )
    at_closing = models.CharField(
        _("who waits at closing"), max_length=8, choices=AtClosing.choices, default=AtClosing.SERVE
    )

    class Meta:
        verbose_name = _("opening hours")
        verbose_name_plural = _("opening hours")
        ordering = ("site__key",)

    def __str__(self) -> str:
        return str(self.site) if self.site_id else str(_("Opening hours"))

    def schedule(self, exceptions: Iterable[ExceptionalDays] | None = None, today: date | None = None) -> Schedule:
        """`exceptions`: instead of those that are kept. Days that cannot be read (another release, or a hand, has
        written them) are closed. Holidays are those of the years around `today`."""
        year = (today or date.today()).year
        own = self.exceptions.all()[:EXCEPTIONS_MOST] if exceptions is None and self.pk else exceptions or ()
        return Schedule(
            zone=self.zone,
            week=tuple(_read(getattr(self, day)) for day in DAYS),
            holidays=holidays.between(self.country, self.region, year - 1, year + 2) if self.country else holidays.NONE,
            exceptions={day: _read(one.hours_text) for one in own for day in one.days()},
            last_minutes=min(self.last_minutes, LAST_MINUTES_MOST),
            serves=self.at_closing != AtClosing.OFFER,
        )


class ExceptionalDays(models.Model):
    """Days on which it is otherwise: closed, or open at other times; also on a holiday."""

    hours = models.ForeignKey(OpeningHours, on_delete=models.CASCADE, related_name="exceptions")
    first = models.DateField(_("first day"))
    last = models.DateField(_("last day"), null=True, blank=True, help_text=_("Leave empty for one day."))
    hours_text = models.CharField(
        _("open"), max_length=TEXT_MOST, blank=True, default="", help_text=_("Leave empty for closed.")
    )
    note = models.CharField(_("note"), max_length=NOTE_MOST, blank=True, default="")

    class Meta:
        verbose_name = _("Exception")
        verbose_name_plural = _("Exceptions")
        ordering = ("first", "pk")

    def __str__(self) -> str:
        days = date_format(self.first, "SHORT_DATE_FORMAT")
        return f"{days}–{date_format(self.last, 'SHORT_DATE_FORMAT')}" if self.last else days

    def clean(self) -> None:
        self.note = clean_line(self.note)
        if self.first and self.last:
            if self.last < self.first:
                raise ValidationError({"last": _("The last day lies before the first.")})
            if (self.last - self.first).days >= EXCEPTION_DAYS_MOST:
                raise ValidationError({"last": _("At most %(n)s days.") % {"n": EXCEPTION_DAYS_MOST}})

    def days(self) -> list[date]:
        count = min(((self.last or self.first) - self.first).days + 1, EXCEPTION_DAYS_MOST)
        # Nobody opens after the year 9999.
        return [self.first + timedelta(days=n) for n in range(count) if (date.max - self.first).days >= n]


def _read(text: str) -> Intervals:
    try:
        return read(text)
    except ValueError:
        return ()


def is_zone(name: str) -> bool:
    return name in zones.names()
