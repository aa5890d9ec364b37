"""The road of a notification under the hand of a test: fake Telegram, a clock that is set, no threads."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from notifications import delivery, outbox, recipients
from notifications.models import OutboxMessage
from tests.fakes.telegram import FakeTelegram

TOKEN = "123456:TEST-token-of-the-bot"


@pytest.fixture
def telegram(settings, redis_server) -> Iterator[FakeTelegram]:
    """A bot is configured and the Bot API answers on loopback."""
    with FakeTelegram() as fake:
        settings.TELEGRAM_BOT_TOKEN = TOKEN
        settings.TELEGRAM_API_URL = fake.url
        settings.PUBLIC_URL = "https://support.example.org"
        yield fake


@pytest.fixture(autouse=True)
def operators(monkeypatch) -> list[tuple[str, str | None, str]]:
    """The registry, with what a test puts into it instead of the real operators."""
    known: list[tuple[str, str | None, str]] = []
    monkeypatch.setattr(recipients, "_providers", [lambda: known])
    return known


@dataclass
class Road:
    """Plays beat and worker at the time that `now` shows: a minute ahead, so that what a test enqueues is due."""

    now: datetime = field(default_factory=lambda: timezone.now() + timedelta(seconds=60))
    slept: list[float] = field(default_factory=list)

    def sweep(self) -> int:
        """One sweep, each claimed row delivered at once; how many there were."""
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


@pytest.fixture
def road() -> Road:
    return Road()
