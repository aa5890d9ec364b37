"""Opening hours against zoneinfo, read minute by minute, over ten years: what the clock on the wall shows decides."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hours.intervals import DAY, Interval, Intervals, read
from hours.schedule import IN_SIGHT_MS, LOOK_DAYS, Schedule, Window
from hours.zones import MINUTE_MS

# Half hours, a night that is left out, zones that no longer turn their clocks, both ends of the world.
ZONES = (
    *("Europe/Istanbul", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/St_Johns"),
    *("Asia/Tehran", "Asia/Kathmandu", "Africa/Casablanca", "Pacific/Kiritimati", "Pacific/Apia", "America/Santiago"),
    *("Africa/Cairo", "Antarctica/Troll", "America/Nuuk", "UTC"),
)
FIRST, LAST = date(2020, 1, 1), date(2030, 1, 1)


def ms(moment: datetime) -> int:
    return round(moment.timestamp()) * 1000


def wall(moment: int, zone: str) -> datetime:
    return datetime.fromtimestamp(moment / 1000, ZoneInfo(zone)).replace(tzinfo=None)


@cache
def turns(zone: str) -> tuple[date, ...]:
    """Days of these ten years on which the clocks of a zone are turned."""
    days = ((FIRST + timedelta(days=n)) for n in range((LAST - FIRST).days))
    offset = lambda day: datetime.combine(day, datetime.min.time(), ZoneInfo(zone)).utcoffset()  # noqa: E731
    return tuple(day for day in days if offset(day) != offset(day + timedelta(days=1)))


def shown(day: date, interval: Interval, zone: str) -> Window | None:
    """From the first to the last minute at which the clock of the zone shows a time of this interval on this day."""
    midnight = ms(datetime.combine(day, datetime.min.time(), UTC))
    minutes = range(midnight - 15 * 60 * MINUTE_MS, midnight + 39 * 60 * MINUTE_MS, MINUTE_MS)
    seen = []
    for minute in minutes:
        clock = wall(minute, zone)
        if clock.date() == day and interval.start <= clock.hour * 60 + clock.minute < interval.end:
            seen.append(minute)
    return (seen[0], seen[-1] + MINUTE_MS) if seen else None


intervals = st.tuples(st.integers(0, DAY - 1), st.integers(1, DAY)).map(sorted).filter(lambda pair: pair[0] < pair[1])
zones = st.sampled_from(ZONES)


@st.composite
def days(draw: st.DrawFn) -> tuple[str, date]:
    """Half of them days on which clocks are turned, or right beside."""
    zone = draw(zones)
    if turns(zone) and draw(st.booleans()):
        return zone, draw(st.sampled_from(turns(zone))) + timedelta(days=draw(st.integers(-1, 1)))
    return zone, draw(st.dates(FIRST, LAST))


@settings(max_examples=40, deadline=None)
@given(days(), intervals)
@example(("Europe/Berlin", date(2026, 3, 29)), [150, 600])  # begins in the hour that is left out
@example(("Europe/Berlin", date(2026, 3, 29)), [60, 150])  # ends there
@example(("Europe/Berlin", date(2026, 3, 29)), [125, 175])  # all of it
@example(("Europe/Berlin", date(2026, 10, 25)), [150, 600])  # begins in the hour that comes twice
@example(("Europe/Berlin", date(2026, 10, 25)), [60, 150])
@example(("Australia/Lord_Howe", date(2026, 4, 5)), [100, 110])
@example(("America/Santiago", date(2026, 9, 6)), [0, 540])  # midnight is left out
@example(("Africa/Cairo", date(2026, 10, 30)), [0, 1440])
def test_a_day_is_open_while_the_clock_on_the_wall_says_so(place: tuple[str, date], pair: list[int]) -> None:
    zone, day = place
    interval = Interval(*pair)
    schedule = Schedule(zone, exceptions={day: (interval,)})
    expected = shown(day, interval, zone)
    around = ms(datetime.combine(day, datetime.min.time(), UTC))
    if expected is None:
        assert not any(schedule.at(around + hour * 60 * MINUTE_MS).is_open for hour in range(-15, 39))
        return
    opens, closes = expected
    assert schedule.taking(opens, opens) == [expected]
    for moment, is_open in ((opens - 1, False), (opens, True), (closes - 1, True), (closes, False)):
        assert schedule.at(moment).is_open is is_open, wall(moment, zone)
    assert schedule.at(opens - MINUTE_MS).opens_at == opens
    assert schedule.at(opens).closes_at == closes
    assert schedule.at(closes).opens_at is None


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    def a_day() -> Intervals:
        return read(
            draw(
                st.sampled_from(["", "", "9-18", "9-12:30,13:30-18", "9-12,16-18", "0-24", "18-24", "0-2", "22-24,0-6"])
            )
        )

    week = tuple(a_day() for _ in range(7))
    some = st.lists(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=20)
    return Schedule(
        draw(zones),
        week,
        holidays=dict.fromkeys(draw(some), "Holiday"),
        exceptions={day: a_day() for day in draw(some)},
        last_minutes=draw(st.sampled_from([0, 0, 10, 240])),
    )


@settings(max_examples=60, deadline=None)
@given(schedules(), st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)), st.integers(0, 3 * 24 * 60))
def test_what_it_says_of_a_moment_agrees_with_itself(schedule: Schedule, start: datetime, minutes: int) -> None:
    moment = ms(start.replace(tzinfo=UTC))
    standing = schedule.at(moment)
    assert not (standing.takes and not standing.is_open)
    assert standing.closes_at is None or (standing.is_open and standing.closes_at > moment)
    assert (standing.opens_at is None) or (not standing.takes and standing.opens_at > moment)
    if standing.is_open and standing.closes_at is not None:
        assert schedule.at(standing.closes_at - 1).is_open
        assert not schedule.at(standing.closes_at).is_open
    if standing.opens_at is not None:
        assert schedule.at(standing.opens_at).takes
        assert not schedule.at(standing.opens_at - 1).takes
        between = moment + minutes * MINUTE_MS
        assert between >= standing.opens_at or not schedule.at(between).takes
    # A page and a join read lists of times; they say the same.
    later = moment + minutes * MINUTE_MS
    inside = [opens <= later < closes for opens, closes in schedule.taking(moment, later)]
    assert any(inside) == schedule.at(later).takes
    ahead = schedule.ahead(moment)
    if ahead and later < ahead[-1][1] and later - moment < IN_SIGHT_MS // 2:
        assert any(opens <= later < closes for opens, closes in ahead) == schedule.at(later).takes


def test_whoever_never_opens_or_never_closes_is_told_nothing_that_is_not_so() -> None:
    moment = ms(datetime(2026, 11, 28, 10, tzinfo=UTC))
    assert Schedule().at(moment).opens_at is None
    always = Schedule("Europe/Berlin", (read("0-24"),) * 7)
    assert (always.at(moment).takes, always.at(moment).closes_at, always.closing(moment)) == (True, None, None)
    far = date(2026, 11, 28) + timedelta(days=LOOK_DAYS - 5)
    at_nine = ms(datetime(far.year, far.month, far.day, 9, tzinfo=UTC))
    assert Schedule(exceptions={far: read("9-10")}).at(moment).opens_at == at_nine


def test_nights_are_one_time_and_not_two() -> None:
    friday = ms(datetime(2026, 11, 27, 22, tzinfo=UTC))
    club = Schedule("UTC", (*((),) * 4, read("20-24"), read("0-4"), ()), last_minutes=30)
    at_four = ms(datetime(2026, 11, 28, 4, tzinfo=UTC))
    assert club.at(friday).closes_at == at_four
    assert club.at(at_four - 31 * MINUTE_MS).takes
    assert not club.at(at_four - 30 * MINUTE_MS).takes
    assert club.at(at_four - 30 * MINUTE_MS).is_open


@pytest.mark.parametrize(("again", "is_pause"), [("15:29", True), ("15:30", True), ("15:31", False)])
def test_the_last_minutes_count_before_a_closing_and_not_before_a_pause(again: str, is_pause: bool) -> None:
    day = Schedule("UTC", (read(f"9-12:30, {again}-18"), *((),) * 6), last_minutes=15)

    def at(clock: str) -> int:
        hour, minute = map(int, clock.split(":"))
        return ms(datetime(2026, 11, 30, hour, minute, tzinfo=UTC))

    assert day.at(at("12:14")).takes
    assert day.at(at("12:15")).takes is day.at(at("12:29")).takes is is_pause
    assert not day.at(at("12:30")).is_open
    assert (day.at(at("17:44")).takes, day.at(at("17:45")).takes) == (True, False)
    noon = at("12:30") if is_pause else at("12:15")
    assert day.taking(at("12:00"), at("13:00")) == [(at("9:00"), noon)]
    assert day.ahead(at("12:00"))[:2] == [(at("9:00"), noon), (at(again), at("17:45"))]


def test_an_exception_holds_also_on_a_holiday() -> None:
    new_year = date(2027, 1, 1)
    week = (read("9-18"),) * 7
    noon = ms(datetime(2027, 1, 1, 12, tzinfo=UTC))
    assert not Schedule("UTC", week, {new_year: "New Year"}).at(noon).is_open
    assert Schedule("UTC", week, {new_year: "New Year"}, {new_year: read("11-13")}).at(noon).is_open
    assert not Schedule("UTC", week, exceptions={new_year: ()}).at(noon).is_open


@pytest.mark.parametrize("moment", [0, -1, 2**31 * 1000, 4_102_444_800_000])
def test_a_clock_that_has_jumped_anywhere_is_answered(moment: int) -> None:
    schedule = Schedule("Europe/Istanbul", (read("9-18"),) * 7)
    assert schedule.at(moment).takes or schedule.at(moment).opens_at
