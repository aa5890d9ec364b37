"""Whoever wants it is reminded and called in their browser, too: beside the e-mail, by the same road as callbacks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st

from appointments import booking, devices, keeping, links
from appointments.models import Appointment, State
from harness.fakes.push_service import FakePush
from harness.fakes.smtp import FakeMail
from notifications.models import Channel, OutboxMessage
from queueing.history.callback_models import Callback
from tests.appointments.conftest import has_come, work
from tests.drawn import drawn

pytestmark = pytest.mark.django_db


@pytest.fixture
def service() -> Iterator[FakePush]:
    with FakePush() as fake:
        yield fake
        assert fake.faults == []


def chooses(row: Appointment, subscription: dict[str, Any] | None, **more: str) -> int:
    told = {"endpoint": subscription["endpoint"], **subscription["keys"]} if subscription else {}
    return int(Client().post(links.path(row, "appointment-device"), {**told, **more}).status_code)


def soon(row: Appointment, settings: Any) -> None:
    settings.APPOINTMENT_REMIND_SECS = 24 * 3600
    Appointment.objects.update(booked_at=timezone.now() - timedelta(hours=48))
    Appointment.objects.filter(pk=row.pk).update(starts_at=timezone.now() + timedelta(hours=1))


def test_a_browser_is_reminded_and_called_beside_the_letters(
    booked: Appointment, service: FakePush, office: FakeMail, settings: Any
) -> None:
    page = Client().get(links.path(booked)).content.decode()
    assert f'data-address="{links.path(booked, "appointment-device")}"' in page
    assert "data-on" not in page
    assert chooses(booked, service.subscription("phone")) == 204
    assert "data-on" in Client().get(links.path(booked)).content.decode()
    work()
    soon(booked, settings)
    work()
    work()
    [reminder] = [one.words for one in service.pushed]
    assert reminder["title"] == "Soon: your time for live support"
    assert "Europe/Berlin" in reminder["body"]
    assert "Ada" not in json.dumps(reminder)
    assert reminder["url"] == links.path(Appointment.objects.get())
    assert [str(one.message["Subject"]) for one in office.delivered][-1] == "Soon: your time at testserver"

    has_come(booked)
    work()
    work()
    call = service.pushed[-1].words
    assert call["title"] == "It is your time"
    assert call["url"].endswith(f"#place={Callback.objects.get().handle}")
    letters = [str(one.message["Subject"]) for one in office.delivered]
    assert letters.count("It is your time at testserver") == 1
    assert len(service.pushed) == 2


def test_it_is_taken_back_or_gone_and_the_letters_go_on(
    booked: Appointment, service: FakePush, office: FakeMail, settings: Any
) -> None:
    assert chooses(booked, service.subscription("phone")) == 204
    assert chooses(booked, None) == 204
    soon(booked, settings)
    work()
    assert (service.pushed, Appointment.objects.get().push) == ([], "")
    assert [str(one.message["Subject"]) for one in office.delivered][-1] == "Soon: your time at testserver"


def test_nothing_is_pushed_for_a_time_that_was_moved_and_a_browser_that_is_gone_is_forgotten(
    booked: Appointment, service: FakePush
) -> None:
    assert chooses(booked, service.subscription("phone")) == 204
    booked.refresh_from_db()
    context = {"appointment": booked.pk, "browser": booked.browser, "sequence": 0}
    keeper = devices.Reminded()
    assert keeper.find(context, "en") is not None
    assert keeper.find({**context, "sequence": 1}, "en") is None
    keeper.drop({**context, "browser": "another"})
    assert Appointment.objects.get().push
    keeper.drop(context)
    assert Appointment.objects.get().push == ""
    assert keeper.find(context, "en") is None


def test_the_browser_goes_with_the_time(booked: Appointment, service: FakePush) -> None:
    assert chooses(booked, service.subscription("phone")) == 204
    assert keeping.exported([booked.conversation], None)["appointments"][0]["browser"] is True
    assert booking.cancel(booked.pk)
    assert Appointment.objects.get().push == ""
    assert chooses(booked, service.subscription("phone")) == 409
    assert Appointment.objects.get().push == ""
    assert not OutboxMessage.objects.filter(channel=Channel.PUSH).exists()
    Appointment.objects.update(state=State.BOOKED)
    assert chooses(booked, service.subscription("phone")) == 204
    keeping.erase(Appointment.objects.all())
    assert Appointment.objects.get().push == ""


def test_a_foreign_link_keeps_nothing(booked: Appointment, service: FakePush) -> None:
    told = service.subscription("phone")
    for address in (f"/times/{booked.pk}/device/", f"/times/{booked.pk}/device/?key=x"):
        assert Client().post(address, {"endpoint": told["endpoint"], **told["keys"]}).status_code == 404
    assert Client().get(links.path(booked, "appointment-device")).status_code == 405
    assert Appointment.objects.get().push == ""


@effort(max_examples=drawn(20), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(endpoint=st.text(max_size=2000), p256dh=st.text(max_size=200), auth=st.text(max_size=200))
def test_whatever_is_told_is_no_browser(booked: Appointment, endpoint: str, p256dh: str, auth: str) -> None:
    texts = {"endpoint": endpoint, "p256dh": p256dh, "auth": auth}
    told = {name: text.encode("utf-8", "replace").decode() for name, text in texts.items()}
    answer = Client().post(links.path(booked, "appointment-device"), told, REMOTE_ADDR="203.0.113.21")
    assert answer.status_code in (204, 422, 429)
    assert Appointment.objects.get().push == ""
