"""Who is behind a WebSocket: from the cookies of its handshake, once, at connect."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import parse_cookie

from accounts.sessions import SessionInfo, identify


def session_key_of(scope: Mapping[str, Any]) -> str:
    """The session key in the cookies of an ASGI scope, or empty. A secret: to be passed on, never logged."""
    cookies = "; ".join(
        value.decode("latin-1") for name, value in scope.get("headers", ()) if name.lower() == b"cookie"
    )
    return parse_cookie(cookies).get(settings.SESSION_COOKIE_NAME, "") if cookies else ""


async def identity_of(scope: Mapping[str, Any]) -> SessionInfo | None:
    """The living session that the handshake brought along. Keep the result: frames need no look-up of their own;
    `sessions.slide` once a minute and the push `session.revoked` tell when it ends."""
    session_key = session_key_of(scope)
    return await identify(session_key) if session_key else None
