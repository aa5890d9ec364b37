"""Whom an address counts for: an IPv6 client owns all addresses of its /64, so these count as one."""

from __future__ import annotations

import ipaddress

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

OWN_PREFIX = {4: 32, 6: 64}
"""By version, the network that one client has for itself."""


def client_network(address: str) -> Network | None:
    """The network of one client: its IPv4 address, also one written in IPv6, or its IPv6 /64.

    `address` may be that network already. None: no address, or a wider network.
    """
    try:
        network = ipaddress.ip_network(address.strip(), strict=False)
    except ValueError:
        return None
    if network.version == 6 and network.prefixlen == 128 and network.network_address.ipv4_mapped is not None:
        return ipaddress.IPv4Network(network.network_address.ipv4_mapped)
    own = OWN_PREFIX[network.version]
    if network.prefixlen < own:
        return None
    return network.supernet(new_prefix=own)


def counted_as(address: str) -> str:
    """What limits count an address under; what is no address counts as itself."""
    network = client_network(address)
    if network is None:
        return address
    return str(network.network_address) if network.version == 4 else str(network)
