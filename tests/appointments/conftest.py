"""Customers who choose times, a post office, and the worker under the hand of a test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Operator
from appointments import booking, due, limits
from appointments.models import Appointment
from harness.fakes.smtp import FakeMail
from infra.buckets import Buckets
from infra.clock import now_ms
from infra.redis.client import client
from infra.redis.scripts import key
from notifications.sending import delivery, outbox
from queueing.history.recording import journal
from sites import lookup
from tests.queueing.world import lease, settle, tick

Choose = Callable[..., Any]
MINUTE_MS = 60_000
GOOD = {"name": "Ada", "email": "ada@example.com", "topic": "İade", "media": "chat"}


@pytest.fixture(autouse=True)
def office(db: None, redis_server: str, settings: Any) -> Iterator[FakeMail]:
    settings.ENABLE_APPOINTMENTS, settings.MAIL_ADDRESS_LIMIT = True, "100/hour"
    settings.APPOINTMENT_CLIENT_LIMIT, settings.APPOINTMENT_LIMIT = "100/hour", "1000/hour"
    settings.PUBLIC_URL = "https://testserver"
    limits._looks = Buckets()
    lookup.sites.clear()
    settle()
    lease()
    tick()
    client().hset(key("meta"), mapping={"hold_until": 0, "lease_hold": 0, "reachable_at": 0})
    with FakeMail() as mail:
        settings.MAIL_URL, settings.MAIL_FROM = mail.url, "Destek <destek@example.org>"
        yield mail


@pytest.fixture
def ayse() -> Operator:
    return Operator.objects.create_user("ayse", name="Ayşe Kaya", chat_id="4242", language="tr")


def first_free(number: int = 0) -> int:
    """Not one that the turn of the quarter takes away before it is asked for."""
    soon = now_ms() + booking.plan().notice_ms + MINUTE_MS
    return [start for start in booking.free(lookup.find("").site) if start > soon][number]


@pytest.fixture
def choose() -> Choose:
    """`choose(slot=…)`: what the page's request is answered with."""

    def post(address: str = "203.0.113.7", query: str = "", **fields: Any) -> Any:
        given = {"key": f"{fields.get('email', '')}{timezone.now().timestamp()}".translate(KEEP), **GOOD, **fields}
        given.setdefault("slot", str(first_free()))
        given["key"] = given["key"].ljust(20, "0")[-40:]
        return Client().post(f"/times/?locale=en&zone=Europe/Berlin{query}", given, REMOTE_ADDR=address)

    return post


KEEP = {ord(sign): None for sign in "@.-_+"}


@pytest.fixture
def booked(choose: Choose) -> Appointment:
    assert choose().status_code == 302
    return Appointment.objects.get()


def has_come(row: Appointment, ago: timedelta = timedelta(seconds=1)) -> None:
    """Its time is now."""
    Appointment.objects.filter(pk=row.pk).update(starts_at=timezone.now() - ago)
    row.refresh_from_db()


def post_letters() -> None:
    """What the worker does with what is due in the outbox."""
    now = timezone.now() + timedelta(seconds=1)
    for message, claim in outbox.claim_due(now):
        delivery.deliver(message, claim, now=lambda: now)


def work() -> None:
    """A second of the worker: appointments, the journal, the outbox."""
    due.see_to()
    journal.record()
    post_letters()
    due.see_to()
