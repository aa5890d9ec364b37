"""What a WebSocket's handshake says of who is behind it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import parse_cookie


def session_key_of(scope: Mapping[str, Any]) -> str:
    """The session key in the cookies of an ASGI scope, or empty. A secret: to be passed on, never logged."""
    cookies = "; ".join(
        value.decode("latin-1") for name, value in scope.get("headers", ()) if name.lower() == b"cookie"
    )
    return parse_cookie(cookies).get(settings.SESSION_COOKIE_NAME, "") if cookies else ""
