"""`manage.py telegrambot`: fetches presses of Accept from Telegram, until SIGTERM."""

import asyncio
import logging
import signal
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from bot import api
from bot.poller import Poller

log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Fetches presses of Accept from Telegram (long polling) until SIGTERM. Not needed with a webhook."

    def handle(self, *args: Any, **options: Any) -> None:
        asyncio.run(self._run())

    async def _run(self) -> None:
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        if api.polling():
            await Poller(stop).run()
            return
        # It stays: where a Procfile is run as it is, the end of one process ends them all.
        why = "telegram uses the webhook" if settings.TELEGRAM_BOT_TOKEN else "TELEGRAM_BOT_TOKEN is not set"
        log.info("nothing to fetch: %s", why)
        await stop.wait()
