"""The Telegram Bot API through its library, and whether trying a call again can help. Imported late, see telegram.py.

Each call runs in its own short event loop, because the library is asynchronous and a Celery task is not.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import cache
from typing import Any, TypeVar

import httpx
import telegram
from django.conf import settings
from telegram.constants import ParseMode
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, RetryAfter, TelegramError
from telegram.request import HTTPXRequest

from notifications.content.text import Text
from notifications.policy import SEND_TIMEOUT_SECS
from notifications.transports.chats import place_of
from notifications.transports.errors import DeliveryError

T = TypeVar("T")

CONNECT_TIMEOUT_SECS = 5.0
READ_TIMEOUT_SECS = 10.0


def run(call: Coroutine[Any, Any, T], within: float | None = None) -> T:
    """One call in an event loop of its own; whatever goes wrong is a DeliveryError. `within` is for its text: the
    seconds after which the call gives up by itself."""
    try:
        return asyncio.run(call)
    except TelegramError as error:
        raise classify(error) from None
    except TimeoutError:
        raise DeliveryError(f"no answer within {within or SEND_TIMEOUT_SECS:g} s") from None


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


async def send(chat_id: str, text: Text) -> int:
    """The message's id."""
    place = place_of(chat_id)
    async with asyncio.timeout(SEND_TIMEOUT_SECS), bot() as api:
        sent = await api.send_message(
            chat_id=place.chat,
            message_thread_id=place.topic,
            text=text.html,
            parse_mode=ParseMode.HTML,
            reply_markup=_markup(text),
            disable_notification=text.silent,
        )
        return sent.message_id


async def edit(chat_id: str, message_id: int, text: Text) -> None:
    """Replaces its text and buttons."""
    async with asyncio.timeout(SEND_TIMEOUT_SECS), bot() as api:
        with _unmodified_is_done():
            await api.edit_message_text(
                text.html,
                chat_id=place_of(chat_id).chat,
                message_id=message_id,
                parse_mode=ParseMode.HTML,
                reply_markup=_markup(text),
            )


@contextmanager
def _unmodified_is_done() -> Iterator[None]:
    """An edit that Telegram took before, though we did not hear of it, is done."""
    try:
        yield
    except BadRequest as error:
        if "not modified" not in error.message:
            raise


@asynccontextmanager
async def bot(timeout_secs: float | None = None) -> AsyncIterator[telegram.Bot]:
    """The library's client for one call; `timeout_secs` instead of the usual limits for connecting and reading."""
    request = HTTPXRequest(
        connection_pool_size=1,
        connect_timeout=timeout_secs or CONNECT_TIMEOUT_SECS,
        read_timeout=timeout_secs or READ_TIMEOUT_SECS,
        write_timeout=timeout_secs or READ_TIMEOUT_SECS,
        httpx_kwargs={"verify": _trusted()},
    )
    async with request:
        # Not `async with bot`: that would ask getMe before every call.
        yield telegram.Bot(
            settings.TELEGRAM_BOT_TOKEN, base_url=_base_url(), request=request, get_updates_request=request
        )


@cache
def _trusted() -> ssl.SSLContext:
    """Whom we believe to be Telegram. Reading all authorities costs 50 ms of CPU, so it is done once in a process."""
    return httpx.create_ssl_context()


def _markup(text: Text) -> telegram.InlineKeyboardMarkup | None:
    rows = []
    if text.accept is not None:
        rows.append([telegram.InlineKeyboardButton(text.accept.label, callback_data=text.accept.data)])
    if text.button is not None:
        rows.append([telegram.InlineKeyboardButton(text.button.label, url=text.button.url)])
    if text.below is not None:
        rows.append([telegram.InlineKeyboardButton(text.below.label, callback_data=text.below.data)])
    return telegram.InlineKeyboardMarkup(rows) if rows else None


def _base_url() -> str:
    base = str(settings.TELEGRAM_API_URL or "https://api.telegram.org").rstrip("/")
    return base if base.endswith("/bot") else f"{base}/bot"


def _seconds(error: RetryAfter) -> float:
    value = error.retry_after
    return float(value) if isinstance(value, int | float) else value.total_seconds()


def _without_token(text: str) -> str:
    token = str(settings.TELEGRAM_BOT_TOKEN or "")
    return text.replace(token, "<token>") if token else text
