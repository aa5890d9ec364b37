"""A customer is taken by a button in Telegram: what the notifications ask of the queue."""

from __future__ import annotations

from infra.errors import DomainError, StoreUnavailable
from infra.redis import execute
from notifications.accepting import Answer, Outcome
from queueing import store

REFUSALS = {"busy": Outcome.BUSY, "offline": Outcome.OFFLINE, "recovering": Outcome.AGAIN}


def accept(conversation: str, admin_id: str) -> Answer:
    """Claims for an operator, in the one script that decides. Never raises: every refusal is an answer."""
    try:
        execute(store.claim(admin_id, conversation))
        return Answer(Outcome.WON)
    except StoreUnavailable:
        return Answer(Outcome.AGAIN)
    except DomainError as error:
        if error.code in REFUSALS:
            return Answer(REFUSALS[error.code])
    try:
        return _too_late(*execute(store.whose(conversation)))
    except StoreUnavailable:
        return Answer(Outcome.AGAIN)


def _too_late(status: str, operator: str, reason: str) -> Answer:
    if status == "active":
        return Answer(Outcome.TAKEN, operator)
    if status == "ended" and operator:
        return Answer(Outcome.ENDED, operator)
    if status == "ended":
        return Answer(Outcome.EXPIRED if reason == "max-wait" else Outcome.LEFT)
    # Waiting again: the call of who had it came to nothing between the two steps.
    return Answer(Outcome.AGAIN if status == "waiting" else Outcome.GONE)
