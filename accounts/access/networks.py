"""From where operators may come: `ADMIN_ALLOWED_NETWORKS`. Addresses are those that the proxies' rules have judged."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.utils.translation import gettext as _

from infra.errors import DomainError


def may_administer(address: str) -> bool:
    """Whether `address` may reach the admin, sign-in and the operator's socket. Without a list everybody may.

    An address that is none (a Unix socket's peer that no trusted proxy speaks for) is refused by any list.
    """
    if not settings.ADMIN_ALLOWED_NETWORKS:
        return True
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed.version == network.version and parsed in network for network in settings.ADMIN_ALLOWED_NETWORKS)


def refused() -> DomainError:
    """What somebody outside is told, on a page, in JSON or on the socket."""
    return DomainError(
        "network_refused",
        _("Operators' pages cannot be reached from your network. Use your organisation's network or VPN."),
    )
