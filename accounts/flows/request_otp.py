"""Use case: somebody asks for a one-time code."""

from __future__ import annotations

import logging

from django.conf import settings

from accounts import audit, codes, throttling
from accounts.clients import Client
from accounts.models import Operator
from notifications.services import send_otp

log = logging.getLogger(__name__)


def request_otp(admin_id: str, client: Client) -> None:
    """Sends a code to that operator's chat. For an unknown adminId it does the same work and nothing arrives.

    The caller answers the same in both cases, after the same time (see `accounts.pacing`). Raises DomainError
    `rate_limited`, StoreUnavailable.
    """
    throttling.allow_request(admin_id, client.address)
    operator = Operator.objects.filter(username=admin_id, is_active=True, is_staff=True).first()
    code = codes.new_code()
    codes.issue(admin_id, code if operator else None)
    audit.record(audit.Kind.OTP_REQUESTED, admin_id, client, known=operator is not None)
    if operator is not None:
        send_otp(operator.username, operator.chat_id, operator.language, code, ttl_secs=settings.OTP_TTL_SECS)
    log.info("code requested", extra={"admin": codes.id_digest(admin_id)[:8]})
