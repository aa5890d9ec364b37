"""Who takes a message that a customer left when "I take it" is pressed, and what the presser reads."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from accounts.models import Operator
from messages_left import work
from messages_left.models import Message
from messages_left.work import Answer, Outcome
from notifications.telling.recipients import Contact

SILENT = (Outcome.WON, Outcome.MINE)
"""Read in passing, as in `bot.accept_button`."""
MAY = "messages_left.change_message"


def take(message: str, operators: Sequence[Contact]) -> Answer:
    """For the first of those who share this Telegram account that may work with messages. Raises DatabaseError."""
    known = Operator.objects.filter(username__in=[one.admin_id for one in operators], is_active=True)
    by = next((one for one in known.order_by("username") if one.has_perm(MAY)), None)
    return Answer(Outcome.GONE) if by is None else work.take(message, by)


def notification(message: str) -> str:
    """Under which name operators were told of it."""
    return Message(pk=message).notification


def text(answer: Answer) -> str:
    """In the language in force."""
    by = {"name": answer.by or "–"}
    match answer.outcome:
        case Outcome.WON | Outcome.MINE:
            return "✅ " + _("This message is yours. Answer it in the admin.")
        case Outcome.TAKEN:
            return _("Message taken by %(name)s") % by
        case Outcome.DONE:
            return _("Message done by %(name)s") % by
        case _:
            return _("This message is not there any more.")
