"""`manage.py person export|erase`: one person's data, as JSON, or gone."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from infra.errors import DomainError
from infra.redis import RedisError
from queueing import person


class Command(BaseCommand):
    help = "Exports or erases what is stored of one person; prints JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        for name, text in (("export", "everything that is stored"), ("erase", "erase it; figures stay")):
            action = actions.add_parser(name, help=text)
            who = action.add_mutually_exclusive_group(required=True)
            who.add_argument("--identity", help="the `sub` of the site's signed identity: all their conversations")
            who.add_argument("--conversation", help="one conversation's id")

    def handle(self, *_args: Any, **options: Any) -> None:
        act = person.export if options["action"] == "export" else person.erase
        try:
            found = act(options["identity"], options["conversation"], by="command")
        except DomainError as error:
            raise CommandError(f"{error.message} Nothing was erased; run it again.") from error
        except (RedisError, DatabaseError) as error:
            raise CommandError(f"{error}. Run it again: what is done already stays done.") from error
        if not found["conversations"]:
            raise CommandError("Nothing is stored of that person.")
        self.stdout.write(json.dumps(found, indent=2, ensure_ascii=False))
