"""`manage.py maintenance on|off|status`: no new customers while on; who waits or talks is served on."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from infra.errors import DomainError
from queueing.live import maintenance


def moment(text: str) -> datetime:
    """An ISO time; without a zone, that of the installation."""
    value = datetime.fromisoformat(text)
    return value if value.tzinfo else timezone.make_aware(value)


class Command(BaseCommand):
    help = "Switches maintenance mode: no new customers while it is on."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["on", "off", "status"])
        parser.add_argument("--message", default="", help="what customers read instead of the usual sentence")
        end = parser.add_mutually_exclusive_group()
        end.add_argument("--until", type=moment, help="planned end, such as 2030-01-31T22:30; customers read it")
        end.add_argument("--minutes", type=int, help="planned end, so many minutes from now")
        parser.add_argument("--json", action="store_true", help="print only JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        until = options["until"]
        if options["minutes"] is not None:
            until = timezone.now() + timedelta(minutes=options["minutes"])
        try:
            if options["action"] == "status":
                state = maintenance.current()
            else:
                on = options["action"] == "on"
                state = maintenance.switch(on, actor="command", message=options["message"], until=until)
        except DomainError as error:
            raise CommandError(error.message) from error
        except ValueError as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(state.as_dict(), ensure_ascii=False))
            return
        self.stdout.write(f"maintenance is {'on' if state.on else 'off'}")
        if state.on:
            self.stdout.write(f"customers read: {state.sentence()}")
