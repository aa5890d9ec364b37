"""`manage.py sessions list` and `manage.py sessions revoke`: who is signed in, and out with them."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import sessions
from accounts.clients import NOBODY
from accounts.flows.revoke_session import revoke_sessions
from accounts.sessions import SessionSummary

PREFIX_MIN = 8


class Command(BaseCommand):
    help = "Lists sessions, or revokes one (by the beginning of its hash), all of an operator, or all."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        listing = actions.add_parser("list", help="The living sessions, latest use first.")
        listing.add_argument("--operator", metavar="ADMIN_ID")
        listing.add_argument("--json", action="store_true", help="Only JSON on stdout.")
        revoking = actions.add_parser("revoke", help="Ends sessions; their sockets close at once.")
        which = revoking.add_mutually_exclusive_group(required=True)
        which.add_argument("session", nargs="?", metavar="SESSION", help="Hash, or at least its first 8 characters.")
        which.add_argument("--operator", metavar="ADMIN_ID")
        which.add_argument("--all", action="store_true")
        revoking.add_argument("--json", action="store_true", help="Only JSON on stdout.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["action"] == "list":
            self._list(sessions.list_sessions(options["operator"]), options["json"])
            return
        chosen = _chosen(options)
        count = revoke_sessions(chosen, by="command", client=NOBODY)
        self.stdout.write(
            json.dumps({"revoked": count, "sessions": chosen}) if options["json"] else f"Revoked: {count}"
        )

    def _list(self, rows: list[SessionSummary], as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps({"sessions": [row.as_dict() for row in rows]}, ensure_ascii=False))
            return
        for row in rows:
            seen = row.last_seen.astimezone().strftime("%Y-%m-%d %H:%M")
            self.stdout.write(
                f"{row.key_hash[:12]}  {row.admin_id:<20}  {row.address:<15}  {seen}  {row.user_agent[:60]}"
            )
        self.stdout.write(f"{len(rows)} session(s)")


def _chosen(options: dict[str, Any]) -> list[str]:
    """The full hashes to revoke. Raises CommandError when a beginning names none or several."""
    rows = sessions.list_sessions(options["operator"])
    prefix = options["session"]
    if prefix is None:
        return [row.key_hash for row in rows]
    if len(prefix) < PREFIX_MIN:
        raise CommandError(f"Give at least the first {PREFIX_MIN} characters of the session's hash.")
    found = [row.key_hash for row in rows if row.key_hash.startswith(prefix.lower())]
    if len(found) != 1:
        raise CommandError(
            "No such session." if not found else "Several sessions begin like that; give more of the hash."
        )
    return found
