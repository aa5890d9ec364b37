"""One delivery, from the claim to its end. Every way out writes the row; nothing is raised for what Telegram did."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from infra.errors import ScriptFailed, StoreUnavailable
from infra.logs import trace
from notifications import policy, private_chats
from notifications.content import letters, otp_delivery, templates
from notifications.content import pushes as push_words
from notifications.content.text import Text
from notifications.models import Channel, Kind, OutboxMessage, State
from notifications.sending import outbox
from notifications.telling import pushes
from notifications.transports import chats, fallback, mail, ratelimit, telegram
from notifications.transports.errors import DeliveryError

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]


class Undeliverable(Exception):
    """The message can never be sent; the text says why and may be shown."""


UNMADE = (ArithmeticError, AttributeError, LookupError, ScriptFailed, TypeError, ValueError)
"""What a text raises that cannot be made of its values, now or later. An outage is another thing."""


def deliver(row_id: int, claim: str, now: Clock = timezone.now, sleep: Callable[[float], None] = time.sleep) -> None:
    """Delivers a claimed row. Returns quietly when the claim is no longer good."""
    message = outbox.claimed(row_id, claim, now())
    if message is not None:
        with trace.bound(request_id=_trace_of(message), conversation=message.conversation):
            _deliver(message, now, sleep)


def _trace_of(message: OutboxMessage) -> str:
    """The request id of the page that this notification goes back to."""
    context = message.card.context if message.card else message.context
    return str(context.get("trace", ""))


def _deliver(message: OutboxMessage, now: Clock, sleep: Callable[[float], None]) -> None:
    try:
        if message.channel == Channel.EMAIL:
            _deliver_letter(message, now)
            return
        if message.channel == Channel.PUSH:
            _deliver_push(message, now)
            return
        if message.channel == Channel.CHAT:
            _deliver_to_chat(message, now, sleep)
            return
        text = _compose(message)
        if message.channel == Channel.FALLBACK:
            if outbox.count_attempt(message):
                _send(message, lambda: _hand_over(message, text), now)
        elif message.channel == Channel.LOG or not telegram.configured():
            _to_log(message, text, now())
        elif _slot(message, now, sleep) and outbox.count_attempt(message):
            _send(message, lambda: _hand_over(message, text), now)
    except StoreUnavailable:
        outbox.release(message.pk, message.claim, now() + timedelta(seconds=policy.STORE_OUT_SECS))
    except Undeliverable as error:
        _end(message, State.FAILED, now(), error=str(error))


def _compose(message: OutboxMessage) -> Text:
    code = ""
    if message.kind == Kind.OTP:
        found = otp_delivery.get(message.context.get("secret", ""))
        if found is None:
            raise Undeliverable("expired: the code was no longer valid")
        code = found
    with _making():
        if message.card:
            message.version = message.card.version
            return templates.render_card(message.card, message.language)
        return templates.render(message.kind, message.language, message.context, code)


@contextmanager
def _making() -> Iterator[None]:
    """Around whatever makes the words. It comes before the attempt is counted, so one that raised here would be claimed
    again for ever, before all that came later. Raises Undeliverable."""
    try:
        yield
    except UNMADE as error:
        # The values are left out: they may be personal.
        raise Undeliverable(f"the text could not be made ({type(error).__name__})") from None


def _slot(message: OutboxMessage, now: Clock, sleep: Callable[[float], None]) -> bool:
    slot = ratelimit.reserve()
    if not slot.reserved:
        outbox.release(message.pk, message.claim, now() + timedelta(seconds=slot.wait_s))
        return False
    if slot.wait_s > 0:
        sleep(slot.wait_s)
    return True


def _deliver_letter(message: OutboxMessage, now: Clock) -> None:
    """Where nothing is to be said any more (whom it was for has come, or was erased), that is no failure."""
    address = str(message.context.get("address", ""))
    if not address:
        return _end(message, State.REFUSED, now(), error="erased: the address is gone")
    if not mail.configured():
        raise Undeliverable("MAIL_URL or MAIL_FROM is not set")
    with _making():
        letter = letters.write(message.kind, message.context, message.language)
    if letter is None:
        return _end(message, State.REFUSED, now(), error="nothing of what it would say is so any more")
    if outbox.count_attempt(message):
        name = message.notification.replace(":", ".")
        _send(message, lambda: mail.send(address, letter, name), now)


def _deliver_push(message: OutboxMessage, now: Clock) -> None:
    """Outside of Telegram's slots. Where there is nobody to tell any more, that is no failure."""
    from notifications.transports import push  # with its libraries, which most workers never need

    with _making():
        addressed = pushes.addressed(message)
    if addressed is None:
        return _end(message, State.REFUSED, now(), error="nobody is to be told there any more")
    if pushes.is_late(message, now()):
        return _end(message, State.REFUSED, now(), error="too late to be of use")
    browser, words = addressed
    if outbox.count_attempt(message):
        _send(message, lambda: push.send(browser, words, push_words.topic(message)), now)
        if message.state == State.SENT:
            pushes.sent(message)


def _deliver_to_chat(message: OutboxMessage, now: Clock, sleep: Callable[[float], None]) -> None:
    """To a customer. Never into the log: it would have what takes the place."""
    if not telegram.configured():
        return _end(message, State.REFUSED, now(), error="TELEGRAM_BOT_TOKEN is not set")
    if pushes.is_late(message, now()):
        return _end(message, State.REFUSED, now(), error="too late to be of use")
    with _making():
        told = private_chats.keeper_of(message.kind).find(message.context, message.language)
    if told is None:
        return _end(message, State.REFUSED, now(), error="nobody is to be told there any more")
    if _slot(message, now, sleep) and outbox.count_attempt(message):
        _send(message, lambda: telegram.send(told.chat_id, told.text).message_id, now)


def _send(message: OutboxMessage, hand_over: Callable[[], int | None], now: Clock) -> None:
    try:
        message_id = hand_over()
    except DeliveryError as error:
        _failed(message, error, now())
        return
    _end(message, State.SENT, now(), message_id=message_id)


def _hand_over(message: OutboxMessage, text: Text) -> int | None:
    """Gives the message to its service; Telegram's id of it."""
    if message.channel == Channel.FALLBACK:
        fallback.send(message.chat_id, text)
        return None
    if message.kind != Kind.CARD_EDIT:
        return telegram.send(message.chat_id, text).message_id
    shown = message.edits
    if shown is None or shown.state != State.SENT or shown.telegram_message_id is None:
        raise DeliveryError("the card is being sent again", permanent=True)
    telegram.edit(message.chat_id, shown.telegram_message_id, text)
    return shown.telegram_message_id


def _failed(message: OutboxMessage, error: DeliveryError, now: datetime) -> None:
    if error.refused and message.channel == Channel.PUSH:
        pushes.drop(message)
    shut_out = error.blocked and message.channel == Channel.CHAT
    if shut_out:
        private_chats.keeper_of(message.kind).drop(message.context)
    if error.permanent:
        refused = error.refused or shut_out
        state = State.REFUSED if refused else State.BLOCKED if error.blocked else State.FAILED
        _end(message, state, now, error=error.text)
        return
    if error.moved_to and message.channel != Channel.CHAT:
        outbox.move_chat(message.chat_id, chats.moved(message.chat_id, error.moved_to))
    if message.channel == Channel.EMAIL:
        wait = policy.mail_wait(message.attempts)
    elif message.channel == Channel.CHAT:
        wait = policy.chat_wait(message.attempts, retry_after=error.retry_after)
    else:
        wait = policy.backoff(message.attempts, retry_after=error.retry_after)
    if wait is None:
        _end(message, State.FAILED, now, error=error.text)
        return
    if error.retry_after:
        outbox.hold_chat(message.chat_id, now + timedelta(seconds=error.retry_after))
    if outbox.retry_at(message, now + wait, error.text):
        log.warning(
            "notification will be tried again",
            extra={**_about(message), "in_s": round(wait.total_seconds(), 1), "error": error.text},
        )


def _to_log(message: OutboxMessage, text: Text, now: datetime) -> None:
    """Without a bot or a chat the log is all there is. A code is shown there in development only."""
    why = "TELEGRAM_BOT_TOKEN is not set" if not telegram.configured() else "no Telegram chat id is known"
    if message.kind == Kind.CARD_EDIT:
        raise Undeliverable(f"the card could not be edited: {why}")
    secret = message.kind == Kind.OTP
    if secret and settings.DJANGO_ENV != "development":
        raise Undeliverable(f"the code could not be sent: {why}")
    lines = text.html if text.button is None else f"{text.html}\n{text.button.label}: {text.button.url}"
    who = message.admin_id or "everyone"
    if outbox.finish(message, State.LOGGED, now, error=why):
        log.warning("Telegram message for %s, written here because %s:\n%s", who, why, templates.plain(lines))
        _forget(message)


def _end(
    message: OutboxMessage, state: State, now: datetime, *, message_id: int | None = None, error: str = ""
) -> None:
    if outbox.finish(message, state, now, message_id=message_id, error=error) and state == State.SENT:
        log.info("notification sent", extra={**_about(message), "took_s": _age_s(message, now)})
    _forget(message)


def _forget(message: OutboxMessage) -> None:
    """The code is of no use any more. Without Redis it dies with its TTL."""
    if message.kind != Kind.OTP:
        return
    try:
        otp_delivery.drop(message.context.get("secret", ""))
    except StoreUnavailable:
        log.warning("one-time code not removed", extra=_about(message))


def _age_s(message: OutboxMessage, now: datetime) -> float:
    return round((now - message.created_at).total_seconds(), 1)


def _about(message: OutboxMessage) -> dict[str, object]:
    return {
        "notification_id": message.pk,
        "kind": message.kind,
        "channel": message.channel,
        "step": message.tier,
        "admin_id": message.admin_id,
        "attempts": message.attempts,
        "conversation": message.conversation,
    }
