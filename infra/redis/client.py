"""The only place that opens redis-py connections, and the boot step that every connection begins with.

Boot (`infra/redis/lua/boot.lua`) notices a Redis that was restarted (its run id differs from the stored one) or wiped
(no `generation`), before any other script can act on half-forgotten state. It runs once on each new connection of every
client, so there is no moment in which somebody talks to a restarted Redis unnoticed.

Key of this module: `meta` (hash; fields in `docs/redis-keys.md`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, TypeVar

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisError, ResponseError
from redis.retry import Retry
from redis.sentinel import Sentinel, SentinelConnectionPool

from infra.errors import DomainError, ScriptFailed, StoreUnavailable
from infra.redis import script_errors
from infra.redis.outage import redis_outage
from infra.redis.scripts import INFRA, Command, key, load
from infra.redis.sentinel import sentinel_url

__all__ = [
    "RedisError",
    "ResponseError",
    "boot_command",
    "client",
    "domain_error",
    "execute",
    "key",
    "register_errors",
]

T = TypeVar("T")
TIMEOUT_SECS = 2.0
ERROR_PREFIX = "ADM "
_messages: dict[str, str | Any] = {}


def client() -> redis.Redis:
    """The synchronous client of this process: 2 s timeouts, no retry (callers decide what a failure means)."""
    return _client(settings.REDIS_URL)


@lru_cache(maxsize=4)
def _client(url: str) -> redis.Redis:
    pool = pool_of(
        url,
        decode_responses=True,
        socket_timeout=TIMEOUT_SECS,
        socket_connect_timeout=TIMEOUT_SECS,
        retry=Retry(NoBackoff(), 0),
        redis_connect_func=_on_connect,
    )
    return redis.Redis(connection_pool=pool)


def pool_of(url: str, **options: Any) -> redis.ConnectionPool:
    """redis-py's connections to what REDIS_URL names; with `redis+sentinel://` to whatever is the primary just then."""
    # Which library connects nobody asks; to say so takes two round trips and a look at the disk for each connection.
    options.setdefault("driver_info", None)
    address = sentinel_url(url)
    if address is None:
        return redis.ConnectionPool.from_url(url, **options)
    sentinel = Sentinel(list(address.sentinels), sentinel_kwargs=address.sentinel_options())  # type: ignore[no-untyped-call]
    options |= address.master_options()
    return SentinelConnectionPool(address.master, sentinel, **options)  # type: ignore[no-untyped-call]


class CachePool:
    """`pool_of` as Django's cache asks for it (`OPTIONS["pool_class"]`)."""

    from_url = staticmethod(pool_of)


def _on_connect(connection: Any) -> None:
    connection.on_connect()
    connection.send_command("EVAL", *boot_command())
    connection.read_response()


def boot_command() -> tuple[str | int, ...]:
    """`(source, number of keys, keys…, argv…)` for the EVAL that opens every connection."""
    script = load(INFRA / "boot.lua")
    recovery_ms = int(settings.RECOVERY_SECS * 1000)
    hold_ms = int(max(settings.QUEUE_GRACE_SECS, settings.QUEUE_GRACE_MOBILE_SECS, settings.CALL_GRACE_SECS) * 1000)
    return (
        script.source,
        len(script.keys),
        *script.keys,
        recovery_ms,
        hold_ms,
        int(settings.PROCESS_LEASE_SECS * 1000),
    )


def execute(command: Command[T]) -> T:
    """Runs one script. Raises StoreUnavailable when Redis does not answer, DomainError when the script refuses."""
    script = command.script
    try:
        reply = _evaluate(client(), script.sha, script.source, script.keys, command.argv)
    except ResponseError as error:
        raise domain_error(str(error)) from error
    except (RedisError, OSError) as error:
        redis_outage.failed(error)
        raise StoreUnavailable() from error
    redis_outage.answered()
    return command.parse(reply)


@contextmanager
def guarded() -> Iterator[redis.Redis]:
    """`client()` for plain commands: `with guarded() as connection`. Raises StoreUnavailable without an answer."""
    try:
        yield client()
    except (RedisError, OSError) as error:
        redis_outage.failed(error)
        raise StoreUnavailable() from error
    redis_outage.answered()


def _evaluate(connection: redis.Redis, sha: str, source: str, keys: tuple[str, ...], argv: tuple[Any, ...]) -> Any:
    try:
        return connection.evalsha(sha, len(keys), *keys, *argv)
    except NoScriptError:
        return connection.eval(source, len(keys), *keys, *argv)


def register_errors(messages: dict[str, Any]) -> None:
    """Adds sentences (lazy translations) for the codes that an app's scripts answer with."""
    _messages.update(messages)


def domain_error(reply: str) -> DomainError:
    """The error behind a Redis error reply: scripts refuse with `ADM code`, Redis says that it cannot serve us, and the
    rest is a script that failed (logged and counted here).
    """
    if not reply.startswith(ERROR_PREFIX):
        error: DomainError = StoreUnavailable()
        if not script_errors.is_outage(reply):
            script_errors.failed(reply)
            error = ScriptFailed()
        error.__cause__ = RuntimeError(reply)
        return error
    code = reply.removeprefix(ERROR_PREFIX).split()[0]
    return DomainError(code, str(_messages.get(code, code)))
