"""`manage.py protocol`: the tables of docs/protocol.md, from the schema."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from signaling.wire import docs


class Command(BaseCommand):
    help = "Prints docs/protocol.md with its tables as the schema has them; --write-docs puts them there."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--write-docs", action="store_true", help="write docs/protocol.md instead of printing it")

    def handle(self, *args: Any, **options: Any) -> None:
        text = docs.document(docs.DOCUMENT.read_text())
        if options["write_docs"]:
            docs.DOCUMENT.write_text(text)
        else:
            self.stdout.write(text)
