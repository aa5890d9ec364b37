"""What tests of callbacks begin with: somebody who waits, who serves, what the worker does, and what was sent."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from infra.redis.client import client
from infra.redis.scripts import key
from notifications.models import Kind, OutboxMessage
from notifications.sending import delivery, outbox
from queueing import tokens
from queueing.history.recording import journal
from queueing.tokens import Ticket
from tests.queueing.world import Customer, Operator, end_hold, lease, settle, tick

ADDRESS = "ayse@example.com"


def begin() -> None:
    """On an empty Redis, with nobody held back any more."""
    settle()
    lease()
    tick()
    end_hold()


def waits(name: str = "ayşe", topic: str = "iade") -> Customer:
    customer = Customer(name)
    customer.join(id=f"wa1ting{name.encode().hex()}"[:32], topic=topic)
    return customer


def token_of(customer: Customer, locale: str = "tr") -> str:
    """What its page holds."""
    return tokens.sign(Ticket(customer.cid, "1", customer.name, "video", locale, "iade", "", False))


def comes(name: str = "deniz") -> Operator:
    """Free, and no tick since."""
    operator = Operator(name)
    operator.connect()
    operator.available()
    return operator


def on_shift(name: str = "deniz") -> Operator:
    operator = comes(name)
    tick()
    return operator


def end_of_hold(customer: Customer) -> None:
    """Who was called has not come in time."""
    client().zadd(key("callback"), {customer.cid: 1})
    tick()


def work(later_s: float = 1) -> None:
    """What the worker does: the journal, then what is due, until nothing is."""
    journal.record()
    now = timezone.now() + timedelta(seconds=later_s)
    while claimed := outbox.claim_due(now):
        for row, claim in claimed:
            delivery.deliver(row, claim, now=lambda: now, sleep=lambda _seconds: None)


def sent(kind: str = Kind.CALLBACK) -> list[tuple[str, str]]:
    """(channel, state) of what was written to customers, in its order."""
    return [(row.channel, row.state) for row in OutboxMessage.objects.filter(kind=kind).order_by("id")]
