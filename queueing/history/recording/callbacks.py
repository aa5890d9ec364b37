"""What the journal says of callbacks becomes a row, and letters: one for each call, in the transaction that records it.

A wait that ends without anybody having been reached is handed to whoever keeps messages (`missed_by`): nobody is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from infra.clock import LATEST_MS
from infra.writing.catalogues import OWN
from notifications import services as notifications
from queueing.history.callback_models import Callback
from queueing.history.models import Conversation, Status
from sites.questions import Kind

State = Callback.State
DIGESTS_MOST, DIGEST_MOST = 8, 64
ASKED = ("channel", "email", "language", "origin", "handle", "push", "chat")
GONE: dict[str, Any] = {"email": "", "handle": "", "origin": "", "push": "", "chat": "", "counts_for": []}
"""How somebody is reached, once nobody is to be; and by what it was bounded."""


@dataclass(frozen=True)
class Missed:
    """Who was to be called and was not reached. `email` and `phone` may be empty."""

    conversation: str
    name: str
    topic: str
    site: str
    person: str
    language: str
    email: str
    phone: str = ""


Keep = Callable[[Missed], None]
_keepers: list[Keep] = []


def missed_by(keep: Keep) -> None:
    """Called once, when Django starts: who makes work of a missed callback, in the open transaction."""
    if keep not in _keepers:
        _keepers.append(keep)


def asked(conversation: Conversation, data: dict[str, Any], at: datetime) -> None:
    texts = {name: _fitting(name, data.get(name)) for name in ASKED}
    texts["language"] = texts["language"] or OWN
    defaults = {
        **texts,
        "counts_for": _digests(data.get("counts_for")),
        "state": State.OPEN,
        "asked_at": at,
        "over_at": None,
        "booked_for": _moment(data.get("booked")),
    }
    row, made = Callback.objects.get_or_create(conversation=conversation, defaults=defaults)
    if not made:
        if row.state != State.OPEN:
            row.calls = 0
        # Who asks anew had chosen that time all the same.
        defaults["booked_for"] = defaults["booked_for"] or row.booked_for
        for name, value in defaults.items():
            setattr(row, name, value)
        row.save()
    _confirm(row, conversation)


def _confirm(row: Callback, conversation: Conversation) -> None:
    """By the way that was chosen. Whose chosen time has come is called at once, and a browser shows nothing unasked."""
    if conversation.status != Status.WAITING or row.booked_for is not None:
        return
    asked_ms = int(row.asked_at.timestamp() * 1000)
    if row.chat:
        notifications.confirm_callback_in_chat(conversation.pk, asked_ms, row.chat_name, row.language)
    elif row.email and row.channel == "email":
        notifications.confirm_callback(conversation.pk, asked_ms, row.email, row.language)


def _digests(value: object) -> list[str]:
    digests = value if isinstance(value, list) else []
    return [digest for digest in digests if isinstance(digest, str) and len(digest) <= DIGEST_MOST][:DIGESTS_MOST]


def _fitting(name: str, value: object) -> str:
    """The way in has judged it: what does not fit into its column was none of ours."""
    most = Callback._meta.get_field(name).max_length  # type: ignore[union-attr]
    return value if isinstance(value, str) and (most is None or len(value) <= most) else ""


def _moment(value: object) -> datetime | None:
    """Of milliseconds since 1970 as a script of ours has written them."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= LATEST_MS:
        return None
    return datetime.fromtimestamp(value / 1000, UTC)


def called(conversation: Conversation, data: dict[str, Any]) -> None:
    """Nobody is called who has come, or left, meanwhile."""
    row = Callback.objects.filter(conversation=conversation, state=State.OPEN).first()
    number = data.get("call")
    if row is None or not isinstance(number, int) or number <= row.number:
        return
    row.calls, row.number = row.calls + 1, number
    row.save(update_fields=["calls", "number"])
    if conversation.status != Status.WAITING:
        return
    if row.push:
        notifications.call_back_by_push(conversation.pk, number, row.browser, row.language)
    if row.chat:
        notifications.call_back_in_chat(conversation.pk, number, row.chat_name, row.language)
    # Who has left both is written to when the other did not arrive (`devices` and `chats` in queueing/callbacks), or
    # did not bring them. To whom a time was promised by e-mail it says itself that it has come.
    if row.email and (not (row.push or row.chat) or row.calls > 1 or row.booked_for is not None):
        notifications.call_back(conversation.pk, number, row.email, row.language)


def cancelled(conversation: Conversation, at: datetime) -> None:
    _over(conversation, State.CANCELLED, at)


def came(conversation: Conversation, at: datetime) -> None:
    _over(conversation, State.CAME, at)


def ended(conversation: Conversation, at: datetime) -> None:
    """Of a wait that nobody has ended somebody is told who goes after it."""
    row = Callback.objects.filter(conversation=conversation, state=State.OPEN).first()
    if row is None:
        return
    unreached = conversation.ended_by == "system" or conversation.reason == "repaired"
    email = row.email
    _over(conversation, State.MISSED if unreached else State.CANCELLED, at)
    if not unreached:
        return
    about = Missed(
        conversation.pk,
        conversation.name,
        conversation.topic,
        conversation.site,
        conversation.person,
        row.language,
        email or _answer(conversation, Kind.EMAIL),
        _answer(conversation, Kind.PHONE),
    )
    missed(about)


def missed(about: Missed) -> None:
    """Somebody owns it from now on; in the open transaction."""
    for keep in _keepers:
        keep(about)


def _answer(conversation: Conversation, kind: Kind) -> str:
    """What the form before the queue was told: a browser that was called by push has no address that somebody reads."""
    given = [one.get("value") for one in conversation.answers if isinstance(one, dict) and one.get("kind") == kind]
    return next((value for value in given if isinstance(value, str)), "")


def _over(conversation: Conversation, state: Callback.State, at: datetime) -> None:
    rows = Callback.objects.filter(conversation=conversation, state=State.OPEN)
    rows.update(state=state, over_at=at, **GONE)


def forget(conversations: Sequence[str]) -> None:
    """In the open transaction."""
    Callback.objects.filter(conversation__in=list(conversations)).update(**GONE)


def exported(conversations: Sequence[str], _identity: str | None) -> dict[str, list[dict[str, Any]]]:
    rows = Callback.objects.filter(conversation__in=list(conversations)).order_by("asked_at")
    return {"callbacks": [_plain(row) for row in rows]}


def _plain(row: Callback) -> dict[str, Any]:
    names = ("conversation_id", "state", "channel", "email", "language", "calls")
    return {
        **{name: getattr(row, name) for name in names},
        "browser": bool(row.push),
        "telegram": bool(row.chat),
        "asked_at": row.asked_at.isoformat(),
        "over_at": row.over_at.isoformat() if row.over_at else None,
    }
