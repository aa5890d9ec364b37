"""Use case: a session token arrives on a socket (`admin:session:verify`) instead of a cookie."""

from __future__ import annotations

from channels.db import database_sync_to_async

from accounts import audit_log
from accounts.clients import Client
from accounts.sessions import SessionInfo, identify_now


async def use_token(token: str, client: Client) -> SessionInfo | None:
    """Whose token that is, or None; a valid use is written to the audit trail."""
    info: SessionInfo | None = await database_sync_to_async(_use_token)(token, client)
    return info


def _use_token(token: str, client: Client) -> SessionInfo | None:
    info = identify_now(token)
    if info is not None:
        audit_log.record(audit_log.Kind.TOKEN_USED, info.admin_id, client, session=info.key_hash)
    return info
