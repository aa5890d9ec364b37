"""A callback by Telegram: the page shows a link into the bot's chat, and from the moment that the bot has heard its
token there the place is kept. Until then the customer waits as ever: nothing hangs on Telegram, or on their pressing
Start.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from enum import StrEnum

from django.conf import settings
from django.utils.translation import gettext as _

from infra.errors import DomainError, StoreUnavailable
from infra.redis import rates
from infra.redis.client import execute
from notifications import hearing
from queueing import drawn, resume_handles, tokens
from queueing.callbacks import asking, chats, starts
from queueing.callbacks.starts import Start
from queueing.errors import MESSAGES
from queueing.history.callback_models import Callback
from queueing.live import callbacks as live
from queueing.live import store
from queueing.live.callbacks import Bound
from queueing.live.store import party_of

logger = logging.getLogger(__name__)

LOOKS = "60/minute"
"""Of one conversation: its page asks whether the bot has heard."""


@dataclass(frozen=True)
class StartLink:
    """`code`: the link as a QR code, an SVG in a `data:` address."""

    link: str
    code: str
    expires_s: int


class Linked(StrEnum):
    """What came of a token that the bot was given."""

    DONE = "done"
    OLD = "old"  # used, out of date, brought by another chat, or none of ours
    OVER = "over"  # nobody waits there any more
    FULL = "full"  # too many have asked, of this chat or of all


@dataclass(frozen=True)
class Answer:
    """`language`: of the page that asked; empty where there is none."""

    outcome: Linked
    language: str = ""


class Stopped(StrEnum):
    NOTHING = "nothing"  # nothing is written there
    BY_MAIL = "mail"
    ON_PAGE = "page"  # who has the page open waits there


def start(token: str, address: str, origin: str, client_address: str, language: str) -> StartLink:
    """A link for who waits; charged before anything is read. An older one of theirs is of no use any more.

    Raises what `asking.ask` does, but callbacks_full; DomainError telegram_off.
    """
    ticket = tokens.read(token)
    asking.charge(ticket.conversation, client_address)
    name = _bot_name()
    if not name:
        message = _("Telegram does not answer just now. Choose another way, or keep this page open.")
        raise DomainError("telegram_off", message, retryable=True)
    email = asking.checked(address) if address else ""
    status, _operator, _reason = execute(store.lookup(ticket.conversation))
    if status != "waiting":
        raise DomainError("not_waiting", str(MESSAGES["not_waiting"]))
    bounds = asking.bounds(email, None, client_address, ticket.site)
    made = starts.make(
        Start(
            conversation=ticket.conversation,
            origin=origin,
            language=language,
            handle=resume_handles.make(token, origin, asking.link_secs()),
            email=email,
            who=[bound.who for bound in bounds],
            most=[bound.most for bound in bounds],
        )
    )
    link = f"https://t.me/{name}?start={made}"
    return StartLink(link, drawn.code(link), starts.START_SECS)


def standing(token: str) -> str:
    """For the page: `linked`, `open` (the bot can be asked), or `off`. Raises DomainError token_invalid, rate_limited;
    StoreUnavailable."""
    conversation = tokens.read(token).conversation
    if wait_ms := execute(rates.count("callback:standing", party_of(conversation), LOOKS)):
        raise rates.refusal(wait_ms, _("Too many requests at once. Please wait a moment."))
    if live.channel_of(conversation) == "telegram":
        return "linked"
    return "open" if _bot_name() else "off"


def _bot_name() -> str:
    return hearing.bot_name() if "telegram" in asking.offered() else ""


def link(token: str, chat_id: int) -> Answer:
    """What the bot was given in a private chat. Raises StoreUnavailable: whether the place is kept is unknown then, and
    that chat may bring the token again."""
    found = starts.claim(token, _who(chat_id))
    if found is None or not settings.ENABLE_CALLBACKS:
        return Answer(Linked.OLD)
    outcome = _keep(found, chat_id)
    try:
        starts.spend(token)
    except StoreUnavailable:
        # It is answered all the same: at worst that chat asks once more for what it has.
        logger.warning("start token not taken away", extra={"conversation": found.conversation})
    return Answer(outcome, found.language)


def _keep(found: Start, chat_id: int) -> Linked:
    bounds = [
        *(Bound(who, most) for who, most in zip(found.who, found.most, strict=True)),
        Bound(_who(chat_id), asking.PER_CONTACT),
    ]
    contact = {
        "channel": "telegram",
        "email": found.email,
        "push": "",
        "chat": chats.seal(chat_id),
        "language": found.language,
        "origin": found.origin,
        "handle": found.handle,
    }
    try:
        execute(live.ask(found.conversation, "telegram", bounds, contact))
    except StoreUnavailable:
        raise
    except DomainError as error:
        return Linked.FULL if error.code == "callbacks_full" else Linked.OVER
    logger.info("callback asked for", extra={"conversation": found.conversation})
    return Linked.DONE


def holds(conversation: str, chat_id: int) -> bool:
    """Whether that chat is called for this wait. Raises StoreUnavailable."""
    return conversation in live.of(_who(chat_id))


def give_up(conversation: str, chat_id: int) -> bool:
    """Ends the wait of who is called in that chat; False where there is none. Raises StoreUnavailable."""
    return bool(execute(live.give_up(conversation, _who(chat_id))))


def stop(chat_id: int) -> Stopped:
    """Nothing more is written there: by e-mail where an address is known, else whoever asked waits on the page. Raises
    StoreUnavailable, DatabaseError."""
    conversations = live.of(_who(chat_id))
    rows = {row.conversation_id: row for row in Callback.objects.filter(conversation__in=conversations)}
    told = Stopped.NOTHING
    for conversation in conversations:
        row = rows.get(conversation)
        if row is not None and row.email:
            chats.forget(row)
            told = Stopped.BY_MAIL if told == Stopped.NOTHING else told
        elif execute(live.cancel(conversation)):
            told = Stopped.ON_PAGE
    return told


def language_of(conversation: str) -> str:
    """Of the page that asked; empty where nothing is recorded. Raises DatabaseError."""
    found = Callback.objects.filter(conversation=conversation).values_list("language", flat=True).first()
    return found or ""


def _who(chat_id: int) -> str:
    return f"t:{asking.digest(str(chat_id))}"
