"""Which times there are, on days on which clocks are put forward and back too; and the calendar file."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from appointments import ics, slots, words
from hours.intervals import read
from hours.schedule import Schedule

MINUTE = 60_000
BERLIN = ZoneInfo("Europe/Berlin")
ALL_WEEK = Schedule(zone="Europe/Berlin", week=(read("00:00-24:00"),) * 7)


def ms(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1000


def plan(minutes: int = 30, seats: int = 1, days: int = 1, notice: int = 0) -> slots.Plan:
    return slots.Plan(minutes, seats, days, notice * MINUTE)


def clocks(times: list[int], zone: str = "Europe/Berlin") -> list[str]:
    return [words.clock(datetime.fromtimestamp(time / 1000, UTC), zone) for time in times]


def test_they_lie_whole_within_the_hours_from_the_opening_on() -> None:
    hours = Schedule(zone="Europe/Berlin", week=(read("09:10-10:45, 13:00-13:20"),) * 7)
    now = ms("2026-06-01T05:00:00")
    assert clocks(slots.starts(hours, "UTC", now, plan())) == ["09:10", "09:40", "10:10"]
    # Not so soon, and not within the minutes before closing that take nobody.
    soon = slots.starts(hours, "UTC", ms("2026-06-01T07:15:00"), plan(notice=20))
    assert clocks(soon)[0] == "09:40"
    late = Schedule(zone="Europe/Berlin", week=(read("09:00-10:30"),) * 7, last_minutes=30)
    assert clocks(slots.starts(late, "UTC", now, plan())) == ["09:00", "09:30"]
    assert slots.starts(Schedule(), "UTC", now, plan(days=60)) == []


def test_an_hour_that_is_left_out_has_none_and_one_that_comes_twice_has_them_twice() -> None:
    spring = slots.starts(ALL_WEEK, "UTC", ms("2026-03-29T00:00:00"), plan(days=1))
    assert clocks(spring)[:4] == ["01:00", "01:30", "03:00", "03:30"]
    autumn = slots.starts(ALL_WEEK, "UTC", ms("2026-10-24T23:30:00"), plan(days=1))
    assert clocks(autumn)[:6] == ["01:30", "02:00 CEST", "02:30 CEST", "02:00 CET", "02:30 CET", "03:00"]


def test_who_is_always_open_has_times_for_as_many_days_as_anybody() -> None:
    """A schedule tells of one opening as far as eight days, and nothing behind it."""
    now = ms("2026-06-01T05:00:00")
    always, hourly = slots.starts(None, "Europe/Berlin", now, plan(60, days=30)), plan(60, days=30)
    assert slots.starts(ALL_WEEK, "UTC", now, hourly) == always
    closed = replace(ALL_WEEK, exceptions={date(2026, 6, 20): ()})
    found = slots.starts(closed, "UTC", now, hourly)
    day = [start for start in always if datetime.fromtimestamp(start / 1000, UTC).astimezone(BERLIN).day == 20]
    assert sorted({*always} - {*found}) == day


def test_without_hours_they_go_by_midnight() -> None:
    found = slots.starts(None, "Asia/Kolkata", ms("2026-06-01T05:07:00"), plan(minutes=60))
    assert clocks(found, "Asia/Kolkata")[:2] == ["11:00", "12:00"]
    assert len(found) == 24


@settings(max_examples=25)
@given(
    now=st.integers(ms("2020-01-01"), ms("2030-01-01")),
    minutes=st.integers(5, 240),
    days=st.integers(1, 60),
    zone=st.sampled_from(["Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"]),
    text=st.sampled_from(["", "00:00-24:00", "22:00-24:00", "09:00-12:30, 13:30-18:00"]),
)
def test_whatever_the_hours_a_time_is_ahead_in_order_and_open(
    now: int, minutes: int, days: int, zone: str, text: str
) -> None:
    hours = Schedule(zone=zone, week=(read(text) if text else (),) * 7)
    wanted = plan(minutes=minutes, days=days, notice=30)
    found = slots.starts(hours, zone, now, wanted)
    assert len(found) <= slots.MOST
    assert found == sorted(set(found))
    for start in (*found[:3], *found[-3:]):
        assert now + 30 * MINUTE <= start <= now + days * slots.DAY_MS
        assert hours.at(start).takes
        assert hours.at(start + wanted.length_ms - 1).is_open


def test_what_is_taken_leaves_fewer_also_of_another_length() -> None:
    times = [0, 30 * MINUTE, 60 * MINUTE, 90 * MINUTE]
    taken = [(30 * MINUTE, 60 * MINUTE), (45 * MINUTE, 75 * MINUTE)]
    assert slots.left(times, plan(seats=1), taken) == {0: 1, 90 * MINUTE: 1}
    assert slots.left(times, plan(seats=2), taken) == {0: 2, 60 * MINUTE: 1, 90 * MINUTE: 2}


# -- the calendar file ------------------------------------------------------------------------------------------------

AT = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)


def event(summary: str = "", description: str = "", url: str = "https://x.example/?a=1") -> ics.Event:
    ends = AT + timedelta(minutes=15)
    return ics.Event("id@x.example", 2, AT, ends, AT, summary, description, url, "help@x.example", alarm_minutes=15)


def unfolded(text: str) -> list[str]:
    return text.replace("\r\n ", "").split("\r\n")


def test_a_calendar_file_says_it_in_utc() -> None:
    lines = unfolded(ics.calendar(event("Destek; 15:00, çağrı", "bir\niki\\")))
    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines[-2:] == ["END:VCALENDAR", ""]
    for line in (
        "DTSTART:20261130T120000Z", "DTEND:20261130T121500Z", "DTSTAMP:20261130T120000Z", "SEQUENCE:2",
        "UID:id@x.example", "SUMMARY:Destek\\; 15:00\\, çağrı", "DESCRIPTION:bir\\niki\\\\",
        "ORGANIZER:mailto:help@x.example", "STATUS:CONFIRMED", "METHOD:PUBLISH", "TRIGGER:-PT15M",
    ):  # fmt: skip
        assert line in lines


@settings(max_examples=50)
@given(summary=st.text(max_size=300), description=st.text(max_size=300))
def test_nothing_that_is_typed_makes_a_line_of_its_own(summary: str, description: str) -> None:
    file = ics.calendar(event(summary, description))
    raw = file.encode("utf-8", "replace").split(b"\r\n")
    assert all(len(line) <= ics.LINE_MOST for line in raw)
    assert not any(b"\n" in line or b"\r" in line for line in raw)
    assert len(unfolded(file)) == len(unfolded(ics.calendar(event())))
