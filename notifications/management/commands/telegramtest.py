"""Sends a test message to one operator through the whole road (outbox, worker, Telegram) and reports how it went."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from notifications import services
from notifications.models import OPEN_STATES, OutboxMessage, State
from notifications.sending import delivery, outbox

POLL_SECS = 0.2


class Command(BaseCommand):
    help = "Sends a Telegram test message to an operator and waits for the outcome. Exit 1 when it did not arrive."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("admin_id", metavar="ADMIN_ID")
        parser.add_argument("--timeout", type=float, default=60.0, help="Seconds to wait for the worker (60).")
        parser.add_argument("--direct", action="store_true", help="Send from here, once, without a worker.")

    def handle(self, *args: Any, admin_id: str, timeout: float, direct: bool, **options: Any) -> None:
        message = services.send_test(admin_id)
        if message is None:
            raise CommandError(f"There is no active operator {admin_id!r}.")
        if direct:
            self._deliver_here(message)
        self._wait(message, time.monotonic() + timeout, direct)
        if message.state == State.LOGGED:
            raise CommandError(f"Not sent, only logged: {message.last_error}.")
        if message.state != State.SENT:
            raise CommandError(f"Not delivered ({message.state}): {message.last_error or 'no worker has taken it yet'}")
        self.stdout.write(self.style.SUCCESS(f"Sent to {admin_id}, Telegram message {message.telegram_message_id}."))

    def _deliver_here(self, message: OutboxMessage) -> None:
        claim = outbox.claim_one(message.pk, timezone.now())
        if claim:
            delivery.deliver(message.pk, claim)

    def _wait(self, message: OutboxMessage, until: float, direct: bool) -> None:
        """Reports every change of state until it is final or the time is over."""
        shown = ""
        while True:
            message.refresh_from_db()
            now = f"{message.state}, attempts {message.attempts}" + (
                f", {message.last_error}" * bool(message.last_error)
            )
            if now != shown:
                self.stdout.write(now)
                shown = now
            if message.state not in OPEN_STATES or direct or time.monotonic() >= until:
                return
            time.sleep(POLL_SECS)
