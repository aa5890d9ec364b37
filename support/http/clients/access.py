"""Who may see figures: those with METRICS_TOKEN, or from METRICS_NETWORKS. An Origin header opens nothing here: anybody
can write one.
"""

import secrets

from django.conf import settings
from django.http import HttpRequest

from support.http.clients.forwarded import parse


def has_token(authorization: str) -> bool:
    """Whether an Authorization header carries the bearer token. Without a token set nobody has it."""
    scheme, _space, given = authorization.partition(" ")
    expected: str = settings.METRICS_TOKEN
    return bool(expected) and scheme.lower() == "bearer" and secrets.compare_digest(given.encode(), expected.encode())


def in_network(address: str) -> bool:
    """Whether a peer's address is in one of METRICS_NETWORKS."""
    parsed = parse(address)
    return parsed is not None and any(
        parsed.version == network.version and parsed in network for network in settings.METRICS_NETWORKS
    )


def is_trusted(request: HttpRequest) -> bool:
    """By token; or by network, unless a browser asks for some page: its user may stand in that network."""
    if has_token(request.headers.get("Authorization", "")):
        return True
    return "Origin" not in request.headers and in_network(request.META.get("REMOTE_ADDR", ""))
