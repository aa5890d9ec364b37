"""Telegram as the rest of the project knows it: whether there is a bot, send, edit.

The library behind it is imported with the first call: it takes a third of a process' start and 20 MB, and only those
who send have a use for it.
"""

import logging
import warnings
from dataclasses import dataclass

from django.conf import settings

from notifications.content.text import Text


@dataclass(frozen=True)
class Receipt:
    """Telegram took the message."""

    message_id: int


def configured() -> bool:
    """Whether there is a bot to send with."""
    return bool(settings.TELEGRAM_BOT_TOKEN)


def send(chat_id: str, text: Text) -> Receipt:
    """Sends one message; Telegram's receipt. Raises DeliveryError, after `SEND_TIMEOUT_SECS` at the latest."""
    from notifications.transports import bot_api

    return Receipt(bot_api.run(bot_api.send(chat_id, text)))


def edit(chat_id: str, message_id: int, text: Text) -> None:
    """Replaces a message's text and buttons. Raises DeliveryError, after `SEND_TIMEOUT_SECS` at the latest."""
    from notifications.transports import bot_api

    bot_api.run(bot_api.edit(chat_id, message_id, text))


def silence_library() -> None:
    """Keeps the libraries from logging request URLs, which hold the token, and message texts, which hold codes."""
    for name in ("httpx", "httpcore", "telegram", "apprise"):
        logging.getLogger(name).setLevel(logging.ERROR)
    # The library warns of its own use of an attribute whose type will change; we take either type.
    warnings.filterwarnings("ignore", message=".*retry_after")
    # We ask for raw updates on purpose, see bot/api.py.
    warnings.filterwarnings("ignore", message=".*do_api_request")
