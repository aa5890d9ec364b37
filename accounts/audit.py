"""Writing the audit trail."""

from __future__ import annotations

from typing import Any

from accounts.clients import Client
from accounts.models import AuditEvent

Kind = AuditEvent.Kind


def record(kind: AuditEvent.Kind, actor: str, client: Client, *, session: str = "", **detail: Any) -> AuditEvent:
    """Adds one event. Of `session`, a key hash, the beginning is kept; `detail` is JSON without secrets."""
    return AuditEvent.objects.create(
        kind=kind,
        actor=actor[:64],
        address=client.address or None,
        user_agent=client.user_agent,
        session=session[:12],
        request_id=client.request_id,
        detail=detail,
    )
