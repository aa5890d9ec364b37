"""`manage.py person export|erase|compact`: one person's data, as JSON, or gone, also from where it lay."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from infra import mail
from infra.errors import DomainError
from infra.redis.client import RedisError
from notifications import retention
from queueing.history.privacy import by_address, personal_data, traces

POLL_SECS = 0.25
EMAIL = (
    "an e-mail address, as it was typed into a form, and those of the same mailbox (a+b@ is a@): conversations, "
    "callbacks, chosen times, messages and letters under way. Nobody has proven whose it is: read what is found. "
    "erase lists it, and takes --yes to erase it"
)


class Command(BaseCommand):
    help = "Exports or erases what is stored of one person; prints JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        for name, text in (("export", "everything that is stored"), ("erase", "erase it; figures stay")):
            action = actions.add_parser(name, help=text)
            who = action.add_mutually_exclusive_group(required=True)
            who.add_argument("--identity", help="the `sub` of the site's signed identity: all their conversations")
            who.add_argument("--conversation", help="one conversation's id")
            who.add_argument("--email", help=EMAIL)
            if name == "erase":
                action.add_argument("--yes", action="store_true", help="erase what --email has found")
                wait = "seconds to wait until Telegram shows it no more (default: 15)"
                action.add_argument("--wait", type=float, default=15.0, help=wait)
        actions.add_parser("compact", help="clear what the files of Redis and the database still hold of the erased")

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["action"] == "compact":
            self._compact()
            return
        if options["email"] is not None:
            self._judge(options["email"])
        try:
            found = self._done(options)
        except DomainError as error:
            raise CommandError(f"{error.message} Nothing was erased; run it again.") from error
        except (RedisError, DatabaseError) as error:
            raise CommandError(f"{error}. Run it again: what is done already stays done.") from error
        if personal_data.is_empty(found):
            raise CommandError("Nothing is stored of that person.")
        if options["action"] == "erase" and self._may(options):
            found["messages"] = self._await_edits(found["conversations"], options["wait"])
        self.stdout.write(json.dumps(found, indent=2, ensure_ascii=False))
        if options["action"] == "erase" and not self._may(options):
            raise CommandError(
                "Nothing was erased. The address was typed, and nobody has proven whose it is: if all of this is that "
                "person's, run it again with --yes."
            )

    def _judge(self, address: str) -> None:
        try:
            mail.address(address)
        except ValueError as error:
            raise CommandError("--email is not an e-mail address.") from error

    def _done(self, options: dict[str, Any]) -> dict[str, Any]:
        """What the action finds, has erased, or would erase."""
        exports, address = options["action"] == "export", options["email"]
        if address is None:
            act = personal_data.export if exports else personal_data.erase
            return act(options["identity"], options["conversation"], by="command")
        if exports:
            return by_address.export(address, by="command")
        return by_address.erase(address, by="command") if options["yes"] else by_address.listed(address)

    def _may(self, options: dict[str, Any]) -> bool:
        return options["email"] is None or options["yes"]

    def _await_edits(self, conversations: list[str], seconds: float) -> dict[str, Any]:
        """How it stands with the messages of those who were erased, once the worker has edited them, or after that
        time. Telegram may refuse: the message is gone, or its chat is."""
        deadline = time.monotonic() + seconds
        shown = retention.shown(conversations)
        while shown.pending and time.monotonic() < deadline:
            time.sleep(POLL_SECS)
            shown = retention.shown(conversations)
        return asdict(shown)

    def _compact(self) -> None:
        try:
            held = traces.wipe(thorough=True)
        except (DomainError, RedisError, DatabaseError) as error:
            raise CommandError(f"{error}. Run it again: what is done already stays done.") from error
        self.stdout.write(json.dumps({"still_held": held}, indent=2, ensure_ascii=False))
