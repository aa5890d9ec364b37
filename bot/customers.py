"""Customers who talk with the bot: they come by a link of their page, and want to be called here
(queueing/callbacks/by_telegram.py).

Everybody else may write to it, too: whoever does is charged before anything is looked at, reads what this bot is, and
learns nothing. Whose language is not known from their page is answered in that of their Telegram.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.db import DatabaseError
from django.utils import translation
from django.utils.html import escape
from django.utils.translation import gettext as _

from bot import api, seen, strangers
from bot.updates import ButtonPress, Message, Person
from infra.errors import StoreUnavailable
from infra.writing import language
from notifications.content.text import AcceptButton, Text
from notifications.transports import telegram
from notifications.transports.errors import DeliveryError
from queueing.callbacks import by_telegram, chats
from queueing.callbacks.by_telegram import Linked, Stopped

log = logging.getLogger(__name__)

START = re.compile(r"/start(?:@\w{1,64})?(?:\s+(\S{1,64}))?\s*")
STOP = re.compile(r"/stop(?:@\w{1,64})?\s*", re.IGNORECASE)
PRESSED = re.compile(r"(leave!?):([A-Za-z0-9_.-]{1,57})")


@dataclass(frozen=True)
class Pressed:
    """A button of ours that gives a place up. `sure`: they were asked whether they are."""

    conversation: str
    sure: bool


def pressed(data: str) -> Pressed | None:
    """None for a button that is not for customers."""
    match = PRESSED.fullmatch(data)
    return Pressed(match[2], match[1] == "leave!") if match else None


def hear(message: Message, update: int) -> None:
    """`update`: its number. Raises DatabaseError."""
    person = message.person
    try:
        if not strangers.may(person) or not seen.first_time(update):
            return
        if not message.is_private:
            _refuse_group(message)
        elif match := START.fullmatch(message.text):
            _start(person, match[1])
        elif STOP.fullmatch(message.text):
            _stop(person)
        else:
            _introduce(person)
    except StoreUnavailable:
        if strangers.may_while_out(person, "message"):
            _say(message.chat.id, _theirs(person), lambda: Text(escape(_not_now())))


def press(press: ButtonPress, update: int) -> None:
    """`update`: its number. Raises nothing that Telegram or a store does."""
    found, spoken = pressed(press.data), _theirs(press.person)
    if found is None:
        return
    try:
        if not strangers.may(press.person) or not seen.first_time(update):
            return
        spoken = _language_of(found.conversation) or spoken
        text = _give_up(press, found, spoken)
    except StoreUnavailable:
        if not strangers.may_while_out(press.person, "press"):
            return
        with translation.override(spoken):
            text = _not_now()
    _end_spinner(press, text)


def _start(person: Person, token: str | None) -> None:
    if token is None:
        _introduce(person)
        return
    answer = by_telegram.link(token, person.id)
    log.info("start heard", extra={"outcome": str(answer.outcome)})
    # That the place is kept is said by the outbox, with everything that one has: retries, and the language of the page.
    if answer.outcome == Linked.DONE or (answer.outcome == Linked.OLD and not strangers.are_answered()):
        return
    _say(person.id, answer.language or _theirs(person), lambda: Text(escape(_refusal(answer.outcome))))


def _refusal(outcome: Linked) -> str:
    match outcome:
        case Linked.OVER:
            return _("Nobody waits there any more. If you still need us, join the queue again on the page.")
        case Linked.FULL:
            return _("No more calls can be promised here now. Please keep the page open: your place is kept.")
        case _:
            return _("This link was used already, or is too old. Ask for a new one on the page where you wait.")


def _stop(person: Person) -> None:
    stopped = by_telegram.stop(person.id)
    if stopped == Stopped.NOTHING and not strangers.are_answered():
        return

    def text() -> Text:
        match stopped:
            case Stopped.BY_MAIL:
                more = _("Your place is kept: we write to your e-mail address instead.")
            case Stopped.ON_PAGE:
                more = _("Your place is kept while you wait on the page.")
            case _:
                more = ""
        return Text(escape(f"{_('We do not write to you here any more.')} {more}".strip()))

    _say(person.id, _theirs(person), text)


def _introduce(person: Person) -> None:
    if strangers.are_answered():
        _say(person.id, _theirs(person), lambda: Text(escape(_what_this_is())))


def _what_this_is() -> str:
    return _(
        "This bot tells customers when it is nearly their turn. Wait on our page, and choose there to be called on "
        "Telegram. What is written here is read by nobody."
    )


def _refuse_group(message: Message) -> None:
    """Whoever reads there could take the place. The token stays good, for the chat that it is for."""
    if START.fullmatch(message.text) and message.text.strip() != "/start" and strangers.are_answered():
        _say(message.chat.id, _theirs(message.person), lambda: Text(escape(_private_alone())))


def _private_alone() -> str:
    return _("This works in a private chat alone. Open the link of the page yourself.")


def _give_up(press: ButtonPress, found: Pressed, spoken: str) -> str:
    """What the presser reads at once. Whose chat is not called for it can do nothing."""
    chat = press.person.id
    with translation.override(spoken):
        if not by_telegram.holds(found.conversation, chat):
            return _("This place is not kept any more.")
        if not found.sure:
            question = _("Give up your place? Somebody else takes it, and you would have to begin anew.")
            data = chats.give_up_data(found.conversation, sure=True)
            _say(chat, spoken, lambda: Text(escape(question), below=AcceptButton(_("Yes, give it up"), data)))
            return ""
        if not by_telegram.give_up(found.conversation, chat):
            return _("This place is not kept any more.")
        log.info("place given up", extra={"conversation": found.conversation})
        given_up = _("You have given up your place. Nothing more comes.")
        _replace(press, Text(f"🚪 {escape(given_up)}"))
        return given_up


def _replace(press: ButtonPress, text: Text) -> None:
    """Of the message whose button is of no use any more."""
    if press.message is None:
        return
    try:
        telegram.edit(str(press.person.id), press.message.message_id, text)
    except DeliveryError as error:
        log.warning("message not changed", extra={"error": error.text})


def _say(chat: int, spoken: str, text: Callable[[], Text]) -> None:
    """Once: whoever hears nothing asks again."""
    with translation.override(spoken):
        words = text()
    try:
        api.say(chat, words)
    except DeliveryError as error:
        log.warning("not answered", extra={"error": error.text})


def _end_spinner(press: ButtonPress, text: str) -> None:
    try:
        api.answer(press.id, text, alert=bool(text))
    except DeliveryError as error:
        log.warning("press not answered", extra={"error": error.text})


def _not_now() -> str:
    return _("That is not possible just now. Please try again in a moment.")


def _language_of(conversation: str) -> str:
    try:
        return by_telegram.language_of(conversation)
    except DatabaseError:
        return ""


def _theirs(person: Person) -> str:
    return language.of_page(person.language_code) or settings.LANGUAGE_CODE
