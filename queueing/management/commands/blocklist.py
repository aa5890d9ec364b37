"""`manage.py blocklist add|remove|list`: who may not join the line."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from queueing.blocklist import rules
from queueing.blocklist.models import BlockEntry

UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
BY = "command"


class Command(BaseCommand):
    help = "Blocks customers from joining, by address, network or signed identity; lists and lifts blocks."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        add = actions.add_parser("add", help="block somebody; again: replaces reason and end")
        _who(add)
        add.add_argument("--reason", default="", help="for colleagues; the customer does not see it")
        add.add_argument("--for", dest="lasting", help="such as 30m, 12h, 7d, 4w; without it for ever")
        add.add_argument("--json", action="store_true", help="print only JSON")
        remove = actions.add_parser("remove", help="lift a block")
        _who(remove)
        remove.add_argument("--id", type=int, help="the number that `blocklist list` shows")
        remove.add_argument("--json", action="store_true", help="print only JSON")
        show = actions.add_parser("list", help="all blocks, the newest first")
        show.add_argument("--json", action="store_true", help="print only JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        {"add": self._add, "remove": self._remove, "list": self._list}[options["action"]](options)

    def _add(self, options: dict[str, Any]) -> None:
        until = _end(options["lasting"])
        try:
            if options["address"]:
                entry = rules.block_address(options["address"], reason=options["reason"], until=until, by=BY)
            elif options["network"]:
                entry = rules.block_network(options["network"], reason=options["reason"], until=until, by=BY)
            elif options["identity"]:
                entry = rules.block_identity(options["identity"], reason=options["reason"], until=until, by=BY)
            else:
                raise ValueError("name whom: --address, --network or --identity")
        except ValueError as error:
            raise CommandError(str(error)) from error
        self._say(_row(entry), options)

    def _remove(self, options: dict[str, Any]) -> None:
        entry = _find(options)
        if entry is None:
            raise CommandError("There is no such block: see `blocklist list`.")
        row = _row(entry)
        rules.remove(entry, by=BY)
        self._say(row, options)

    def _list(self, options: dict[str, Any]) -> None:
        rows = [_row(entry) for entry in BlockEntry.objects.all()[: rules.MOST]]
        if options["json"]:
            self.stdout.write(json.dumps(rows))
            return
        for row in rows:
            self.stdout.write(_line(row))
        self.stdout.write(f"{len(rows)} block(s)")

    def _say(self, row: dict[str, Any], options: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(row) if options["json"] else _line(row))


def _who(parser: Any) -> None:
    who = parser.add_mutually_exclusive_group()
    who.add_argument("--address", help="one IP address (IPv6: its /64)")
    who.add_argument("--network", help="such as 203.0.113.0/24")
    who.add_argument("--identity", help="the `sub` of the site's signed identity")


def _find(options: dict[str, Any]) -> BlockEntry | None:
    entries = BlockEntry.objects.all()
    if options["id"]:
        return entries.filter(pk=options["id"]).first()
    fields = set(rules.marks(options["address"] or "", options["identity"] or ""))
    if options["network"]:
        fields = {f"network/{options['network'].strip()}"}
    exact = [entry for entry in entries if f"{entry.kind}/{entry.value}" in fields]
    wanted = "network" if options["network"] else "address" if options["address"] else "identity"
    return next((entry for entry in exact if entry.kind == wanted), None)


def _end(lasting: str | None) -> datetime | None:
    if not lasting:
        return None
    found = re.fullmatch(r"(\d{1,4})([mhdw])", lasting)
    if not found:
        raise CommandError(f"{lasting!r} is no duration such as 30m, 12h, 7d or 4w.")
    return timezone.now() + timedelta(**{UNITS[found[2]]: int(found[1])})


def _row(entry: BlockEntry) -> dict[str, Any]:
    return {
        "id": entry.pk,
        "kind": entry.kind,
        "who": entry.hint,
        "reason": entry.reason,
        "until": entry.until.isoformat() if entry.until else None,
        "in_force": entry.in_force,
        "created_by": entry.created_by,
        "created_at": entry.created_at.isoformat(),
    }


def _line(row: dict[str, Any]) -> str:
    end = row["until"] or "for ever"
    state = "" if row["in_force"] else "  (over)"
    return f"{row['id']:>6}  {row['kind']:<8}  {row['who']:<24}  {end}{state}  {row['reason']}"
