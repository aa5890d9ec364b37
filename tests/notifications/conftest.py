"""The road of a notification under the hand of a test: fake Telegram, a clock that is set, no threads."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Q
from django.utils import timezone

from harness import database
from harness.fakes.telegram import FakeTelegram
from notifications import cards
from notifications.models import OPEN_STATES, Card, OutboxMessage
from notifications.sending import delivery, outbox
from notifications.telling import recipients
from notifications.telling.recipients import Contact
from queueing.history.recording import journal
from tests.notifications.installation import TOKEN, Installation
from tests.notifications.presses import AYSE, BOB, SECRET
from tests.queueing.world import Customer, lease, settle


@pytest.fixture
def telegram(settings, redis_server) -> Iterator[FakeTelegram]:
    """A bot is configured and the Bot API answers on loopback."""
    with FakeTelegram() as fake:
        settings.TELEGRAM_BOT_TOKEN = TOKEN
        settings.TELEGRAM_API_URL = fake.url
        settings.PUBLIC_URL = "https://support.example.org"
        yield fake


@pytest.fixture
def fake() -> Iterator[FakeTelegram]:
    """A Bot API for processes of their own, which find it by their environment."""
    with FakeTelegram() as server:
        yield server


@pytest.fixture
def installation(tmp_path: Path, fake: FakeTelegram, redis_server: str) -> Iterator[Installation]:
    """Processes on one database file, with its tables, and one Redis."""
    built = Installation(tmp_path, fake.url)
    database.place(built.database)
    yield built
    built.end()


@pytest.fixture(autouse=True)
def operators(monkeypatch, settings) -> list[tuple[Any, ...]]:
    """The registry, with what a test puts into it (fields of a Contact) instead of the real operators. Nobody is
    passed on by time unless a test sets NOTIFY_ESCALATE_SECS."""
    settings.NOTIFY_ESCALATE_SECS = 0
    known: list[tuple[Any, ...]] = []
    monkeypatch.setattr(recipients, "_providers", [lambda: [Contact(*fields) for fields in known]])
    return known


@dataclass
class Road:
    """Plays beat and worker at the time that `now` shows: a minute ahead, so that what a test enqueues is due."""

    now: datetime = field(default_factory=lambda: timezone.now() + timedelta(seconds=60))
    slept: list[float] = field(default_factory=list)

    def sweep(self) -> int:
        """One sweep, each claimed row delivered at once; how many there were."""
        cards.look_after(self.now)
        claimed = outbox.claim_due(self.now)
        for row_id, claim in claimed:
            delivery.deliver(row_id, claim, now=lambda: self.now, sleep=self.slept.append)
        return len(claimed)

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def finish(self, message: OutboxMessage) -> list[float]:
        """Sweeps at each `next_at` until the message is done; the waits in seconds between its attempts."""
        waits = []
        for _ in range(10):
            self.sweep()
            message.refresh_from_db()
            if message.state not in ("pending", "retrying", "sending"):
                return waits
            waits.append((message.next_at - self.now).total_seconds())
            self.now = message.next_at
        raise AssertionError(f"still {message.state} after ten sweeps")

    def finish_all(self) -> None:
        """Sweeps, at each next moment at which something is due, until nothing is under way or to be looked after."""
        for _ in range(30):
            self.sweep()
            under_way = OutboxMessage.objects.filter(state__in=OPEN_STATES)
            if not under_way and not Card.objects.filter(Q(stale=True) | Q(redraw=True)):
                return
            self.now = max(self.now, *(message.next_at for message in under_way), self.now)
        raise AssertionError(f"still under way: {list(under_way.values())}")


@pytest.fixture
def road() -> Road:
    return Road()


@pytest.fixture
def bot(telegram: FakeTelegram, operators, settings) -> FakeTelegram:
    """Two operators, a webhook, an empty queue; sweeps are made by the tests alone."""
    operators += [("ayse", AYSE, "tr", False, "Ayşe Kaya"), ("bob", BOB, "en", False, "Bob")]
    settings.TELEGRAM_WEBHOOK_SECRET = SECRET
    settle()
    lease()
    return telegram


@pytest.fixture
def can(bot: FakeTelegram, road: Road) -> Customer:
    """Waits, and both operators have his card."""
    customer = Customer("can")
    customer.join()
    journal.record()
    road.finish_all()
    return customer
