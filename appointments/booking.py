"""A time is chosen, moved, given back. The database settles each step: of a time and of a mailbox every number has one
owner, and of a department one customer at a time is given one, whatever site it is."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from appointments import slots
from appointments.models import NAME_MAX, OPEN, TOPIC_MAX, Appointment, State, mailbox_of
from hours import zones
from infra import mail
from infra.clock import now_ms
from infra.errors import DomainError
from infra.storable import storable
from infra.writing import language
from infra.writing.text import clean_line, is_visible
from notifications import services
from queueing.callbacks import asking
from queueing.history.models import Media
from sites import lookup as sites
from sites.line_models import Line, Member
from sites.profile import Profile

logger = logging.getLogger(__name__)

BOOKED, MOVED, CANCELLED, WITHDRAWN, REMINDER = "booked", "moved", "cancelled", "withdrawn", "reminder"
"""What a letter says: chosen, moved, given back by the customer, taken back by an operator, soon."""


LONGEST = timedelta(hours=4)
"""No appointment is longer."""


@dataclass(frozen=True)
class Wish:
    """What the form says. `starts_at`: ms."""

    key: str
    starts_at: int
    name: str
    email: str
    topic: str
    media: str
    zone: str
    line: str = ""


def plan() -> slots.Plan:
    return slots.Plan(
        minutes=settings.APPOINTMENT_MINUTES,
        seats=settings.APPOINTMENTS_PER_SLOT,
        days=settings.APPOINTMENT_DAYS,
        notice_ms=int(settings.APPOINTMENT_NOTICE_SECS * 1000),
    )


def zone_of(site: Profile) -> str:
    return site.hours.zone if site.hours else settings.TIME_ZONE


def kinds() -> list[str]:
    """How one can talk, the first one where nothing is chosen."""
    return [
        kind.value for kind in (Media.VIDEO, Media.AUDIO, Media.CHAT) if kind != Media.VIDEO or settings.ENABLE_VIDEO
    ]


def free(site: Profile, line: str = "", but: str = "") -> dict[int, int]:
    """Start (ms) of each time that can be chosen now → how many more may have it. `line`: of the department that the
    page names, else the site's: of all sites together no more have the same time than serve it. `but`: an appointment
    that does not count, since it is to be moved."""
    now, planned = now_ms(), plan()
    times = slots.starts(site.hours, zone_of(site), now, planned)
    if not times:
        return {}
    since, until = _moment(times[0]) - LONGEST, _moment(times[-1]) + LONGEST
    rows = Appointment.objects.filter(state__in=OPEN, starts_at__range=(since, until)).exclude(pk=but)
    found = slots.left(times, planned, _spans(rows.filter(site=site.key)))
    department = sites.current().lines.find(line, site.line)
    if not department.key:
        return found
    serve = replace(planned, seats=len(department.members))
    there = slots.left(times, serve, _spans(rows.filter(line=department.key)))
    return {start: min(n, there[start]) for start, n in found.items() if start in there}


def _spans(rows: QuerySet[Appointment]) -> list[tuple[int, int]]:
    """From when until when they are (ms)."""
    found = rows.values_list("starts_at", "minutes")
    return [(_ms(start), _ms(start) + minutes * zones.MINUTE_MS) for start, minutes in found]


def book(wish: Wish, site: Profile, origin: str) -> tuple[Appointment, bool]:
    """The appointment, and whether it is new: the same key again is answered with what it made. Call `limits.admit`
    before. Raises DomainError appointment_refused (`fields`), slot_taken, appointments_full, rate_limited;
    StoreUnavailable, DatabaseError."""
    made = Appointment.objects.filter(key=wish.key).first()
    if made is not None:
        return made, False
    row = _judged(wish, site)
    row.origin = origin
    asking.admit_letter(row.email)

    def keep() -> None:
        row.save(force_insert=True)
        write(row, BOOKED)

    try:
        _seated(row, site, keep)
    except DomainError:
        made = Appointment.objects.filter(key=wish.key).first()
        if made is None:
            raise
        return made, False
    logger.info("appointment booked", extra={"appointment": row.pk, "conversation": row.conversation})
    return row, True


def move(appointment: str, starts_at: int) -> Appointment:
    """To another time (ms); the same one again changes nothing. Raises DomainError appointment_over, slot_taken,
    rate_limited; StoreUnavailable."""
    row = Appointment.objects.filter(pk=appointment).first()
    if row is None or row.state != State.BOOKED:
        raise _over()
    if _ms(row.starts_at) == starts_at:
        return row
    # Nobody has proven that the address is theirs, and each move is a letter to it.
    asking.admit_letter(row.email)
    before, sequence = row.starts_at, row.sequence
    row.starts_at, row.minutes, row.sequence, row.reminded_at = _moment(starts_at), plan().minutes, sequence + 1, None

    def keep() -> None:
        same = Appointment.objects.filter(pk=row.pk, state=State.BOOKED, starts_at=before, sequence=sequence)
        changed = same.update(
            starts_at=row.starts_at, minutes=row.minutes, seat=row.seat, sequence=row.sequence, reminded_at=None
        )
        if not changed:
            raise _over()
        write(row, MOVED)

    _seated(row, sites.find(row.site).site, keep)
    return row


def cancel(appointment: str, what: str = CANCELLED) -> bool:
    """Whether there was one to come; its letter says so. Raises DatabaseError."""
    with transaction.atomic():
        rows = Appointment.objects.filter(pk=appointment, state=State.BOOKED)
        row = rows.select_for_update().first()
        if row is None:
            return False
        row.state, row.over_at, row.sequence, row.push = State.CANCELLED, timezone.now(), row.sequence + 1, ""
        row.save(update_fields=["state", "over_at", "sequence", "push"])
        write(row, what)
    return True


def _seated(row: Appointment, site: Profile, keep: Callable[[], None]) -> None:
    """Has it kept with a seat of its time, and a number among those of its mailbox, that nobody else has. Whoever loses
    one to somebody at the same moment takes the next, while there is one."""
    seats, most = settings.APPOINTMENTS_PER_SLOT, settings.APPOINTMENTS_PER_CONTACT
    department = sites.current().lines.find(row.line, site.line).key
    for _try in range(seats + most + 1):
        if _ms(row.starts_at) not in free(site, row.line, but=row.pk):
            raise _taken()
        same = Appointment.objects.filter(site=row.site, starts_at=row.starts_at, state__in=OPEN).exclude(pk=row.pk)
        own = Appointment.objects.filter(mailbox=row.mailbox, state__in=OPEN).exclude(pk=row.pk)
        seat, nth = _lowest(same.values_list("seat", flat=True)), _lowest(own.values_list("nth", flat=True))
        if row._state.adding:
            if nth >= most:
                raise DomainError(
                    "appointments_full",
                    _("You have as many times to come as there can be. Use the link in your e-mail."),
                )
            row.nth = nth
        if seat >= seats:
            continue
        row.seat = seat
        try:
            with transaction.atomic():
                _hold_department(row, department)
                keep()
            return
        except IntegrityError:
            continue
    raise _taken()


def _hold_department(row: Appointment, department: str) -> None:
    """No more may have the time than serve the department. Its row is locked until the open transaction is over, so
    whoever asks for the same at the same moment, on any site, sees what this one has kept (SQLite lets one write at a
    time anyway). Raises DomainError slot_taken."""
    line = Line.objects.select_for_update(no_key=True).filter(key=department).first()
    if line is None:
        # The default one: there the seats of each site alone count.
        return
    near = (row.starts_at - LONGEST, row.ends_at)
    others = Appointment.objects.filter(state__in=OPEN, line=department, starts_at__range=near).exclude(pk=row.pk)
    serve = replace(plan(), seats=Member.objects.filter(line=line).count())
    if not slots.left([_ms(row.starts_at)], serve, _spans(others)):
        raise _taken()


def _lowest(used: object) -> int:
    taken = set(used)  # type: ignore[call-overload]
    return next(number for number in range(len(taken) + 1) if number not in taken)


def _judged(wish: Wish, site: Profile) -> Appointment:
    """Cleaned. Raises DomainError `appointment_refused` with a sentence for each field."""
    faults: dict[str, str] = {}
    name = clean_line(storable(wish.name))[:NAME_MAX]
    if not is_visible(name):
        faults["name"] = _("Please say who we shall ask for.")
    email = ""
    try:
        email = mail.address(wish.email)
    except ValueError:
        faults["email"] = _("This is not an e-mail address that can be sent to.")
    topic = clean_line(storable(wish.topic))
    if len(topic) > TOPIC_MAX:
        faults["topic"] = _("At most %(n)s characters.") % {"n": TOPIC_MAX}
    if faults:
        raise DomainError("appointment_refused", " ".join(faults.values()), fields=faults)
    return Appointment(
        key=wish.key,
        site=site.key,
        line=sites.current().lines.find(wish.line, site.line).key,
        starts_at=_moment(wish.starts_at),
        minutes=plan().minutes,
        name=name,
        email=email,
        mailbox=mailbox_of(email),
        topic=topic if is_visible(topic) else "",
        media=wish.media if wish.media in kinds() else kinds()[0],
        language=language.in_force(),
        zone=wish.zone if wish.zone in zones.names() else "",
    )


def write(row: Appointment, what: str) -> None:
    """One letter for each step, whatever is repeated; in the open transaction."""
    if row.email:
        services.write_appointment(row.pk, what, row.sequence, row.email, row.language)


def _taken() -> DomainError:
    return DomainError("slot_taken", _("This time is no longer free. Please choose another one."))


def _over() -> DomainError:
    return DomainError("appointment_over", _("This time can no longer be changed."))


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)
