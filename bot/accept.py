"""Who takes a customer when Accept is pressed: a claim like the console's, and why there was none."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from infra.errors import DomainError, StoreUnavailable
from infra.redis.client import execute
from queueing.live import store


class Outcome(StrEnum):
    """What came of a press."""

    WON = "won"
    TAKEN = "taken"  # by another
    LEFT = "left"
    EXPIRED = "expired"
    ENDED = "ended"
    GONE = "gone"  # nothing is known of this customer any more
    BUSY = "busy"  # the operator is in a conversation
    OFFLINE = "offline"  # the operator has no console open
    AWAY = "away"  # the customer has left the page to be called
    AGAIN = "again"  # nothing can be decided now


@dataclass(frozen=True)
class Answer:
    """`by` is the name of who has, or had, the customer; for TAKEN and ENDED."""

    outcome: Outcome
    by: str = ""


REFUSALS = {"busy": Outcome.BUSY, "offline": Outcome.OFFLINE, "away": Outcome.AWAY, "recovering": Outcome.AGAIN}


def accept(conversation: str, admin_id: str) -> Answer:
    """Claims for an operator, in the one script that decides. Never raises: every refusal is an answer.

    Of several at once for one conversation, exactly one is told WON; asking again with the same two is answered the
    same.
    """
    try:
        execute(store.claim(admin_id, conversation))
        return Answer(Outcome.WON)
    except StoreUnavailable:
        return Answer(Outcome.AGAIN)
    except DomainError as error:
        if error.code in REFUSALS:
            return Answer(REFUSALS[error.code])
    try:
        return _too_late(*execute(store.lookup(conversation)))
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
