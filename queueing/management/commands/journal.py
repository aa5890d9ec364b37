"""`manage.py journal`: how far the history is behind, and what could not be recorded."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from infra.errors import StoreUnavailable
from infra.redis.client import RedisError
from queueing.history.recording import journal, set_aside
from queueing.history.set_aside_models import SetAsideEntry

SHOWN = 50


class Command(BaseCommand):
    help = "Shows how far the history is behind and which entries were set aside; applies those again."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        status = actions.add_parser("status", help="what waits in Redis, how old it is, and what was set aside")
        status.add_argument("--json", action="store_true", help="print only JSON")
        retry = actions.add_parser("retry", help="apply entries that were set aside again; exit 1 when some are left")
        retry.add_argument("entries", nargs="*", help="their ids, as `journal status` shows them; none: all")
        retry.add_argument("--json", action="store_true", help="print only JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            (self._status if options["action"] == "status" else self._retry)(options)
        except (RedisError, StoreUnavailable) as error:
            raise CommandError(f"Redis does not answer ({error}). Is the stack running?") from error
        except DatabaseError as error:
            raise CommandError(f"The database does not answer ({error}). Nothing is lost; run it again.") from error

    def _status(self, options: dict[str, Any]) -> None:
        lag, age, aside = journal.lag(), round(journal.oldest_age_s(), 1), set_aside.count()
        rows = list(SetAsideEntry.objects.order_by("id")[:SHOWN])
        if options["json"]:
            entries = [
                {
                    **{"entry": row.entry_id, "conversation": row.conversation, "kind": row.kind},
                    **{"reason": row.reason, "attempts": row.attempts, "at": row.at.isoformat()},
                }
                for row in rows
            ]
            self.stdout.write(json.dumps({"lag": lag, "oldest_age_s": age, "set_aside": aside, "entries": entries}))
            return
        self.stdout.write(f"waiting    {lag} entries, the oldest for {age} s")
        self.stdout.write(f"set aside  {aside} entries")
        for row in rows:
            self.stdout.write(f"  {row.entry_id}  {row.conversation}  {row.kind}  {row.reason}")
        if aside > len(rows):
            self.stdout.write(f"  … and {aside - len(rows)} more")

    def _retry(self, options: dict[str, Any]) -> None:
        found = set_aside.retry(options["entries"] or None)
        if options["json"]:
            self.stdout.write(json.dumps({"recorded": found.recorded, "left": found.left}))
        else:
            self.stdout.write(f"{found.recorded} recorded, {found.left} refused again")
        if found.left:
            raise SystemExit(1)
