"""`manage.py otp ADMIN_ID`: a fresh one-time code on the last line, for when Telegram cannot bring one."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.flows.issue_otp import issue_otp, lift_lockouts
from accounts.models import Operator
from infra.errors import DomainError


class Command(BaseCommand):
    help = "Prints a fresh one-time code of an operator, alone on the last line. An older code is void."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("admin_id", metavar="ADMIN_ID")
        parser.add_argument("--unlock", action="store_true", help="Also lift the lockouts of this adminId.")

    def handle(self, *args: Any, **options: Any) -> None:
        admin_id = options["admin_id"].strip()
        operator = Operator.objects.filter(username=admin_id, is_active=True, is_staff=True).first()
        if operator is None:
            known = ", ".join(Operator.objects.filter(is_active=True, is_staff=True).values_list("username", flat=True))
            raise CommandError(f"No active operator {admin_id!r}. There is: {known or 'none (see createoperator)'}")
        try:
            if options["unlock"]:
                lift_lockouts(operator)
            code = issue_otp(operator)
        except DomainError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"One-time code of {operator.username}, valid for {settings.OTP_TTL_SECS} seconds:")
        self.stdout.write(code)
