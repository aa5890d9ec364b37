"""What Telegram brings, to whom it concerns: what customers write and press, and presses of operators."""

from __future__ import annotations

import logging

from bot import accept_button, customers
from bot.updates import Update

log = logging.getLogger(__name__)


def handle(update: Update, *, late: bool = False) -> None:
    """Does what an update asks for and answers it. Raises nothing. `late`: it may be minutes old, so nobody is claimed
    with it; what customers ask for counts however late it comes."""
    press, message = update.callback_query, update.message
    if press is not None and customers.pressed(press.data) is None:
        accept_button.handle(update, late=late)
        return
    try:
        if press is not None:
            customers.press(press, update.update_id)
        elif message is not None:
            customers.hear(message, update.update_id)
    except Exception:
        # The database is out, or a fault of ours. One update must not stop all that follow.
        log.exception("what a customer asked the bot for came to nothing")
