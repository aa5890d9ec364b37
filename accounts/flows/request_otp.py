"""Use case: somebody asks for a one-time code."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings

from accounts import audit_log, otp, ratelimit
from accounts.askers import Asker
from accounts.models import Operator
from notifications.services import send_otp

log = logging.getLogger(__name__)


def request_otp(admin_id: str, asker: Asker) -> None:
    """Sends a code to that operator's chat, for the browser that `asker.browser` names. For an unknown
    adminId it does the same work and nothing arrives.

    The caller answers the same in both cases, after the same time (see `accounts.web.pacing`). Raises DomainError
    `rate_limited`, StoreUnavailable.
    """
    operator = Operator.objects.filter(username=admin_id, is_active=True, is_staff=True).first()
    device = asker.device(operator)
    ratelimit.allow_request(admin_id, asker.client.address, device)
    code = otp.new_code()
    otp.issue(admin_id, code if operator else None, asker.browser)
    detail: dict[str, Any] = {"known": operator is not None} | ({"known_device": True} if device else {})
    audit_log.record(audit_log.Kind.OTP_REQUESTED, admin_id, asker.client, **detail)
    if operator is not None:
        send_otp(operator.username, operator.chat_id, operator.language, code, asker.browser, settings.OTP_TTL_SECS)
    log.info("code requested", extra={"admin": otp.id_digest(admin_id)[:8]})
