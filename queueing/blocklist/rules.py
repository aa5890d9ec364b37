"""The block list: who may not join. The database is its root; Redis holds the copy that `join.lua` asks.

An address and an identity are compared exactly, so only keyed digests of them are kept, here as there; a network is
kept as written. An IPv6 client counts by its /64. A new SECRET_KEY makes digests meaningless: entries of addresses and
identities have to be made again.

Key: `blocked` (hash): `<kind>/<value>` → until (ms since 1970, 0 for ever); `#rev` rises with every change, `#synced`
is when the copy was last made whole. A wiped Redis lacks `#synced`; the worker fills it again within seconds.
"""

from __future__ import annotations

import ipaddress
import json
import logging
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from infra import audit
from infra.addresses import OWN_PREFIX, Network, client_network
from infra.errors import StoreUnavailable
from infra.redis.client import execute
from infra.redis.scripts import Command
from queueing.blocklist.models import BlockEntry
from queueing.live.store import script

logger = logging.getLogger(__name__)
What = BlockEntry.What

MOST = 10_000
"""Entries in force at once; more is a case for the firewall in front."""
SHORTEST = {4: 8, 6: 16}
"""Prefixes shorter than this would block whole providers."""
SYNC_EVERY_MS = 60_000


# -- what a join is asked about ------------------------------------------------------------------------------------


def marks(address: str, identity: str = "") -> list[str]:
    """The fields of `blocked` that speak of this client: its address, every network around it, its identity."""
    found = []
    network = client_network(address)
    if network is not None:
        found.append(_field(What.ADDRESS, _digest(str(network))))
        shortest = SHORTEST[network.version]
        around = (network.supernet(new_prefix=bits) for bits in range(shortest, network.prefixlen + 1))
        found += [_field(What.NETWORK, str(wider)) for wider in around]
    if identity:
        found.append(_field(What.IDENTITY, identity_digest(identity)))
    return found


def is_blocked(address: str, identity: str = "") -> bool:
    """As the database has it, for what is decided without Redis. Raises DatabaseError."""
    either = Q(pk__in=[])
    for field in marks(address, identity):
        kind, _slash, value = field.partition("/")
        either |= Q(kind=kind, value=value)
    in_force = Q(until__isnull=True) | Q(until__gt=timezone.now())
    return BlockEntry.objects.filter(in_force).filter(either).exists()


def address_digest(address: str) -> str:
    """How a conversation remembers where it came from; empty for what is no address."""
    network = client_network(address)
    return "" if network is None else _digest(str(network))


def identity_digest(subject: str) -> str:
    return _digest(f"identity\0{subject}")


# -- changing it ---------------------------------------------------------------------------------------------------


def block_address(
    address: str, *, reason: str, until: datetime | None, by: str, request: HttpRequest | None = None
) -> BlockEntry:
    """ValueError for what is no address. Like the others: adding again replaces reason and end."""
    network = _address(address)
    return _add(What.ADDRESS, _digest(str(network)), _masked(network), reason, until, by, request)


def block_network(
    text: str, *, reason: str, until: datetime | None, by: str, request: HttpRequest | None = None
) -> BlockEntry:
    """ValueError for what is no network, or too wide a one."""
    network = _network(text)
    return _add(What.NETWORK, str(network), str(network), reason, until, by, request)


def block_identity(
    subject: str, *, reason: str, until: datetime | None, by: str, request: HttpRequest | None = None
) -> BlockEntry:
    """`subject` is the `sub` of the site's signed identity."""
    check(What.IDENTITY, subject)
    hint = f"{subject[:2]}…" if len(subject) > 4 else "…"
    return _add(What.IDENTITY, identity_digest(subject.strip()), hint, reason, until, by, request)


def check(kind: str, who: str) -> None:
    """ValueError, with a sentence, for what the functions above would not take."""
    if kind == What.ADDRESS:
        _address(who)
    elif kind == What.NETWORK:
        _network(who)
    elif not who.strip():
        raise ValueError(_("Enter the identity."))


def block_digest(
    kind: str,
    digest: str,
    hint: str,
    *,
    reason: str,
    until: datetime | None,
    by: str,
    request: HttpRequest | None = None,
) -> BlockEntry:
    """For a customer of whom only the digest is known: the one that a conversation remembers."""
    return _add(What(kind), digest, hint, reason, until, by, request)


def remove(entry: BlockEntry, *, by: str, request: HttpRequest | None = None) -> None:
    """Lets that client in again, at once."""
    kind, value = entry.kind, entry.value
    with transaction.atomic():
        BlockEntry.objects.filter(pk=entry.pk).delete()
        audit.record("customer_unblocked", by, request, block=kind, who=entry.hint)
        transaction.on_commit(lambda: _tell("unset", _field(kind, value)))


def sync(*, force: bool = False) -> bool:
    """Makes the copy in Redis whole when it is missing, old, or `force`; True when it was written.

    A change that is made meanwhile wins: the copy is then made with the next call. Raises StoreUnavailable.
    """
    revision, synced, now = execute(_script("state", ""))
    if synced and now - synced < SYNC_EVERY_MS and not force:
        return False
    in_force = BlockEntry.objects.filter(Q(until__isnull=True) | Q(until__gt=timezone.now())).order_by("-id")[:MOST]
    fields = {_field(entry.kind, entry.value): _ms(entry.until) for entry in in_force}
    return bool(execute(_script("replace", revision, json.dumps(fields)))[0])


def _add(
    kind: str, value: str, hint: str, reason: str, until: datetime | None, by: str, request: HttpRequest | None
) -> BlockEntry:
    if until is not None and until <= timezone.now():
        raise ValueError(_("The end must be in the future."))
    with transaction.atomic():
        others = BlockEntry.objects.exclude(kind=kind, value=value)
        if others.filter(Q(until__isnull=True) | Q(until__gt=timezone.now())).count() >= MOST:
            raise ValueError(_("The block list is full. Remove entries, or block at the firewall."))
        entry, _created = BlockEntry.objects.update_or_create(
            kind=kind,
            value=value,
            defaults={"hint": hint, "reason": reason.strip()[:300], "until": until, "created_by": by[:64]},
        )
        end = until.isoformat(timespec="minutes") if until else None
        audit.record("customer_blocked", by, request, block=kind, who=hint, until=end, reason=entry.reason)
        transaction.on_commit(lambda: _tell("set", _field(kind, value), str(_ms(until))))
    return entry


def _tell(*words: str) -> None:
    try:
        execute(_script(*words))
    except StoreUnavailable:
        logger.warning("block list changed while redis is out; the worker brings it there within a minute")


def _script(word: str, *arguments: str | int) -> Command[list[int]]:
    return Command(script("block"), (word, *arguments), _numbers)


def _numbers(reply: Iterable[int | str | bytes]) -> list[int]:
    return [int(number) for number in reply]


def _address(text: str) -> Network:
    network = client_network(text)
    if network is None:
        raise ValueError(_("%(value)s is not an IP address.") % {"value": text})
    return network


def _network(text: str) -> Network:
    try:
        network = ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        raise ValueError(_("%(value)s is not a network such as 203.0.113.0/24.") % {"value": text}) from None
    least, most = SHORTEST[network.version], OWN_PREFIX[network.version]
    if not least <= network.prefixlen <= most:
        raise ValueError(_("A network has a prefix of /%(least)d to /%(most)d.") % {"least": least, "most": most})
    return network


def _masked(network: Network) -> str:
    if network.version == 4:
        return ".".join(str(network.network_address).split(".")[:2]) + ".x.x"
    return ":".join(network.network_address.exploded.split(":")[:2]) + ":…"


def _digest(text: str) -> str:
    return salted_hmac("adminara.blocklist", text, algorithm="sha256").hexdigest()[:32]


def _field(kind: str, value: str) -> str:
    return f"{What(kind).value}/{value}"


def _ms(moment: datetime | None) -> int:
    return int(moment.timestamp() * 1000) if moment else 0
