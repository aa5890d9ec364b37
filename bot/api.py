"""The other direction of the Bot API: presses and messages that come to us, and their answers. Raises DeliveryError.

Telegram brings updates either to our webhook or to whoever asks with getUpdates, never both.
"""

import asyncio
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from notifications.content.text import Text
from notifications.transports.errors import DeliveryError

ANSWER_TIMEOUT_SECS = 5.0
"""A press that is not answered within some ten seconds shows the operator an endless spinner."""
ANSWER_LENGTH = 200
COMMAND_TIMEOUT_SECS = 15.0
BATCH = 100
KINDS = ["callback_query", "message"]
WEBHOOK_PATH = "/telegram/webhook/"


class NotOurs(DeliveryError):
    """Telegram gives the updates to somebody else: a webhook is set, or another poller runs."""


@dataclass(frozen=True)
class Webhook:
    """What Telegram says of the webhook. `last_error_at` is in seconds since 1970, 0 for never; `kinds`: of the updates
    that it brings, none for all that there are by default."""

    url: str
    pending: int
    last_error: str
    last_error_at: int
    kinds: tuple[str, ...] = ()

    @property
    def brings_messages(self) -> bool:
        """One that was set before there was something to hear brings presses alone."""
        return bool(self.url) and (not self.kinds or "message" in self.kinds)


def polling() -> bool:
    """Whether updates are to be fetched with getUpdates: there is a bot, and no webhook is configured."""
    return bool(settings.TELEGRAM_BOT_TOKEN) and not settings.TELEGRAM_WEBHOOK_SECRET


def webhook_url() -> str:
    """Where Telegram is to bring updates."""
    return f"{str(settings.PUBLIC_URL).rstrip('/')}{WEBHOOK_PATH}"


async def fetch(offset: int | None, wait_secs: float) -> list[Any]:
    """Raw updates from `offset` on, those before it being confirmed; waits up to `wait_secs` for the first.

    Raises NotOurs when Telegram gives them to somebody else.
    """
    from telegram.error import Conflict, TelegramError

    from notifications.transports import bot_api  # late, like everything here: see notifications/transports/telegram.py

    asked: dict[str, Any] = {"timeout": int(wait_secs), "limit": BATCH, "allowed_updates": KINDS}
    if offset is not None:
        asked["offset"] = offset
    try:
        async with asyncio.timeout(wait_secs + bot_api.READ_TIMEOUT_SECS), bot_api.bot() as api:
            # Not `get_updates`: one update that the library cannot read would stop all that follow.
            reply = await api.do_api_request("getUpdates", asked, read_timeout=wait_secs + bot_api.READ_TIMEOUT_SECS)
    except Conflict as error:
        raise NotOurs(bot_api.classify(error).text) from None
    except TelegramError as error:
        raise bot_api.classify(error) from None
    except TimeoutError:
        raise DeliveryError("getUpdates was not answered") from None
    return reply if isinstance(reply, list) else []


def answer(press_id: str, text: str, *, alert: bool) -> None:
    """Ends the spinner of a press with a text: a short notice, or (`alert`) a window to be closed."""
    from notifications.transports import bot_api

    async def call() -> None:
        async with asyncio.timeout(ANSWER_TIMEOUT_SECS), bot_api.bot(ANSWER_TIMEOUT_SECS) as api:
            await api.answer_callback_query(press_id, text=text[:ANSWER_LENGTH], show_alert=alert)

    bot_api.run(call(), ANSWER_TIMEOUT_SECS)


def say(chat: int, text: Text) -> None:
    """Answers somebody who has written to the bot. Once, and outside of the outbox's slots."""
    from notifications.transports import bot_api

    async def call() -> None:
        async with asyncio.timeout(ANSWER_TIMEOUT_SECS):
            await bot_api.send(str(chat), text)

    bot_api.run(call(), ANSWER_TIMEOUT_SECS)


def name() -> str:
    """The bot's username."""
    from notifications.transports import bot_api

    async def call() -> str:
        async with asyncio.timeout(ANSWER_TIMEOUT_SECS), bot_api.bot(ANSWER_TIMEOUT_SECS) as api:
            return (await api.get_me()).username or ""

    return bot_api.run(call(), ANSWER_TIMEOUT_SECS)


def set_webhook(secret: str) -> None:
    """Has Telegram bring presses to us, with `secret` in a header. What waited at Telegram until now is dropped: it
    may be old."""
    from notifications.transports import bot_api

    async def call() -> None:
        async with asyncio.timeout(COMMAND_TIMEOUT_SECS), bot_api.bot() as api:
            await api.set_webhook(
                webhook_url(), secret_token=secret, allowed_updates=KINDS, max_connections=10, drop_pending_updates=True
            )

    bot_api.run(call(), COMMAND_TIMEOUT_SECS)


def delete_webhook() -> None:
    """Has Telegram keep the updates until somebody asks for them."""
    from notifications.transports import bot_api

    async def call() -> None:
        async with asyncio.timeout(COMMAND_TIMEOUT_SECS), bot_api.bot() as api:
            await api.delete_webhook()

    bot_api.run(call(), COMMAND_TIMEOUT_SECS)


def webhook() -> Webhook:
    """What Telegram has stored; an empty `url` means that there is no webhook."""
    from notifications.transports import bot_api

    async def call() -> Webhook:
        async with asyncio.timeout(COMMAND_TIMEOUT_SECS), bot_api.bot() as api:
            info = await api.get_webhook_info()
            at = int(info.last_error_date.timestamp()) if info.last_error_date else 0
            kinds = tuple(info.allowed_updates or ())
            return Webhook(info.url, info.pending_update_count, info.last_error_message or "", at, kinds)

    return bot_api.run(call(), COMMAND_TIMEOUT_SECS)
