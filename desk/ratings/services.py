"""Rating a conversation that is over. Who holds its token may, for a day, and change it as often as the limits allow.

The live state says whether there is something to rate, the history keeps it. The history comes a moment later, or
much later while the database is out: until then nothing is kept, the answer says so, and the page asks again.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from desk.ratings.models import Rating
from infra.clock import now_ms
from infra.errors import DomainError
from infra.redis import rates
from infra.redis.client import execute
from infra.storable import storable
from infra.writing.text import clean_text, is_visible
from queueing import said
from queueing.live.said import Said
from queueing.live.store import party_of
from queueing.models import Conversation

logger = logging.getLogger(__name__)

OPEN_MS = 86_400_000
"""As long as the page keeps the chat, after the end."""
CHANGES = ("6/minute", "60/day")
"""Ratings of one conversation; pages ask for more rarely while the history does not have it."""
UNASKED = frozenset({"blocked", "erased"})
"""Ends after which nobody is asked."""


@dataclass(frozen=True)
class State:
    """open: it can be given, or changed, now. recorded: the history has the conversation; without that no rating is
    kept yet. score: None while there is none."""

    open: bool
    recorded: bool = False
    score: int | None = None
    comment: str = ""

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


def state(token: str) -> State:
    """Raises what `queueing.said.of_token` raises; DatabaseError."""
    found = said.of_token(token)
    if not _open(found):
        return State(open=False)
    row = Conversation.objects.filter(pk=found.conversation).values("anonymised_at", "rating__score", "rating__comment")
    kept = row.first()
    if kept is None:
        return State(open=True)
    if kept["anonymised_at"] is not None:
        return State(open=False)
    return State(True, True, kept["rating__score"], kept["rating__comment"] or "")


def rate(token: str, score: int, comment: str) -> State:
    """Keeps the rating; everything is counted before anything is read or written.

    Raises what `queueing.said.of_token` raises; DomainError rate_limited, rating_closed; DatabaseError.
    """
    found = said.of_token(token)
    who = party_of(found.conversation)
    if wait_ms := execute(rates.count_all(rates.Counted(f"rating:{rate}", who, rate) for rate in CHANGES)):
        raise rates.refusal(wait_ms, _("You have just changed your rating. Please wait a moment."))
    if not _open(found):
        raise _closed()
    text = clean_text(storable(comment)).strip()
    given = {"score": score, "comment": text if is_visible(text) else ""}
    with transaction.atomic():
        # Locked where the database can, so that nobody's words come back just after they were erased.
        rows = Conversation.objects.select_for_update().filter(pk=found.conversation)
        conversation = rows.only("anonymised_at").first()
        if conversation is None:
            return State(open=True)
        if conversation.anonymised_at is not None:
            raise _closed()
        Rating.objects.update_or_create(conversation=conversation, defaults=given)
    logger.info("conversation rated", extra={"conversation": found.conversation, "score": score})
    return State(True, True, score, str(given["comment"]))


def forget_comments(conversations: Sequence[str]) -> None:
    """The figure stays, as all figures do."""
    Rating.objects.filter(conversation__in=conversations).exclude(comment="").update(comment="")


def _open(found: Said) -> bool:
    return bool(
        settings.RATINGS
        and found.claimed_at is not None
        and found.ended_at is not None
        and found.reason not in UNASKED
        and now_ms() < found.ended_at + OPEN_MS
    )


def _closed() -> DomainError:
    return DomainError("rating_closed", _("This conversation can no longer be rated."))
