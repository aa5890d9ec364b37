"""How often somebody who is no operator makes the bot do something: anybody on Telegram can write to it and press what
it sent, and those whom it is there for must not wait behind them."""

from __future__ import annotations

from bot.updates import Person
from infra.buckets import Buckets
from infra.clock import monotonic
from infra.redis import rates
from infra.redis.client import execute

EACH = "12/minute"
"""Of one account: what is more is not answered."""
ALL = "120/minute"
"""Answers to all who come without a good link, or press what is not for them."""
OUT = "2/minute"
"""Of one account, by one process, while Redis is out: messages and presses each."""

_while_out = Buckets()


def may(person: Person) -> bool:
    """Charges one update of this account. Raises StoreUnavailable."""
    return not execute(rates.count("telegram:person", str(person.id), EACH))


def are_answered() -> bool:
    """Charges one answer to somebody who gets nothing here. Raises StoreUnavailable."""
    return not execute(rates.count("telegram:strangers", "", ALL))


def may_while_out(person: Person, what: str) -> bool:
    """Charges one answer of this process while Redis is out. `what`: to a message, or to a press."""
    return _while_out.take(f"{what}:{person.id}", OUT, monotonic()) is None
