"""The texts, per kind and language. Everything a customer typed is escaped here and nowhere else."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from html import unescape
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone, translation
from django.utils.html import escape, strip_tags
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from infra.writing.text import isolate
from notifications.content import links
from notifications.content.text import AcceptButton, Button, Text
from notifications.models import UNCLAIMED, Card, Kind, Standing

NAME_LENGTH = 80
TOPIC_LENGTH = 300
CONSOLE_PATH = "/admin/open/console/"
MESSAGE_PATH = "/admin/open/message/{message}/"
ACCEPT_DATA = re.compile(r"accept:([A-Za-z0-9_.-]{1,57})")
TAKE_DATA = re.compile(r"take:([A-Za-z0-9_-]{1,32})")
"""Together at most 64 bytes, which is all that Telegram lets a button carry."""


class CustomerJoined(BaseModel):
    """Context of `customer_joined`. `since` is when the customer joined: a datetime, an ISO string or milliseconds
    since 1970; `position` 1 is next in queue, `waiting` counts the whole queue with this customer. `line`: the key of
    the department, "" is the default one; None: written before there were any, everybody is told."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)

    name: str = ""
    topic: str = ""
    position: int = Field(default=1, ge=0)
    waiting: int = Field(default=1, ge=0)
    since: datetime | None = None
    conversation: str = ""
    line: str | None = None
    line_name: str = ""


class Otp(BaseModel):
    """Context of `otp`: where the code lies, never the code. `expires_at` is when it can no longer be used; `asker`
    is a digest that names the browser which asked."""

    secret: str
    expires_at: datetime
    ttl_s: float
    asker: str = ""


class AccountChanged(BaseModel):
    """Context of `account_changed`: which fields of that operator `by` changed; none of them when it was deleted."""

    account: str
    fields: list[str] = []
    by: str = ""


class Unanswered(BaseModel):
    """Context of `unanswered`: the customer who went back into the queue."""

    name: str = ""
    conversation: str


class Transcript(BaseModel):
    """Context of `transcript`: where it goes. What it says is written when it is sent (`letters`)."""

    address: str
    conversation: str


class MessageLeft(BaseModel):
    """Context of `message_left`: who left it, and how it begins (`topic`)."""

    message: str
    name: str = ""
    topic: str = ""
    conversation: str = ""


class Reply(BaseModel):
    """Context of `reply`: where it goes, and which reply it is. What it says is written when it is sent."""

    address: str
    reply: int


class Callback(BaseModel):
    """Context of `callback`: where it goes (an address, or the name of a browser or a chat), whom it calls, and the how
    manieth time (1 is the first)."""

    address: str = ""
    browser: str = ""
    chat: str = ""
    conversation: str
    call: int


class CallbackKept(BaseModel):
    """Context of `callback_kept`: where it goes, as that of `callback`, and whose place is kept."""

    address: str = ""
    chat: str = ""
    conversation: str


class Appointment(BaseModel):
    """Context of `appointment`: where it goes (an address, or the name of a browser), which one it is, and what it
    says (`booked`, `moved`, …)."""

    address: str = ""
    browser: str = ""
    appointment: str
    what: str
    sequence: int


class AppointmentSoon(BaseModel):
    """Context of `appointment_soon`: who comes, and when. `line` as that of `customer_joined`."""

    name: str = ""
    topic: str = ""
    starts: datetime
    line: str | None = None


class Nothing(BaseModel):
    """Context of `test`."""


CONTEXTS: dict[str, type[BaseModel]] = {
    Kind.CUSTOMER_JOINED: CustomerJoined,
    Kind.OTP: Otp,
    Kind.TEST: Nothing,
    Kind.ACCOUNT_CHANGED: AccountChanged,
    Kind.CARD_EDIT: Nothing,
    Kind.TRANSCRIPT: Transcript,
    Kind.UNANSWERED: Unanswered,
    Kind.MESSAGE_LEFT: MessageLeft,
    Kind.REPLY: Reply,
    Kind.CALLBACK: Callback,
    Kind.CALLBACK_KEPT: CallbackKept,
    Kind.APPOINTMENT: Appointment,
    Kind.APPOINTMENT_SOON: AppointmentSoon,
}


def check_context(kind: str, context: dict[str, Any]) -> dict[str, Any]:
    """The context as it is stored (plain JSON values). ValueError for an unknown kind or one that does not fit."""
    try:
        return _model(kind).model_validate(context).model_dump(mode="json")
    except ValidationError as error:
        raise ValueError(f"context of {kind} does not fit: {error.errors(include_input=False)}") from None


def render(kind: str, language: str, context: dict[str, Any], code: str = "") -> Text:
    """The text of a message in the recipient's language; `code` only for kind `otp`."""
    data = _model(kind).model_validate(context)
    with translation.override(language or settings.LANGUAGE_CODE):
        text = _RENDERERS[kind](data, code)
    return links.with_allowed_only(text) if kind == Kind.OTP else text


def render_card(card: Card, language: str) -> Text:
    """The message about a customer, or about what one left, as it stands now, in the recipient's language."""
    if card.kind == Kind.MESSAGE_LEFT:
        with translation.override(language or settings.LANGUAGE_CODE):
            return _message_card(card, MessageLeft.model_validate(card.context))
    data = CustomerJoined.model_validate(card.context)
    with translation.override(language or settings.LANGUAGE_CODE):
        if card.standing == Standing.WAITING:
            return replace(_customer_joined(data, ""), accept=_accept(card))
        icon, headline = _headline(card)
        lines = [f"{icon} <b>{headline}</b>", *_customer(data)]
        if card.standing == Standing.OVERDUE:
            lines += _since(data)
            text = _with_link("\n".join(lines), _("Open the console"), CONSOLE_PATH)
            return replace(text, accept=_accept(card))
        return replace(_with_link("\n".join(lines), _("Open the console"), CONSOLE_PATH), silent=True)


def accept_data(conversation: str) -> str:
    """What the Accept button of this customer carries; empty for an id that does not fit into a button."""
    data = f"accept:{conversation}"
    return data if ACCEPT_DATA.fullmatch(data) else ""


def accepted_conversation(data: str) -> str | None:
    """The conversation that a button carries; None for anything that is none of our buttons."""
    match = ACCEPT_DATA.fullmatch(data)
    return match[1] if match else None


def take_data(message: str) -> str:
    """What the button carries that takes a message; empty for an id that does not fit into a button."""
    data = f"take:{message}"
    return data if TAKE_DATA.fullmatch(data) else ""


def taken_message(data: str) -> str | None:
    """The message that a button carries; None for anything else."""
    match = TAKE_DATA.fullmatch(data)
    return match[1] if match else None


def _message_card(card: Card, data: MessageLeft) -> Text:
    is_open = card.standing in UNCLAIMED
    text = _message_left(data, "") if is_open else _message_gone_on(card, data)
    carried = take_data(data.message)
    return replace(text, accept=AcceptButton("✋ " + _("I take it"), carried) if is_open and carried else None)


def _message_gone_on(card: Card, data: MessageLeft) -> Text:
    name = {"name": _typed(card.by, NAME_LENGTH) or "–"}
    taken = card.standing == Standing.CLAIMED
    headline = _("Message taken by %(name)s") % name if taken else _("Message done by %(name)s") % name
    lines = [f"{'✅' if taken else '☑️'} <b>{headline}</b>", *_customer(data)]
    return replace(_with_link("\n".join(lines), _("Open the message"), _message_path(data)), silent=True)


def _message_left(data: MessageLeft, code: str) -> Text:
    lines = [f"✉️ <b>{_('Somebody left a message')}</b>", *_customer(data)]
    return _with_link("\n".join(lines), _("Open the message"), _message_path(data))


def _message_path(data: MessageLeft) -> str:
    return MESSAGE_PATH.format(message=data.message)


def _accept(card: Card) -> AcceptButton | None:
    data = accept_data(card.conversation)
    return AcceptButton("✋ " + _("Accept"), data) if data else None


def _headline(card: Card) -> tuple[str, str]:
    name = {"name": _typed(card.by, NAME_LENGTH) or "–"}
    return {
        Standing.OVERDUE: ("⏳", _("A customer is still waiting, nobody has come")),
        Standing.CLAIMED: ("✅", _("Taken by %(name)s") % name),
        Standing.LEFT: ("🚪", _("The customer has left")),
        Standing.LOST: ("🔌", _("The customer's connection was lost and did not come back")),
        Standing.REMOVED: ("🚫", _("The customer was taken out of the queue")),
        Standing.EXPIRED: ("⌛", _("The customer waited too long and was taken out of the queue")),
        Standing.ENDED: ("☑️", _("Conversation over, taken by %(name)s") % name),
    }[Standing(card.standing)]


def _model(kind: str) -> type[BaseModel]:
    if kind not in CONTEXTS:
        raise ValueError(f"unknown kind of notification: {kind}")
    return CONTEXTS[kind]


def _customer_joined(data: CustomerJoined, code: str) -> Text:
    title = _("A new customer is waiting")
    place = ngettext(
        "Position %(position)d, %(waiting)d customer is waiting",
        "Position %(position)d, %(waiting)d customers are waiting",
        data.waiting,
    )
    line = "🔢 " + place % {"position": data.position, "waiting": data.waiting}
    lines = [f"🔔 <b>{title}</b>", *_customer(data), line, *_since(data)]
    return _with_link("\n".join(lines), _("Open the console"), CONSOLE_PATH)


def _customer(data: CustomerJoined | MessageLeft | AppointmentSoon) -> list[str]:
    lines = [f"👤 {_typed(data.name, NAME_LENGTH) or _('Guest')}"]
    if data.topic.strip():
        lines.append(f"💬 {_typed(data.topic, TOPIC_LENGTH)}")
    if isinstance(data, CustomerJoined) and data.line_name:
        lines.append(f"🏷️ {_typed(data.line_name, NAME_LENGTH)}")
    return lines


def _since(data: CustomerJoined) -> list[str]:
    if data.since is None:
        return []
    moment = timezone.localtime(_aware(data.since))
    return ["⏰ " + _("Waiting since %(time)s") % {"time": moment.strftime("%H:%M:%S")}]


def _otp(data: Otp, code: str) -> Text:
    minutes = max(1, round(data.ttl_s / 60))
    valid = ngettext("Valid for %(minutes)d minute.", "Valid for %(minutes)d minutes.", minutes) % {"minutes": minutes}
    title = _("Your one-time sign-in code")
    warning = _("Give it to nobody. If you did not ask for it, ignore this message.")
    return Text(f"🔐 <b>{title}</b>\n<code>{escape(code)}</code>\n{valid}\n{warning}")


def _test(data: Nothing, code: str) -> Text:
    title, body = _("Test message"), _("Notifications of new customers reach this chat.")
    return _with_link(f"✅ <b>{title}</b>\n{body}", _("Open the console"), CONSOLE_PATH)


def _account_changed(data: AccountChanged, code: str) -> Text:
    labels = {
        "username": _("admin ID"),
        "name": _("name"),
        "chat_id": _("Telegram chat"),
        "language": _("language"),
        "is_backup": _("backup"),
        "is_active": _("active"),
        "is_staff": _("console"),
        "is_superuser": _("superuser"),
        "groups": _("groups"),
        "user_permissions": _("permissions"),
    }
    title = _("Your operator account was changed") if data.fields else _("Your operator account was deleted")
    lines = [f"⚠️ <b>{title}</b>", f"👤 {_typed(data.account, NAME_LENGTH)}"]
    if data.fields:
        lines.append("✏️ " + ", ".join(str(labels.get(name, name)) for name in data.fields))
    lines.append(_("By: %(who)s") % {"who": _typed(data.by, NAME_LENGTH)})
    lines.append(_("If this is not right, tell whoever runs this service at once."))
    return Text("\n".join(lines))


def _unanswered(data: Unanswered, code: str) -> Text:
    who = _typed(data.name, NAME_LENGTH) or _("Guest")
    title = _("You did not answer")
    body = _("The customer is next in the queue again, and you are on a break. Go on shift when you are back.")
    return _with_link(f"📵 <b>{title}</b>\n👤 {who}\n{body}", _("Open the console"), CONSOLE_PATH)


def _appointment_soon(data: AppointmentSoon, code: str) -> Text:
    at = timezone.localtime(_aware(data.starts)).strftime("%H:%M")
    lines = [f"📅 <b>{_('A customer comes at %(time)s') % {'time': at}}</b>", *_customer(data)]
    return _with_link("\n".join(lines), _("Open the console"), CONSOLE_PATH)


_RENDERERS: dict[str, Callable[[Any, str], Text]] = {
    Kind.CUSTOMER_JOINED: _customer_joined,
    Kind.OTP: _otp,
    Kind.TEST: _test,
    Kind.ACCOUNT_CHANGED: _account_changed,
    Kind.UNANSWERED: _unanswered,
    Kind.MESSAGE_LEFT: _message_left,
    Kind.APPOINTMENT_SOON: _appointment_soon,
}


def _with_link(html: str, label: str, path: str) -> Text:
    """Adds the link as a button, or as text where Telegram would refuse the whole message for it (localhost)."""
    base = str(settings.PUBLIC_URL or "").rstrip("/")
    if not base:
        return Text(html)
    url = f"{base}{path}"
    if "." in (urlsplit(base).hostname or ""):
        return Text(html, Button(label, url))
    return Text(f"{html}\n{escape(label)}: {escape(url)}")


def _typed(text: str, length: int) -> str:
    """What a person typed: on one line, cut, isolated, escaped."""
    line = " ".join(text.split())
    return escape(isolate(line if len(line) <= length else line[: length - 1] + "…"))


def _aware(moment: datetime) -> datetime:
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)


def plain(html: str) -> str:
    """A rendered message without its tags, for a log that a person reads."""
    return unescape(strip_tags(html))
