"""`manage.py checkconfig`: every setting with its value, secrets masked, and every fault at once."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from support.config import docs
from support.config.environment import examine


class Command(BaseCommand):
    help = "Shows every setting (secrets masked) and every fault at once; exit status 1 when there is a fault."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="only JSON on stdout")
        parser.add_argument(
            "--write-docs",
            action="store_true",
            help="write docs/configuration.md and .env.example from the schema",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["write_docs"]:
            docs.DOCUMENT.write_text(docs.document())
            docs.EXAMPLE.write_text(docs.example())
            return
        config, faults = examine()
        values = {
            setting.name: masked(getattr(config, setting.name), secret=setting.secret)
            for settings in docs.settings_by_section().values()
            for setting in settings
        }
        if options["json"]:
            self.stdout.write(json.dumps({"ok": not faults, "settings": values, "faults": faults}, indent=2))
        else:
            self._print(values, faults)
        if faults:
            sys.exit(1)

    def _print(self, values: dict[str, str], faults: dict[str, str]) -> None:
        for name, value in values.items():
            self.stdout.write(f"{'✗' if name in faults else ' '} {name:28} {value or '–'}")
        for name, fault in faults.items():
            self.stdout.write(f"{name}: {fault}")
        self.stdout.write(f"\n{len(values)} settings, {len(faults)} fault(s)")


def masked(value: Any, *, secret: bool) -> str:
    """Enough of a secret to see that it is set, nothing of what it is."""
    text = docs.spelled(value)
    return f"*** ({len(text)} characters)" if secret and text else text
