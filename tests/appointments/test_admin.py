"""Appointments in the admin and in the console: found, taken, cancelled with a letter, taken along as a file."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import AsyncClient, Client
from django.utils import timezone

from accounts.models import AuditEvent, Operator
from appointments import metrics
from appointments.models import Appointment, State
from harness.fakes.smtp import FakeMail
from tests.appointments.conftest import has_come, work

pytestmark = pytest.mark.django_db
LIST = "/admin/appointments/appointment/"


@pytest.fixture
def desk(ayse: Operator) -> Client:
    made = Client(headers={"Accept-Language": "en"})
    made.force_login(ayse)
    return made


def test_it_is_found_taken_and_cancelled(booked: Appointment, desk: Client, ayse: Operator, office: FakeMail) -> None:
    page = f"{LIST}{booked.pk}/change/"
    for query in ("?q=İADE", "?day=week", "?state=booked", "?owner=nobody"):
        assert b"Ada" in desk.get(LIST + query).content
    for query in ("?q=nobody", "?day=past", "?owner=me", "?state=met"):
        assert b"ada@example.com" not in desk.get(LIST + query).content
    shown = desk.get(page).content.decode()
    assert "(Europe/Berlin)" in shown
    assert ">English</dd>" in shown
    desk.post(page, {"do": "take"})
    bob = Client(headers={"Accept-Language": "en"})
    bob.force_login(Operator.objects.create_user("bob", name="Bob"))
    assert "Ayşe Kaya has it already." in bob.post(page, {"do": "take"}, follow=True).content.decode()
    desk.post(page, {"do": "give-back"})
    bob.post(LIST, {"action": "take_them", "_selected_action": [booked.pk]})
    booked.refresh_from_db()
    assert booked.admin_id == "bob"
    answer = bob.post(LIST, {"action": "cancel_them", "_selected_action": [booked.pk]}, follow=True)
    assert "The customer is written to." in answer.content.decode()
    assert "Nothing of this is still to come." in desk.post(page, {"do": "cancel"}, follow=True).content.decode()
    work()
    [letter] = office.delivered
    assert letter.message["Subject"] == "Your time at testserver had to be cancelled"
    kinds = AuditEvent.objects.filter(kind__startswith="appointment_").order_by("id").values_list("kind", "actor")
    assert list(kinds) == [
        ("appointment_taken", "ayse"), ("appointment_given_back", "ayse"), ("appointment_taken", "bob"),
        ("appointment_cancelled", "bob"),
    ]  # fmt: skip


@pytest.mark.django_db(transaction=True)
async def test_the_file_has_what_the_list_shows(ayse: Operator) -> None:
    browser = AsyncClient(headers={"Accept-Language": "en"})
    await browser.aforce_login(ayse)
    await Appointment.objects.acreate(
        key="k", name='=HYPERLINK("x")', email="ada@example.com", starts_at=timezone.now(), minutes=15, language="tr"
    )

    async def file(query: str) -> str:
        answer = await browser.get(f"{LIST}agenda.csv{query}")
        return b"".join([part async for part in answer.streaming_content]).decode()  # type: ignore[attr-defined]

    text = await file("?state=booked")
    assert "ada@example.com" in text
    assert '"=HYPERLINK' not in text
    assert "ada@" not in await file("?state=met")
    assert (await browser.get(f"{LIST}agenda.csv?nothing=1")).status_code == 400


def test_the_console_has_the_agenda_of_two_days(booked: Appointment, desk: Client, settings: object) -> None:
    has_come(booked, timedelta(minutes=-30))
    [shown] = desk.get("/admin/console/agenda/").json()["appointments"]
    assert (shown["name"], shown["topic"], shown["state"], shown["mine"]) == ("Ada", "İade", "booked", False)
    Appointment.objects.update(starts_at=timezone.now() + timedelta(days=3))
    assert desk.get("/admin/console/agenda/").json() == {"appointments": []}
    assert Client().get("/admin/console/agenda/").status_code == 401
    console = desk.get("/admin/console/").content.decode()
    assert "/admin/console/agenda/" in console


def test_figures_say_how_many_and_that_somebody_is_late(booked: Appointment) -> None:
    assert metrics.summary() == {"booked": 1, "called": 0, "late_s": 0}
    has_come(booked, timedelta(minutes=2))
    assert metrics.summary()["late_s"] in range(119, 180)
    Appointment.objects.update(state=State.MISSED)
    assert [sample.value for one in metrics.collect() for sample in one.samples] == [0, 0, 0]


def test_deleting_one_leaves_nothing_of_it(booked: Appointment, office: FakeMail) -> None:
    root = Client()
    root.force_login(Operator.objects.create_user("root", name="Root", is_superuser=True))
    root.post(f"{LIST}{booked.pk}/delete/", {"post": "yes"})
    assert not Appointment.objects.exists()
    work()
    assert office.delivered == []
