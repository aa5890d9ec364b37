"""What other apps call: put a notification into the outbox. Nothing here talks to Telegram."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from infra.logs import trace
from notifications import cards
from notifications.content import otp_delivery, templates
from notifications.models import CARDED, OPEN_STATES, Card, Channel, Kind, OutboxMessage, Standing, State, Tier
from notifications.sending import outbox, prompt
from notifications.telling import escalation, factory, pushes
from notifications.telling import recipients as known
from notifications.telling.recipients import Recipient, Recipients
from notifications.transports import chats


def enqueue(
    kind: str, *, context: dict[str, Any], dedupe_key: str, recipients: Recipients | None = None
) -> list[OutboxMessage]:
    """Adds one outbox row per recipient, inside the caller's database transaction.

    `recipients` None means the first step of the escalation that has any. A customer who joined gets a card, which
    the escalation and edits follow, and so does a message that one left. The browsers that operators subscribed get a
    row each, too. The same `dedupe_key` again changes nothing and returns the rows that exist. `context` is checked
    against the kind (`messages.CustomerJoined`); ValueError for one that does not fit. Without any recipient one row of
    channel `log` is made, so that it stays visible that nobody was told.
    """
    checked = _traced(templates.check_context(kind, context))
    existing = list(OutboxMessage.objects.filter(notification=dedupe_key))
    if existing:
        return existing
    if recipients is None:
        contacts = known.of_line(checked.get("line"))
        tier, targets = escalation.first_step(contacts)
        told = known.of_step(Tier.OPERATOR, among=contacts)
    else:
        tier, targets, told = Tier.OPERATOR, recipients, [target.admin_id for target in recipients]
    card = _card(kind, checked, dedupe_key, tier) if kind in CARDED else None
    factory.add(
        [
            *pushes.rows(kind, told, checked, dedupe_key),
            *(factory.make(kind, target, checked, dedupe_key, card) for target in targets or [factory.NOBODY]),
        ]
    )
    prompt.sweep_on_commit()
    return list(OutboxMessage.objects.filter(notification=dedupe_key))


def conversation_changed(conversation: str, standing: str, by: str = "") -> None:
    """Tells how it stands with a customer (`models.Standing`: claimed, left, expired, ended).

    Every message about them is brought up to date. `by` is the name of the operator who took the customer. Repeated or
    late news changes nothing: a card only moves forward. Part of the caller's transaction.
    """
    if cards.change(conversation, Standing(standing), by):
        prompt.sweep_on_commit()


def message_changed(notification: str, standing: Standing, by: str = "") -> None:
    """Tells how it stands with a message that was left: every chat's card is brought up to date. Part of the
    transaction that changes the message."""
    if cards.show(notification, standing, by):
        prompt.sweep_on_commit()


def send_reply(reply: int, address: str, language: str) -> str:
    """Sends an operator's reply to an address (`infra.mail.address`); the name under which `state_of` finds it. Part
    of the caller's transaction. Its text is written when it is sent; the address goes when the delivery has ended."""
    name = f"reply:{uuid4().hex}"
    _to_customer(Kind.REPLY, Channel.EMAIL, name, language, {"address": address, "reply": reply})
    return name


def send_transcript(conversation: str, address: str, language: str) -> None:
    """Sends a conversation's chat to an address, as `send_reply` sends a reply."""
    context = {"address": address, "conversation": conversation}
    _to_customer(Kind.TRANSCRIPT, Channel.EMAIL, f"transcript:{uuid4().hex}", language, context)


def call_back(conversation: str, call: int, address: str, language: str) -> None:
    """Tells a customer who has left the page that it is nearly their turn: one letter for each `call`, whatever is
    repeated. Part of the caller's transaction; its text is written when it is sent."""
    context = {"address": address, "conversation": conversation, "call": call}
    _to_customer(Kind.CALLBACK, Channel.EMAIL, _call(conversation, call), language, context)


def call_back_by_push(conversation: str, call: int, browser: str, language: str) -> None:
    """The same to a browser, whose `browsers.Keeper` knows it by that name; beside a letter of the same `call`, or in
    its place."""
    context = {"browser": browser, "conversation": conversation, "call": call}
    _to_customer(Kind.CALLBACK, Channel.PUSH, _call(conversation, call), language, context, about=conversation)


def call_back_in_chat(conversation: str, call: int, chat: str, language: str) -> None:
    """The same in a chat with the bot, whose `private_chats.Keeper` knows it by that name."""
    context = {"chat": chat, "conversation": conversation, "call": call}
    _to_customer(Kind.CALLBACK, Channel.CHAT, _call(conversation, call), language, context, about=conversation)


def confirm_callback(conversation: str, asked: int, address: str, language: str) -> None:
    """Tells a customer that their place is kept: one letter for each time that they `asked` (ms). Part of the caller's
    transaction; its text is written when it is sent."""
    context = {"address": address, "conversation": conversation}
    _to_customer(Kind.CALLBACK_KEPT, Channel.EMAIL, _kept(conversation, asked), language, context)


def confirm_callback_in_chat(conversation: str, asked: int, chat: str, language: str) -> None:
    """The same in a chat, as `call_back_in_chat`."""
    context = {"chat": chat, "conversation": conversation}
    _to_customer(Kind.CALLBACK_KEPT, Channel.CHAT, _kept(conversation, asked), language, context, about=conversation)


def write_appointment(appointment: str, what: str, sequence: int, address: str, language: str) -> None:
    """Tells a customer what has become of a time that they chose: one letter for each `what` of each `sequence`. Part
    of the caller's transaction; its text is written when it is sent."""
    context = {"address": address, "appointment": appointment, "what": what, "sequence": sequence}
    _to_customer(Kind.APPOINTMENT, Channel.EMAIL, _step(appointment, what, sequence), language, context)


def remind_by_push(appointment: str, what: str, sequence: int, browser: str, language: str) -> None:
    """The same to a browser, whose `browsers.Keeper` knows it by that name; beside the letter."""
    name = _step(appointment, what, sequence)
    context = {"browser": browser, "appointment": appointment, "what": what, "sequence": sequence}
    _to_customer(Kind.APPOINTMENT, Channel.PUSH, name, language, context, about=appointment)


def _call(conversation: str, call: int) -> str:
    return f"callback:{conversation}:{call}"


def _kept(conversation: str, asked: int) -> str:
    return f"callback:{conversation}:kept:{asked}"


def _step(appointment: str, what: str, sequence: int) -> str:
    return f"appointment:{appointment}:{what}:{sequence}"


def _to_customer(
    kind: Kind, channel: Channel, name: str, language: str, context: dict[str, Any], about: str = ""
) -> None:
    """One row for each `name` and channel, whatever is repeated. `about`: whose browser or chat it is, for what goes
    to one."""
    factory.add([factory.make_for_customer(kind, channel, about, language, _traced(context), name)])
    prompt.sweep_on_commit()


def remind_of_appointment(
    appointment: str, sequence: int, *, name: str, topic: str, starts: datetime, line: str, to: str = ""
) -> None:
    """Tells operators that a customer comes soon: `to` alone, where that operator has taken it, else those whom a new
    customer of the line is told. Part of the caller's transaction."""
    owner = known.operator(to) if to else None
    context = {"name": name, "topic": topic, "starts": starts, "line": line}
    enqueue(
        Kind.APPOINTMENT_SOON,
        context=context,
        dedupe_key=_step(appointment, "soon", sequence),
        recipients=[owner] if owner else None,
    )


def states_of(notifications: Iterable[str]) -> dict[str, State]:
    """By the name of a notification to one recipient: how its delivery stands."""
    rows = OutboxMessage.objects.filter(notification__in=list(notifications))
    return {name: State(state) for name, state in rows.values_list("notification", "state")}


def send_otp(
    admin_id: str, chat_id: str | None, language: str, code: str, asker: str = "", ttl_secs: float | None = None
) -> OutboxMessage:
    """Sends a one-time code by the same road. The code goes under a Redis key that dies with it; the row has its name.

    `asker` names the browser that asked: an earlier code that is still on its way there is dropped, those of others
    are not. Raises StoreUnavailable without Redis.
    """
    ttl = float(ttl_secs if ttl_secs is not None else settings.OTP_TTL_SECS)
    secret = otp_delivery.put(code, ttl)
    expires = timezone.now() + timedelta(seconds=ttl)
    target = Recipient(admin_id, chats.current(str(chat_id or "")), language or settings.LANGUAGE_CODE)
    context = _traced({"secret": secret, "expires_at": expires.isoformat(), "ttl_s": ttl, "asker": asker})
    with transaction.atomic():
        older = OutboxMessage.objects.filter(kind=Kind.OTP, admin_id=admin_id, context__asker=asker)
        older = older.filter(state__in=OPEN_STATES)
        stale = [row.context["secret"] for row in older]
        older.update(state=State.FAILED, claim="", last_error="replaced by a newer code")
        row = factory.make(Kind.OTP, target, context, f"otp:{secret}")
        row.save()
        prompt.sweep_on_commit()
        transaction.on_commit(lambda: otp_delivery.drop(*stale))
    return row


def send_test(admin_id: str) -> OutboxMessage | None:
    """Puts a test message to one operator into the outbox; None when there is no such operator."""
    target = known.operator(admin_id)
    if target is None:
        return None
    rows = enqueue(Kind.TEST, context={}, dedupe_key=f"test:{uuid4().hex}", recipients=[target])
    return next(row for row in rows if row.channel != Channel.PUSH)


def not_answered(admin_id: str, conversation: str, name: str, *, dedupe_key: str) -> None:
    """Tells an operator that a customer went back into the queue and that they are on a break since. Part of the
    caller's transaction; nobody is told where there is no such operator any more."""
    target = known.operator(admin_id)
    if target is not None:
        context = {"conversation": conversation, "name": name}
        enqueue(Kind.UNANSWERED, context=context, dedupe_key=dedupe_key, recipients=[target])


def last_transcript(conversation: str) -> OutboxMessage | None:
    """The one that was asked for last."""
    return OutboxMessage.objects.filter(conversation=conversation, kind=Kind.TRANSCRIPT).order_by("-id").first()


def resend(message: OutboxMessage) -> bool:
    """Makes a finished message due again, with fresh attempts. False for one still under way, for a code, and for a
    transcript: a new one must be asked for."""
    opened = outbox.reopen(message, timezone.now())
    if opened:
        prompt.sweep_on_commit()
    return opened


def _traced(context: dict[str, Any]) -> dict[str, Any]:
    """With the request id that is bound here, so that the delivery's log lines carry it."""
    request_id = trace.request_id()
    return {**context, "trace": request_id} if request_id else context


def _card(kind: str, context: dict[str, Any], notification: str, tier: Tier) -> Card:
    since = parse_datetime(context.get("since") or "") or timezone.now()
    waits = kind == Kind.CUSTOMER_JOINED
    fields = {
        "kind": kind,
        "conversation": context.get("conversation", ""),
        "context": context,
        "tier": tier,
        "escalate_at": escalation.deadline(since) if waits else None,
    }
    return Card.objects.get_or_create(notification=notification, defaults=fields)[0]
