"""`manage.py createoperator ADMIN_ID --name …`: creates that operator, or changes what is given."""

from __future__ import annotations

from argparse import ArgumentParser, BooleanOptionalAction
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from accounts.access.permissions import Role
from accounts.flows.save_operator import save_operator
from infra.writing import language

OPTIONS = {
    "name": "name",
    "chat_id": "chat_id",
    "language": "language",
    "backup": "is_backup",
    "superuser": "is_superuser",
}


class Command(BaseCommand):
    help = "Creates an operator, or changes what is given of one that exists. Running it twice is fine."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "admin_id", metavar="ADMIN_ID", help="What the operator signs in with; at most 64 characters."
        )
        parser.add_argument("--name", help="What customers see (default for a new operator: ADMIN_ID).")
        parser.add_argument("--chat-id", help="Telegram chat for codes and notifications.")
        parser.add_argument("--language", choices=dict(language.choices()))
        parser.add_argument(
            "--backup",
            action=BooleanOptionalAction,
            help="Notified of customers only when the other operators do not come.",
        )
        parser.add_argument(
            "--superuser",
            action=BooleanOptionalAction,
            help="May change everything in the admin (default: the very first operator may, others may not).",
        )

        parser.add_argument(
            "--role",
            choices=[role.value for role in Role],
            help="Instead of --superuser: operator, supervisor (sees the floor, steps in) or admin (may everything).",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        given = {field: options[option] for option, field in OPTIONS.items() if options[option] is not None}
        role = Role(options["role"]) if options["role"] else None
        if role is not None and options["superuser"] is not None:
            raise CommandError("--role says it already: leave --superuser out.")
        try:
            saved = save_operator(options["admin_id"], given, role)
        except ValidationError as error:
            raise CommandError("\n".join(error.messages)) from None
        what = "created" if saved.created else f"changed: {', '.join(saved.changed)}" if saved.changed else "as it was"
        self.stdout.write(f"Operator {saved.operator.username}: {what}")
