"""Use case: an operator signs out: the row goes, the console's socket closes, the cookie is cleared."""

from __future__ import annotations

from django.contrib.auth import logout
from django.http import HttpRequest

from accounts.clients import client_of_request
from accounts.flows.revoke_session import Kind, revoke_sessions
from accounts.session_store import hash_key


def sign_out(request: HttpRequest) -> None:
    """Ends the session of `request`; without one nothing happens."""
    key = request.session.session_key
    if key and request.user.is_authenticated:
        name = request.user.get_username()
        revoke_sessions([hash_key(key)], by=name, client=client_of_request(request), kind=Kind.LOGOUT)
    logout(request)
