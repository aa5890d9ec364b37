"""Somebody pressed Accept under a card, or "I take it": who is it, who gets the customer, or the message (bot/take.py),
what does the presser read.

Every press is answered, within Telegram's patience, whatever is out, but those of a stranger who presses without end
(bot/strangers.py). An update is handled at most once: one that killed its process is not tried again, because a press
is only worth something now; the operator presses again, and the same claim again is the same claim.
"""

import logging

from django.conf import settings
from django.db import DatabaseError
from django.utils import translation
from django.utils.translation import gettext as _

from bot import accept, api, seen, strangers, take
from bot.accept import Answer, Outcome
from bot.updates import ButtonPress, Person, Update
from infra.errors import StoreUnavailable
from infra.writing import language
from notifications import cards
from notifications.content import templates
from notifications.models import Standing
from notifications.sending import prompt
from notifications.telling import recipients
from notifications.telling.recipients import Contact
from notifications.transports.errors import DeliveryError

log = logging.getLogger(__name__)

ANSWER_ATTEMPTS = 2
# Read in passing, the card says it as well; the others are a window that has to be closed.
SILENT = (Outcome.WON, Outcome.TAKEN)
STANDINGS = {
    Outcome.WON: Standing.CLAIMED,
    Outcome.TAKEN: Standing.CLAIMED,
    Outcome.LEFT: Standing.LEFT,
    Outcome.EXPIRED: Standing.EXPIRED,
    Outcome.ENDED: Standing.ENDED,
}


def handle(update: Update, *, late: bool = False) -> None:
    """Does what an update asks for and answers it. Raises nothing. `late`: the press may be minutes old, so nothing is
    claimed."""
    press = update.callback_query
    if press is None:
        return
    try:
        _act(press, update.update_id, late)
    except Exception:
        # The database is out, or a fault of ours: the presser must not look at a spinner for it.
        log.exception("press came to nothing")
        _reply(press, [], Answer(Outcome.AGAIN))


def _act(press: ButtonPress, number: int, late: bool) -> None:
    conversation = templates.accepted_conversation(press.data)
    operators = recipients.of_chat(str(press.person.id))
    if (not operators and not _is_answered(press.person)) or not seen.first_time(number):
        return
    message = templates.taken_message(press.data)
    if message is not None and operators:
        _take(press, operators, message)
        return
    if conversation is None or not operators or late:
        _turn_away(press, operators, conversation)
        return
    answer, operator = _decide(conversation, operators)
    _reply(press, operators, answer)
    _bring_up_to_date(press, conversation, answer, operator)


def _is_answered(stranger: Person) -> bool:
    try:
        return strangers.may(stranger) and strangers.are_answered()
    except StoreUnavailable:
        return strangers.may_while_out(stranger, "press")


def _take(press: ButtonPress, operators: list[Contact], message: str) -> None:
    """However late it comes: nobody waits at the other end. The cards change in the same transaction."""
    with translation.override(_language(press.person, operators)):
        answer = take.take(message, operators)
        text = take.text(answer)
    log.info("take pressed", extra={"message_left": message, "outcome": str(answer.outcome)})
    _end_spinner(press, text, alert=answer.outcome not in take.SILENT)
    if press.message is not None and cards.show_notification_again(
        take.notification(message), press.message.message_id
    ):
        prompt.sweep_on_commit()


def _decide(conversation: str, operators: list[Contact]) -> tuple[Answer, Contact]:
    """Operators who share a Telegram account: the one who has a console open."""
    answer, operator = Answer(Outcome.AGAIN), operators[0]
    for operator in operators:
        answer = accept.accept(conversation, operator.admin_id)
        if answer.outcome != Outcome.OFFLINE:
            break
    log.info(
        "accept pressed",
        extra={"conversation": conversation, "admin_id": operator.admin_id, "outcome": str(answer.outcome)},
    )
    return answer, operator


def _turn_away(press: ButtonPress, operators: list[Contact], conversation: str | None) -> None:
    """For whom, or for what, nothing can be claimed."""
    with translation.override(_language(press.person, operators)):
        if not operators:
            text = _("This Telegram account belongs to no operator. Your administrator can store its chat id: %(chat)s")
            text %= {"chat": press.person.id}
        elif conversation is None:
            text = _("This button is not valid any more.")
        else:
            text = _("That reached us too late. Please press the button again.")
    _end_spinner(press, text, alert=True)
    if operators and conversation:
        _repair(press, conversation)


def _reply(press: ButtonPress, operators: list[Contact], answer: Answer) -> None:
    with translation.override(_language(press.person, operators)):
        text = _text(answer)
    _end_spinner(press, text, alert=answer.outcome not in SILENT)


def _text(answer: Answer) -> str:
    by = {"name": answer.by or "–"}
    match answer.outcome:
        case Outcome.WON:
            return "✅ " + _("This customer is yours. Go on in your console.")
        case Outcome.TAKEN:
            return _("Taken by %(name)s") % by
        case Outcome.LEFT:
            return _("The customer has left")
        case Outcome.EXPIRED:
            return _("The customer waited too long and was taken out of the queue")
        case Outcome.ENDED:
            return _("Conversation over, taken by %(name)s") % by
        case Outcome.GONE:
            return _("This customer is not waiting any more.")
        case Outcome.BUSY:
            return _("You are in a conversation. Finish it first, then press again.")
        case Outcome.OFFLINE:
            return _("Open your console first, then press again: %(url)s") % {"url": _console()}
        case Outcome.AWAY:
            return _("This customer has left the page and is called when it is their turn.")
        case _:
            return _("That is not possible just now. Please try again in a moment.")


def _end_spinner(press: ButtonPress, text: str, *, alert: bool) -> None:
    """Tries twice: Telegram forgets a press after some seconds, so later tries are in vain."""
    for attempt in range(1, ANSWER_ATTEMPTS + 1):
        try:
            api.answer(press.id, text, alert=alert)
            return
        except DeliveryError as error:
            log.warning("press not answered", extra={"attempt": attempt, "error": error.text})
            if error.permanent or error.retry_after:
                return


def _bring_up_to_date(press: ButtonPress, conversation: str, answer: Answer, operator: Contact) -> None:
    """The cards of all chats, without waiting for the journal, which would tell the same a second later."""
    standing = STANDINGS.get(answer.outcome)
    try:
        if standing is not None:
            by = operator.name or operator.admin_id if answer.outcome == Outcome.WON else answer.by
            if cards.change(conversation, standing, by):
                prompt.sweep_on_commit()
    except DatabaseError:
        log.warning("cards not changed now, the journal will", extra={"conversation": conversation})
        return
    if answer.outcome not in (Outcome.WON, Outcome.BUSY, Outcome.OFFLINE, Outcome.AWAY, Outcome.AGAIN):
        _repair(press, conversation)


def _repair(press: ButtonPress, conversation: str) -> None:
    """The presser still sees a button that is of no use any more."""
    try:
        if press.message is not None and cards.show_again(conversation, press.message.message_id):
            prompt.sweep_on_commit()
    except DatabaseError:
        log.warning("card not repaired", extra={"conversation": conversation})


def _language(person: Person, operators: list[Contact]) -> str:
    """The operator's; a stranger's as Telegram tells it, if we speak it."""
    if operators:
        return operators[0].language or settings.LANGUAGE_CODE
    return language.of_page(person.language_code) or settings.LANGUAGE_CODE


def _console() -> str:
    return f"{str(settings.PUBLIC_URL or '').rstrip('/')}{templates.CONSOLE_PATH}"
