"""Use case: sessions end before their time. Their sockets close at once, on every process, and their browsers are told
of nothing any more."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from django.db import transaction
from django.db.models import F

from accounts import audit_log, sessions
from accounts.clients import Client
from accounts.models import AuditEvent, Operator, OperatorSession
from notifications.telling import subscriptions

Kind = AuditEvent.Kind
log = logging.getLogger(__name__)


def revoke_sessions(
    key_hashes: Iterable[str], *, by: str, client: Client, kind: AuditEvent.Kind = Kind.SESSION_REVOKED
) -> int:
    """Ends these sessions; returns how many lived. `by` is the adminId who did it, or `command`."""
    names = list(key_hashes)
    with transaction.atomic():
        owners = dict(OperatorSession.objects.filter(pk__in=names).values_list("pk", "operator__username"))
        removed = sessions.remove(owners)
        subscriptions.signed_out(removed)
        for name in removed:
            audit_log.record(kind, owners[name] or "", client, session=name, by=by)
    for name in removed:
        log.info("session ended", extra={"session_id": name[:12], "how": kind.value})
    return len(removed)


def revoke_all(admin_id: str, *, by: str, client: Client) -> int:
    """Ends every session of that operator and makes their browsers unknown; returns how many lived."""
    subscriptions.forget(admin_id)
    Operator.objects.filter(username=admin_id).update(device_epoch=F("device_epoch") + 1)
    names = OperatorSession.objects.filter(operator__username=admin_id).values_list("pk", flat=True)
    return revoke_sessions(list(names), by=by, client=client)
