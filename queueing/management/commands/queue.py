"""`manage.py queue`: look at the live state, check it against its invariants, mend it, take somebody out."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from infra.errors import DomainError
from infra.redis.client import execute
from queueing.live import store


class Command(BaseCommand):
    help = "Shows the live queue, checks its invariants, or removes a conversation."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        show = actions.add_parser("status", help="figures, the queue and running calls")
        show.add_argument("--json", action="store_true", help="print only JSON")
        check = actions.add_parser("check", help="exit 1 when something is stuck, orphaned or doubly claimed")
        check.add_argument("--fix", action="store_true", help="mend what is found, then check again")
        check.add_argument("--json", action="store_true", help="print only JSON")
        remove = actions.add_parser("remove", help="end a waiting or running conversation")
        remove.add_argument("conversation", help="its id, as `queue status` shows it")
        remove.add_argument("--json", action="store_true", help="print only JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            {"status": self._status, "check": self._check, "remove": self._remove}[options["action"]](options)
        except DomainError as error:
            raise CommandError(error.message) from error

    def _status(self, options: dict[str, Any]) -> None:
        figures = execute(store.status())
        board = execute(store.board())
        figures.pop("calls")
        if options["json"]:
            rows = {"waiting_rows": board["waiting"], "active_rows": board["active"]}
            self.stdout.write(json.dumps({**figures, **rows}))
            return
        names = (
            "waiting",
            "callbacks",
            "active",
            "available",
            "on_shift",
            "wrap_up",
            "away",
            "connections",
            "processes",
        )
        for name in names:
            self.stdout.write(f"{name:<12} {figures[name]}")
        self.stdout.write(f"{'maintenance':<12} {'on' if figures['maintenance'] else 'off'}")
        if figures["lines"].keys() - {""}:
            for line, its in figures["lines"].items():
                self.stdout.write(
                    f"{'line':<12} {line or '(default)'}: {its['waiting']} waiting, {its['available']} free"
                )
        for row in board["waiting"]:
            where = f"  {row['line']}" if "line" in row else ""
            at = f"{row['position']:>4}  {row['conversation']}  {_clock(row['waited_s'])}"
            self.stdout.write(f"{at}  {row['name']}{where}")
        if board["waiting_total"] > len(board["waiting"]):
            self.stdout.write(f"      … and {board['waiting_total'] - len(board['waiting'])} more")
        for row in board["active"]:
            since = _clock((figures["now"] - row["since"]) // 1000)
            self.stdout.write(f"call  {row['conversation']}  {since}  {row['customer']} with {row['operator']}")

    def _check(self, options: dict[str, Any]) -> None:
        found = execute(store.check(fix=options["fix"]))
        left = execute(store.check(fix=False)) if options["fix"] else found
        if options["json"]:
            self.stdout.write(json.dumps({"ok": not left, "found": _rows(found), "left": _rows(left)}))
        else:
            for problem in found:
                self.stdout.write(problem)
            self.stdout.write("clean" if not left else f"{len(left)} problem(s)")
        if left:
            raise SystemExit(1)

    def _remove(self, options: dict[str, Any]) -> None:
        before = execute(store.remove(options["conversation"]))
        if before == "ended":
            raise CommandError(f"No waiting or running conversation {options['conversation']}: see `queue status`.")
        if options["json"]:
            self.stdout.write(json.dumps({"conversation": options["conversation"], "was": before}))
        else:
            self.stdout.write(f"{options['conversation']} was {before} and is ended now")


def _rows(problems: list[str]) -> list[dict[str, str]]:
    return [dict(zip(("code", "id"), problem.split(" ", 1), strict=True)) for problem in problems]


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60:02d}:{int(seconds) % 60:02d}"
