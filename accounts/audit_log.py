"""Writing the audit trail."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from accounts.clients import NOBODY, Client, client_of_request
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


def from_elsewhere(kind: str, actor: str, request: HttpRequest | None, detail: dict[str, Any]) -> None:
    """What other apps report through `infra.audit`. ValueError for an event that the trail does not know."""
    client = NOBODY if request is None else client_of_request(request)
    record(AuditEvent.Kind(kind), actor, client, **detail)
