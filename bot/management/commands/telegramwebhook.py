"""`manage.py telegramwebhook set|delete|status`: whether Telegram brings presses to us, and how that goes."""

import json
from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from bot import api
from notifications.transports.errors import DeliveryError


class Command(BaseCommand):
    help = "Sets, deletes or shows the webhook by which Telegram brings presses of Accept."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["set", "delete", "status"])
        parser.add_argument("--json", action="store_true", help="print only JSON (status)")

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        if not settings.TELEGRAM_BOT_TOKEN:
            raise CommandError("TELEGRAM_BOT_TOKEN is not set.")
        try:
            {"set": self._set, "delete": self._delete, "status": self._status}[action](options["json"])
        except DeliveryError as error:
            raise CommandError(f"Telegram did not do it: {error.text}") from None

    def _set(self, _as_json: bool) -> None:
        if not settings.TELEGRAM_WEBHOOK_SECRET:
            raise CommandError("Set TELEGRAM_WEBHOOK_SECRET first (24 or more letters and digits) and restart.")
        if not api.webhook_url().startswith("https://"):
            raise CommandError(f"Telegram calls https addresses only, and PUBLIC_URL is {settings.PUBLIC_URL}.")
        api.set_webhook(settings.TELEGRAM_WEBHOOK_SECRET)
        self.stdout.write(f"Telegram brings presses to {api.webhook_url()} now.")

    def _delete(self, _as_json: bool) -> None:
        api.delete_webhook()
        self.stdout.write("The webhook is deleted.")
        if settings.TELEGRAM_WEBHOOK_SECRET:
            self.stdout.write("Take TELEGRAM_WEBHOOK_SECRET out of the settings too and restart: then we poll.")

    def _status(self, as_json: bool) -> None:
        """Exit 1 when presses cannot reach us."""
        webhook = api.webhook()
        expected = "" if api.polling() else api.webhook_url()
        ok = webhook.url == expected
        if as_json:
            facts = {
                "ok": ok,
                "mode": "polling" if api.polling() else "webhook",
                "url": webhook.url,
                "pending": webhook.pending,
                "last_error": webhook.last_error,
                "last_error_at": webhook.last_error_at,
                "messages": api.polling() or webhook.brings_messages,
            }
            self.stdout.write(json.dumps(facts))
        else:
            self.stdout.write(f"webhook      {webhook.url or 'none: presses are fetched by telegrambot'}")
            self.stdout.write(f"pending      {webhook.pending}")
            if webhook.last_error:
                at = datetime.fromtimestamp(webhook.last_error_at, UTC).astimezone()
                self.stdout.write(f"last error   {at:%Y-%m-%d %H:%M:%S}  {webhook.last_error}")
        if webhook.url and not webhook.brings_messages:
            self.stderr.write("It brings presses alone: `manage.py telegramwebhook set` lets customers be called, too.")
        if not ok:
            command = "set" if expected else "delete"
            self.stderr.write(f"It should be {expected or 'none'}: run `manage.py telegramwebhook {command}`.")
            raise SystemExit(1)
