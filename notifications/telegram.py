"""The Telegram Bot API, as far as we need it: send one message, and know whether trying again can help.

Each call runs in its own short event loop, because the library is asynchronous and a Celery task is not.
"""

import asyncio
import logging
import warnings
from dataclasses import dataclass

import telegram
from django.conf import settings
from telegram.constants import ParseMode
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, RetryAfter, TelegramError
from telegram.request import HTTPXRequest
from telegram.warnings import PTBDeprecationWarning

from notifications.messages import Text
from notifications.policy import SEND_TIMEOUT_SECS

CONNECT_TIMEOUT_SECS = 5.0
READ_TIMEOUT_SECS = 10.0


@dataclass(frozen=True)
class Receipt:
    """Telegram took the message."""

    message_id: int


class DeliveryError(Exception):
    """Telegram did not take the message. `text` is safe to store and show: it holds neither token nor message.

    `permanent`: trying again cannot help. `blocked`: the recipient shut the bot out. `retry_after`: seconds Telegram
    asks for. `moved_to`: the chat has this id now.
    """

    def __init__(
        self,
        text: str,
        *,
        permanent: bool = False,
        blocked: bool = False,
        retry_after: float | None = None,
        moved_to: str = "",
    ) -> None:
        super().__init__(text)
        self.text = text
        self.permanent = permanent
        self.blocked = blocked
        self.retry_after = retry_after
        self.moved_to = moved_to


def configured() -> bool:
    """Whether there is a bot to send with."""
    return bool(settings.TELEGRAM_BOT_TOKEN)


def send(chat_id: str, text: Text) -> Receipt:
    """Sends one message; Telegram's receipt. Raises DeliveryError, after `SEND_TIMEOUT_SECS` at the latest."""
    try:
        return asyncio.run(_send(chat_id, text))
    except TelegramError as error:
        raise classify(error) from None
    except TimeoutError:
        raise DeliveryError(f"no answer within {SEND_TIMEOUT_SECS:g} s") from None


def classify(error: TelegramError) -> DeliveryError:
    """What an error of the library means for a delivery. The order matters: BadRequest is a NetworkError there."""
    text = f"{type(error).__name__}: {_without_token(error.message)}"
    match error:
        case RetryAfter():
            return DeliveryError(text, retry_after=_seconds(error))
        case ChatMigrated():
            return DeliveryError(text, moved_to=str(error.new_chat_id))
        case Forbidden():
            return DeliveryError(text, permanent=True, blocked=True)
        case BadRequest() | InvalidToken():
            return DeliveryError(text, permanent=True)
        case _:  # TimedOut, NetworkError, 5xx, an answer that is no JSON
            return DeliveryError(text)


def silence_library() -> None:
    """Keeps the libraries from logging request URLs, which hold the token, and message texts, which hold codes."""
    for name in ("httpx", "httpcore", "telegram"):
        logging.getLogger(name).setLevel(logging.ERROR)
    # The library warns of its own use of an attribute whose type will change; we take either type.
    warnings.filterwarnings("ignore", message=".*retry_after", category=PTBDeprecationWarning)


async def _send(chat_id: str, text: Text) -> Receipt:
    request = HTTPXRequest(
        connection_pool_size=1,
        connect_timeout=CONNECT_TIMEOUT_SECS,
        read_timeout=READ_TIMEOUT_SECS,
        write_timeout=READ_TIMEOUT_SECS,
    )
    async with asyncio.timeout(SEND_TIMEOUT_SECS), request:
        # Not `async with bot`: that would ask getMe before every message.
        bot = telegram.Bot(
            settings.TELEGRAM_BOT_TOKEN, base_url=_base_url(), request=request, get_updates_request=request
        )
        sent = await bot.send_message(
            chat_id=chat_id, text=text.html, parse_mode=ParseMode.HTML, reply_markup=_markup(text)
        )
        return Receipt(sent.message_id)


def _markup(text: Text) -> telegram.InlineKeyboardMarkup | None:
    if text.button is None:
        return None
    return telegram.InlineKeyboardMarkup([[telegram.InlineKeyboardButton(text.button.label, url=text.button.url)]])


def _base_url() -> str:
    base = str(settings.TELEGRAM_API_URL or "https://api.telegram.org").rstrip("/")
    return base if base.endswith("/bot") else f"{base}/bot"


def _seconds(error: RetryAfter) -> float:
    value = error.retry_after
    return float(value) if isinstance(value, int | float) else value.total_seconds()


def _without_token(text: str) -> str:
    token = str(settings.TELEGRAM_BOT_TOKEN or "")
    return text.replace(token, "<token>") if token else text
