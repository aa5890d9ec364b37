"""Who takes a customer when Accept is pressed. This app does not know the queue; the queue registers itself."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


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
    AGAIN = "again"  # nothing can be decided now


@dataclass(frozen=True)
class Answer:
    """`by` is the name of who has, or had, the customer; for TAKEN and ENDED."""

    outcome: Outcome
    by: str = ""


Handler = Callable[[str, str], Answer]
"""(conversation, adminId) → what came of it. Of several at once for one conversation, exactly one is told WON; asking
again with the same two is answered the same. Must not raise for what Redis does."""

_handlers: list[Handler] = []


def register(handler: Handler) -> None:
    """Sets who decides; the last one counts."""
    _handlers[:] = [handler]


def accept(conversation: str, admin_id: str) -> Answer:
    """Lets the queue decide. Without a queue nothing can be taken."""
    return _handlers[0](conversation, admin_id) if _handlers else Answer(Outcome.AGAIN)
