"""Use case: somebody at the server's command line takes a code for an operator: Telegram is out, or not set up."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from accounts import audit_log, otp, ratelimit
from accounts.clients import NOBODY
from accounts.models import AuditEvent, Operator


def issue_otp(operator: Operator) -> str:
    """A fresh code, returned instead of sent; an older one that was printed is void. Raises StoreUnavailable."""
    code = otp.new_code()
    # Whoever has it can use it also while somebody guesses from many addresses.
    ratelimit.unlock(operator.username, ())
    otp.issue(operator.username, code)
    audit_log.record(audit_log.Kind.OTP_ISSUED, operator.username, NOBODY)
    return code


def lift_lockouts(operator: Operator) -> None:
    """Lets that operator try again at once, wherever wrong answers came from. Raises StoreUnavailable."""
    since = timezone.now() - timedelta(seconds=settings.LOCKOUT_SECS)
    failed = AuditEvent.objects.filter(kind=audit_log.Kind.FAILED_CODE, actor=operator.username, created__gte=since)
    ratelimit.unlock(operator.username, {address or "" for address in failed.values_list("address", flat=True)})
