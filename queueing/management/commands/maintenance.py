"""`manage.py maintenance on|off|status`: no new customers while on; who waits or talks is served on."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from infra.errors import DomainError
from infra.redis import execute
from queueing import store


class Command(BaseCommand):
    help = "Switches maintenance mode: no new customers while it is on."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["on", "off", "status"])
        parser.add_argument("--json", action="store_true", help="print only JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            on = execute(store.maintenance(options["action"]))
        except DomainError as error:
            raise CommandError(error.message) from error
        if options["json"]:
            self.stdout.write(json.dumps({"maintenance": on}))
        else:
            self.stdout.write(f"maintenance is {'on' if on else 'off'}")
