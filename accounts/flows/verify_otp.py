"""Use case: somebody answers with a one-time code and is signed in."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import login
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit_log, otp, ratelimit
from accounts.askers import Asker, asker_of
from accounts.clients import Client
from accounts.models import Operator
from accounts.session_store import CLIENT, SessionStore
from infra.clock import now_ms
from infra.errors import DomainError

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SignedIn:
    """`token` is the session key: a secret for the answer's body and cookie, for nothing else. `asker` is the browser
    as it came."""

    operator: Operator
    asker: Asker
    token: str
    expires_at_ms: int


def verify_otp(request: HttpRequest, admin_id: str, code: str) -> SignedIn:
    """Opens a session when `code` is the one this browser asked for, or one that a command printed.

    Raises DomainError `otp_invalid`, `locked`, `rate_limited`; StoreUnavailable (no count, no login).
    """
    asker = asker_of(request)
    # Read for unknown names and wrong answers alike: the way and the time are the same.
    operator = Operator.objects.filter(username=admin_id, is_active=True, is_staff=True).first()
    guesser = ratelimit.Guesser(admin_id, asker.client.address, asker.browser, asker.device(operator))
    ratelimit.allow_attempt(guesser)
    outcome = otp.check(admin_id, code, asker.browser, guesser.name)
    if operator is None or outcome is not otp.Outcome.OK:
        raise _refused(guesser, asker.client, outcome)
    ratelimit.attempt_succeeded(guesser)
    return _sign_in(request, operator, asker)


def _sign_in(request: HttpRequest, operator: Operator, asker: Asker) -> SignedIn:
    client = asker.client
    with transaction.atomic():
        # A new key, whatever the browser brought along: nobody can fix a session for somebody else.
        request.session.flush()
        login(request, operator, backend="accounts.access.backends.OtpBackend")
        request.session[CLIENT] = {
            "address": client.address or None,
            "user_agent": client.user_agent,
            "created": timezone.now().isoformat(),
        }
        request.session.save()
        assert isinstance(request.session, SessionStore)  # for the type; the engine is ours
        audit_log.record(audit_log.Kind.LOGIN, operator.username, client, session=request.session.key_hash)
    log.info("signed in", extra={"session_id": request.session.key_hash[:12]})
    return SignedIn(operator, asker, str(request.session.session_key), now_ms() + settings.SESSION_TTL_MS)


def _refused(guesser: ratelimit.Guesser, client: Client, outcome: otp.Outcome) -> DomainError:
    began_lockout = ratelimit.attempt_failed(guesser)
    audit_log.record(audit_log.Kind.FAILED_CODE, guesser.admin_id, client, code_void=outcome is otp.Outcome.BURNED)
    if began_lockout:
        audit_log.record(audit_log.Kind.LOCKOUT, guesser.admin_id, client, secs=settings.LOCKOUT_SECS)
    # One sentence for a wrong, an expired, a used and a never issued code, for known and unknown names.
    return DomainError("otp_invalid", _("The code is wrong or no longer valid. Check it, or ask for a new one."))
