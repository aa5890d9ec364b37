"""How often sign-in may be tried. Counted by `limits` in Redis, over all processes; Redis out means refused.

* per address: codes asked for, answers tried → 429;
* per adminId and address: `LOCKOUT_FAILURES` wrong answers lock that pair out for `LOCKOUT_SECS` → 423. So a
  stranger elsewhere cannot lock the operator out;
* per adminId over all addresses, slower: codes sent, wrong answers → 429. It stops a guesser with many
  addresses.

All keys are under `limits`; they name adminIds and addresses by keyed digests.
"""

from __future__ import annotations

import ipaddress
import logging
import time
from collections.abc import Callable, Iterable
from functools import lru_cache, wraps
from typing import Any, ParamSpec, TypeVar

from django.conf import settings
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from limits import RateLimitItem, RateLimitItemPerSecond, parse_many
from limits.errors import StorageError
from limits.storage import RedisStorage
from limits.strategies import FixedWindowRateLimiter

from accounts.codes import id_digest
from accounts.metrics import lockouts
from infra.errors import DomainError, StoreUnavailable
from infra.redis import client, key

P = ParamSpec("P")
R = TypeVar("R")

log = logging.getLogger(__name__)


def fail_closed(function: Callable[P, R]) -> Callable[P, R]:
    """Nobody signs in uncounted: a store that does not answer refuses."""

    @wraps(function)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except StorageError as error:
            log.error("limits store unavailable, sign-in refused: %s", type(error.storage_error).__name__)
            raise StoreUnavailable from error

    return guarded


@fail_closed
def allow_request(admin_id: str, address: str) -> None:
    """Counts one code asked for. Raises DomainError `rate_limited`, StoreUnavailable."""
    _hit(settings.OTP_REQUEST_ADDRESS_LIMIT, "request_limit", "request-address", _address(address))
    # Per address first, so that a stranger's requests use up the operator's share as late as possible.
    _hit(settings.OTP_REQUEST_ADMIN_LIMIT, "request_limit", "request-admin", id_digest(admin_id))


@fail_closed
def allow_attempt(admin_id: str, address: str) -> None:
    """Counts one answer before it is tried. Raises DomainError `locked`, `rate_limited`; StoreUnavailable."""
    _hit(settings.OTP_VERIFY_ADDRESS_LIMIT, "address_limit", "verify-address", _address(address))
    pair = _pair(admin_id, address)
    if not _limiter().test(_lock(), *pair):
        raise _locked(_lock(), pair)
    for item in parse_many(settings.LOCKOUT_ADMIN_LIMIT):
        if not _limiter().test(item, "wrong-admin", id_digest(admin_id)):
            raise _limited(item, "admin_limit", "wrong-admin", id_digest(admin_id))
    # Counted before the answer is known: simultaneous tries cannot all slip through under the same count.
    if not _limiter().hit(_failures(), *pair):
        raise _locked(_failures(), pair)


@fail_closed
def attempt_failed(admin_id: str, address: str) -> bool:
    """Settles a wrong answer; True for the one that begins a lockout of this adminId from this address."""
    pair = _pair(admin_id, address)
    for item in parse_many(settings.LOCKOUT_ADMIN_LIMIT):
        _limiter().hit(item, "wrong-admin", id_digest(admin_id))
    if _limiter().get_window_stats(_failures(), *pair).remaining > 0 or not _limiter().hit(_lock(), *pair):
        return False
    lockouts.labels("failed_codes").inc()
    log.warning("locked out", extra={"admin": pair[0][:8], "address": pair[1][:8], "secs": settings.LOCKOUT_SECS})
    return True


@fail_closed
def attempt_succeeded(admin_id: str, address: str) -> None:
    """A right answer wipes the wrong ones of this pair."""
    _limiter().clear(_failures(), *_pair(admin_id, address))


@fail_closed
def unlock(admin_id: str, addresses: Iterable[str]) -> None:
    """Lifts the lockouts of this adminId at these addresses, and what counts against it as a whole."""
    for address in addresses:
        pair = _pair(admin_id, address)
        _limiter().clear(_lock(), *pair)
        _limiter().clear(_failures(), *pair)
    for item in parse_many(settings.LOCKOUT_ADMIN_LIMIT):
        _limiter().clear(item, "wrong-admin", id_digest(admin_id))
    for item in parse_many(settings.OTP_REQUEST_ADMIN_LIMIT):
        _limiter().clear(item, "request-admin", id_digest(admin_id))


def _hit(rates: str, reason: str, *names: str) -> None:
    for item in parse_many(rates):
        if not _limiter().hit(item, *names):
            raise _limited(item, reason, *names)


def _limited(item: RateLimitItem, reason: str, *names: str) -> DomainError:
    lockouts.labels(reason).inc()
    log.warning("rate limited", extra={"reason": reason, "key": names[-1][:8]})
    wait = _wait(item, *names)
    message = _("Too many attempts. Please wait %(secs)d seconds and try again.") % {"secs": wait}
    return DomainError("rate_limited", message, retryable=True, retry_after=wait)


def _locked(item: RateLimitItem, pair: tuple[str, str]) -> DomainError:
    wait = _wait(item, *pair)
    message = _("Too many wrong codes. Sign-in is locked; try again in %(mins)d min.") % {"mins": -(-wait // 60)}
    return DomainError("locked", message, retryable=True, retry_after=wait)


def _wait(item: RateLimitItem, *names: str) -> int:
    """Whole seconds until the window ends, at least one."""
    return max(1, round(_limiter().get_window_stats(item, *names).reset_time - time.time()))


def _failures() -> RateLimitItem:
    return RateLimitItemPerSecond(settings.LOCKOUT_FAILURES, settings.LOCKOUT_SECS, namespace="wrong-pair")


def _lock() -> RateLimitItem:
    return RateLimitItemPerSecond(1, settings.LOCKOUT_SECS, namespace="lockout")


def _pair(admin_id: str, address: str) -> tuple[str, str]:
    return id_digest(admin_id), _address(address)


def _address(address: str) -> str:
    """A keyed digest; an IPv6 client counts by its /64, because it owns all addresses of it."""
    if ":" in address:
        address = str(ipaddress.ip_network(f"{address}/64", strict=False))
    return salted_hmac("accounts.address", address, algorithm="sha256").hexdigest()[:32]


def _limiter() -> FixedWindowRateLimiter:
    return _limiter_on(client().connection_pool)


@lru_cache(maxsize=4)
def _limiter_on(pool: Any) -> FixedWindowRateLimiter:
    # Our own pool: infra alone decides how Redis is reached, with its timeouts.
    storage = RedisStorage("redis://", connection_pool=pool, key_prefix=key("limits"), wrap_exceptions=True)
    return FixedWindowRateLimiter(storage)
