"""How often sign-in may be tried. Counted by `limits` in Redis, over all processes; Redis out means refused.

Browsers that are not known:
* per address: codes asked for, answers tried → 429;
* per adminId and address: codes asked for → 429; `LOCKOUT_FAILURES` wrong answers lock that pair out for
  `LOCKOUT_SECS` → 423;
* per adminId over all addresses, slower: codes sent, wrong answers → 429. It stops a guesser with many addresses.

The first answer to a code that this browser asked for is tried in any case: whoever was sent it gets in, however many
strangers guess meanwhile. A known device (`accounts.askers`) has limits of its own and none of the above, so no
stranger can keep it out. How much all of this leaves to a guesser is reckoned in docs/threat-model.md.

All keys are under `limits`; they name adminIds, addresses, browsers and devices by keyed digests.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache, wraps
from typing import Any, ParamSpec, TypeVar

from django.conf import settings
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from limits import RateLimitItem, RateLimitItemPerSecond, parse_many
from limits.errors import StorageError
from limits.storage import RedisStorage
from limits.strategies import FixedWindowRateLimiter

from accounts import locks, otp
from accounts.metrics import lockouts
from accounts.otp import id_digest
from infra.addresses import counted_as
from infra.errors import DomainError, StoreUnavailable
from infra.redis.client import RedisError, client, key

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


@dataclass(frozen=True)
class Guesser:
    """Who answers: for which adminId, from where, with which nonce (a digest) and as which known device; empty for
    none."""

    admin_id: str
    address: str
    browser: str = ""
    device: str = ""

    @property
    def name(self) -> str:
        """A keyed digest of the known device, or else of the address: who is locked out for wrong answers."""
        return _digest("accounts.device", self.device) if self.device else _address(self.address)

    @property
    def pair(self) -> tuple[str, str]:
        return id_digest(self.admin_id), self.name


@fail_closed
def allow_request(admin_id: str, address: str, device: str = "") -> None:
    """Counts one code asked for. Raises DomainError `rate_limited`, StoreUnavailable."""
    if device:
        _hit(
            settings.OTP_REQUEST_DEVICE_LIMIT,
            "request_limit",
            "request-device",
            *Guesser(admin_id, "", "", device).pair,
        )
        return
    _hit(settings.OTP_REQUEST_ADDRESS_LIMIT, "request_limit", "request-address", _address(address))
    # Per address first, so that a stranger's requests use up the operator's share as late as possible.
    _hit(settings.OTP_REQUEST_PAIR_LIMIT, "request_limit", "request-pair", *Guesser(admin_id, address).pair)
    _hit(settings.OTP_REQUEST_ADMIN_LIMIT, "request_limit", "request-admin", id_digest(admin_id))


@fail_closed
def allow_attempt(guesser: Guesser) -> None:
    """Counts one answer before it is tried. Raises DomainError `locked`, `rate_limited`; StoreUnavailable."""
    try:
        _allow_attempt(guesser)
    except DomainError:
        if not _first_answer(guesser):
            raise


def _allow_attempt(guesser: Guesser) -> None:
    if not guesser.device:
        _hit(settings.OTP_VERIFY_ADDRESS_LIMIT, "address_limit", "verify-address", guesser.name)
    if not _limiter().test(_lock(), *guesser.pair):
        raise _locked(_lock(), guesser.pair)
    for item in _all_together(guesser):
        if not _limiter().test(item, "wrong-admin", id_digest(guesser.admin_id)):
            raise _limited(item, "admin_limit", "wrong-admin", id_digest(guesser.admin_id))
    # Counted before the answer is known: simultaneous tries cannot all slip through under the same count.
    if not _limiter().hit(_failures(), *guesser.pair):
        raise _locked(_failures(), guesser.pair)


def _first_answer(guesser: Guesser) -> bool:
    """Whether this is the first answer to a code that the browser asked for; True once for each code."""
    code = otp.untried(guesser.admin_id, guesser.browser)
    once = RateLimitItemPerSecond(1, settings.OTP_TTL_SECS, namespace="first-answer")
    return bool(code) and _limiter().hit(once, id_digest(guesser.admin_id), guesser.browser, code)


@fail_closed
def attempt_failed(guesser: Guesser) -> bool:
    """Settles a wrong answer; True for the one that begins a lockout of this adminId for this address or device."""
    for item in _all_together(guesser):
        _limiter().hit(item, "wrong-admin", id_digest(guesser.admin_id))
    pair = guesser.pair
    if _limiter().get_window_stats(_failures(), *pair).remaining > 0 or not _limiter().hit(_lock(), *pair):
        return False
    lockouts.labels("failed_codes").inc()
    with suppress(RedisError):  # the lockout itself holds
        locks.began(pair, settings.LOCKOUT_SECS)
    log.warning("locked out", extra={"admin": pair[0][:8], "who": pair[1][:8], "secs": settings.LOCKOUT_SECS})
    return True


@fail_closed
def attempt_succeeded(guesser: Guesser) -> None:
    """A right answer wipes the wrong ones of this pair."""
    _limiter().clear(_failures(), *guesser.pair)


@fail_closed
def unlock(admin_id: str, addresses: Iterable[str]) -> None:
    """Lifts the lockouts of this adminId at these addresses, and what counts against it as a whole."""
    for address in addresses:
        pair = Guesser(admin_id, address).pair
        _limiter().clear(_lock(), *pair)
        with suppress(RedisError):
            locks.lifted(pair)
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


def _all_together(guesser: Guesser) -> list[RateLimitItem]:
    """What counts wrong answers over all browsers that are not known."""
    return [] if guesser.device else list(parse_many(settings.LOCKOUT_ADMIN_LIMIT))


def _address(address: str) -> str:
    return _digest("accounts.address", counted_as(address))


def _digest(salt: str, value: str) -> str:
    return salted_hmac(salt, value, algorithm="sha256").hexdigest()[:32]


def _limiter() -> FixedWindowRateLimiter:
    return _limiter_on(client().connection_pool)


@lru_cache(maxsize=4)
def _limiter_on(pool: Any) -> FixedWindowRateLimiter:
    # Our own pool: infra alone decides how Redis is reached, with its timeouts.
    storage = RedisStorage("redis://", connection_pool=pool, key_prefix=key("limits"), wrap_exceptions=True)
    return FixedWindowRateLimiter(storage)
