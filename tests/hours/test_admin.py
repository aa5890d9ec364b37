"""Opening hours in the admin: who may edit them, what is refused, what the preview and the trail say."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import date
from typing import Any

import pytest
from django.forms import Select
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from pytest_django.asserts import assertHTMLEqual

from accounts.models import AuditEvent
from hours import holidays
from hours.admin.form import LongSelect
from hours.models import DAYS, EXCEPTION_DAYS_MOST, ExceptionalDays, OpeningHours
from hours.schedule import Schedule
from sites import lookup
from sites.models import Site
from tests.drawn import drawn
from tests.sites.test_lookup import HOSTILE

LIST = "/admin/hours/openinghours/"
ADD, PREVIEW = f"{LIST}add/", f"{LIST}preview/"


def page_of(hours: OpeningHours) -> str:
    return f"{LIST}{hours.pk}/change/"


def filled(*exceptions: dict[str, Any], before: int = 0, **fields: Any) -> dict[str, Any]:
    """As a browser sends it; the week is closed unless a day is named."""
    sent: dict[str, Any] = {"zone": "Europe/Istanbul", "country": "", "region": "", "last_minutes": "0"}
    sent |= {"at_closing": "serve", **dict.fromkeys(DAYS, ""), **fields}
    sent |= {"exceptions-TOTAL_FORMS": len(exceptions), "exceptions-INITIAL_FORMS": before}
    for number, one in enumerate(exceptions):
        whole = {"first": "", "last": "", "hours_text": "", "note": "", **one}
        sent |= {f"exceptions-{number}-{name}": value for name, value in whole.items()}
    return sent


def errors(response: Any) -> str:
    return " ".join(re.findall(r'class="errorlist[^>]*>(.*?)</ul>', response.content.decode(), re.DOTALL))


def schedule() -> Schedule | None:
    lookup.sites.forget()
    return lookup.find("").site.hours


@pytest.fixture
def site(db: None) -> Site:
    return Site.objects.get(key="")


@pytest.fixture
def kept(site: Site) -> OpeningHours:
    return OpeningHours.objects.create(site=site, zone="Europe/Istanbul", monday="09:00–18:00")


def test_a_long_list_is_the_one_that_django_draws() -> None:
    offered = [("", "<none>"), ("a'\"&<b>", "a'\"&</option>"), (3, "three"), ("Asia/Tokyo", "Asia/Tokyo")]
    for attributes in ({}, {"id": "id_zone", "required": True, "disabled": False, "title": '<b>"'}):
        usual, ours = Select(attributes, offered), LongSelect(attributes, offered)
        for value in (None, "", "a'\"&<b>", 3, "3", "Asia/Tokyo", "nowhere"):
            assertHTMLEqual(*(select.render("zone", value, {"class": "long"}) for select in (ours, usual)))


def test_only_whom_somebody_has_given_it_may_edit_hours(
    owner: Client, deniz: Client, client: Client, kept: OpeningHours
) -> None:
    for address in (LIST, ADD, page_of(kept)):
        assert client.get(address).status_code == 302
        assert deniz.get(address).status_code == 403
        assert owner.get(address).status_code == 200
    for row in ("", kept.pk):
        assert deniz.post(f"{PREVIEW}?hours={row}", filled()).status_code == 403
        assert owner.post(f"{PREVIEW}?hours={row}", filled()).status_code == 200
    assert owner.get(PREVIEW).status_code == 405
    for made_up in ("999", "x", "9" * 40, "-1"):
        assert owner.post(f"{PREVIEW}?hours={made_up}", filled()).status_code == 404


def test_hours_are_made_changed_and_taken_away_and_every_process_hears_of_it(owner: Client, site: Site) -> None:
    assert schedule() is None
    new_year = {"first": "2027-01-01", "hours_text": "11-13", "note": "Yeni yıl"}
    sent = filled(new_year, site=site.pk, monday="9-12, 13-18", last_minutes="10", at_closing="offer")
    assert owner.post(ADD, sent).status_code == 302
    found = schedule()
    assert found is not None
    assert (found.zone, str(found.week[0][1])) == ("Europe/Istanbul", "13:00–18:00")
    assert (found.last_minutes, found.serves) == (10, False)
    assert str(found.exceptions[date(2027, 1, 1)][0]) == "11:00–13:00"
    hours = OpeningHours.objects.get()
    assert hours.monday == "09:00–12:00, 13:00–18:00"
    again = {"id": hours.exceptions.get().pk, "hours": hours.pk, "first": "2027-01-01", "last": "2027-01-02"}
    assert owner.post(page_of(hours), filled(again, before=1, tuesday="0-24")).status_code == 302
    found = schedule()
    assert found is not None
    assert (found.of_day(date(2027, 1, 2)), found.week[0], str(found.week[1][0])) == ((), (), "00:00–24:00")
    assert owner.post(f"{LIST}{hours.pk}/delete/", {"post": "yes"}).status_code == 302
    assert schedule() is None
    trail = [event.detail for event in AuditEvent.objects.filter(kind="site_changed").order_by("pk")]
    assert [one.get("hours monday") for one in trail] == [
        [None, "09:00–12:00, 13:00–18:00"], ["09:00–12:00, 13:00–18:00", ""], ["", None],
    ]  # fmt: skip
    assert trail[1]["hours of 2027-01-01"] == [["11:00–13:00", "Yeni yıl"], None]
    assert trail[1]["hours of 2027-01-01 – 2027-01-02"] == [None, ["", ""]]


@pytest.mark.parametrize(
    ("fields", "exceptions", "says"),
    [
        ({"monday": "18-9"}, [], "ends before it begins"),
        ({"sunday": "9-12, 11-13"}, [], "overlap"),
        ({"friday": "soon"}, [], "is no time"),
        ({"zone": "Nowhere/Town"}, [], "Select a valid choice"),
        ({"country": "XX"}, [], "Select a valid choice"),
        ({"country": "DE", "region": "ZZ"}, [], "BY"),
        ({"country": "", "last_minutes": "-1"}, [], "greater than or equal to 0"),
        ({"last_minutes": "241"}, [], "240"),
        ({"at_closing": "never"}, [], "Select a valid choice"),
        ({}, [{"first": "2027-01-02", "last": "2027-01-01"}], "before the first"),
        ({}, [{"first": "2027-01-01", "last": "2028-06-01"}], str(EXCEPTION_DAYS_MOST)),
        ({}, [{"first": "2027-01-01", "last": "2027-01-05"}, {"first": "2027-01-03"}], "same day"),
        ({}, [{"first": "2027-01-01", "hours_text": "9-8"}], "ends before it begins"),
        ({}, [{"first": "tomorrow"}], "valid date"),
    ],
)
def test_what_is_wrong_is_said_where_it_stands_and_in_the_preview(
    owner: Client, site: Site, fields: dict[str, str], exceptions: list[dict[str, Any]], says: str
) -> None:
    sent = filled(*exceptions, site=site.pk, **fields)
    assert says in errors(owner.post(ADD, sent))
    assert says in errors(owner.post(PREVIEW, sent))
    assert not OpeningHours.objects.exists()


def test_a_site_has_hours_once(owner: Client, kept: OpeningHours) -> None:
    assert "already exists" in errors(owner.post(ADD, filled(site=kept.site_id)))
    assert owner.post(ADD, filled(site=10**30)).status_code == 200


def test_the_preview_says_what_is_open_now_and_what_comes(owner: Client) -> None:
    def shown(**fields: Any) -> str:
        return re.sub(r"\s+", " ", owner.post(PREVIEW, filled(**fields)).content.decode())

    always = dict.fromkeys(DAYS, "0-24")
    assert "Open now." in shown(**always)
    assert 'data-tone="good"' in shown(**always)
    assert "There is no opening in the next year." in shown()
    assert "Closed now." in shown()
    assert "data-otherwise" not in shown(**always)
    assert shown(**always).count("<tr") == 14


def test_holidays_are_closed_days_and_cost_nothing_where_no_country_is_chosen(site: Site, kept: OpeningHours) -> None:
    kept.country, kept.thursday = "TR", "9-18"
    assert kept.schedule(today=date(2026, 11, 28)).of_day(date(2026, 10, 29)) == ()
    assert kept.schedule(today=date(2026, 11, 28)).of_day(date(2026, 11, 5)) != ()
    kept.region = "gone"
    assert kept.schedule(today=date(2026, 11, 28)).holidays == {}
    assert "Bavaria" not in holidays.countries().values()
    assert holidays.countries()["GB"] == "United Kingdom"
    assert holidays.between("TR", "", 2026, 2026)[date(2026, 10, 29)] == "Cumhuriyet Bayramı"
    # The library is large: a process that serves no site with a country's holidays does not load it.
    load = "import sys, hours.schedule, hours.holidays; print('holidays' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", load], capture_output=True, text=True, check=True).stdout == "False\n"


def test_what_another_hand_has_written_closes_a_day_and_breaks_nothing(kept: OpeningHours) -> None:
    OpeningHours.objects.update(
        monday="nonsense", zone="Nowhere/Town", country="XX", last_minutes=9999, at_closing="later", region="\u202e"
    )
    ExceptionalDays.objects.create(hours=kept, first=date(9999, 12, 30), last=date(9999, 12, 31), hours_text="??")
    found = schedule()
    assert found is not None
    assert (found.week[0], found.serves, found.holidays) == ((), True, {})
    assert found.at(0).opens_at is None


hostile = st.one_of(st.text(max_size=120), st.sampled_from([word[:3000] for word in HOSTILE]))


@examples(max_examples=drawn(15), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(day=hostile, zone=hostile, region=hostile, first=hostile, note=hostile)
def test_no_form_breaks_it(owner: Client, site: Site, day: str, zone: str, region: str, first: str, note: str) -> None:
    OpeningHours.objects.all().delete()
    fields = {"monday": day, "zone": zone, "region": region}
    exceptions = [{"first": first, "note": note}, {"first": "2027-01-01", "note": note}]
    clean = lambda word: word.encode("utf-8", "replace").decode()  # noqa: E731
    rows = [{key: clean(value) for key, value in row.items()} for row in exceptions]
    for wish in (fields, {**fields, "zone": "UTC", "region": ""}):
        sent = filled(*rows, site=site.pk, country="DE", **{key: clean(value) for key, value in wish.items()})
        assert owner.post(PREVIEW, sent).status_code == 200
    assert owner.post(ADD, sent).status_code in (200, 302)
    assert schedule() is None or OpeningHours.objects.count() == 1
