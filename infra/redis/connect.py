"""Opens the links of :mod:`infra.redis.bus`: finds the primary, signs in, and makes sure that it is one."""

from __future__ import annotations

import asyncio
import logging
import ssl
from typing import TypeVar
from urllib.parse import parse_qs, unquote, urlsplit

import hiredis

from infra.redis.resp_connection import RespConnection, RespConnectionClosed, Word
from infra.redis.sentinel import ASK_SECS, SentinelUrl, sentinel_url

L = TypeVar("L", bound=RespConnection)

logger = logging.getLogger(__name__)


async def open_link(url: str, kind: type[L]) -> L:
    """Connects to what REDIS_URL names (``redis://``, ``rediss://``, ``unix://``, ``redis+sentinel://``) and signs in.

    Sentinel is asked anew for every connection: that is how a reconnect follows a failover.
    Raises RespConnectionClosed or OSError; the caller bounds the time.
    """
    sentinel = sentinel_url(url)
    if sentinel is not None:
        host, port = await find_master(sentinel)
        link = await _open_tcp(kind, host, port)
        words = _sign_in(sentinel.username, sentinel.password) + _select(sentinel.database)
        return await _shake_hands(link, words, only_master=True)
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    if parts.scheme == "unix":
        _, link = await asyncio.get_running_loop().create_unix_connection(kind, unquote(parts.path))
    else:
        context = tls_context(query) if parts.scheme == "rediss" else None
        link = await _open_tcp(kind, parts.hostname or "localhost", parts.port or 6379, context)
    database = query.get("db", [""])[0] or ("" if parts.scheme == "unix" else parts.path.strip("/"))
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return await _shake_hands(link, _sign_in(user, password) + _select(int(database or 0)))


async def find_master(sentinel: SentinelUrl) -> tuple[str, int]:
    """Where the primary listens, by the first Sentinel that knows. Raises RespConnectionClosed when none does."""
    for host, port in sentinel.sentinels:
        try:
            async with asyncio.timeout(ASK_SECS):
                address = await _ask(sentinel, host, port)
        except (OSError, TimeoutError, hiredis.HiredisError) as error:
            logger.warning("sentinel %s:%d does not answer: %s", host, port, error or type(error).__name__)
            continue
        if address is not None:
            return address
        logger.warning("sentinel %s:%d knows no master %s", host, port, sentinel.master)
    raise RespConnectionClosed(f"no sentinel knows the master {sentinel.master}")


async def _ask(sentinel: SentinelUrl, host: str, port: int) -> tuple[str, int] | None:
    link = await _open_tcp(RespConnection, host, port)
    try:
        await _shake_hands(link, _sign_in(sentinel.sentinel_username, sentinel.sentinel_password))
        reply = await link.call(("SENTINEL", "GET-MASTER-ADDR-BY-NAME", sentinel.master))
    finally:
        link.abort()
    if not isinstance(reply, list):
        return None
    return reply[0].decode(), int(reply[1])


async def _open_tcp(kind: type[L], host: str, port: int, context: ssl.SSLContext | None = None) -> L:
    _, link = await asyncio.get_running_loop().create_connection(kind, host, port, ssl=context)
    return link


async def _shake_hands(link: L, handshake: list[tuple[Word, ...]], *, only_master: bool = False) -> L:
    try:
        for words in handshake:
            if isinstance(await link.call(words), hiredis.ReplyError):
                raise RespConnectionClosed(f"Redis refused {words[0]!s}")
        if only_master:
            # Sentinel may not have noticed yet, and an old primary that comes back is a replica a moment later.
            role = await link.call(("ROLE",))
            if not isinstance(role, list) or role[0] != b"master":
                raise RespConnectionClosed("Sentinel named a server that is not the master")
    except BaseException:
        link.abort()
        raise
    return link


def _sign_in(user: str | None, password: str | None) -> list[tuple[Word, ...]]:
    return [("AUTH", *((user,) if user else ()), password)] if password else []


def _select(database: int) -> list[tuple[Word, ...]]:
    return [("SELECT", database)] if database else []


def tls_context(query: dict[str, list[str]]) -> ssl.SSLContext:
    """TLS as the URL asks for it, in redis-py's words: `ssl_ca_certs`, `ssl_certfile`, `ssl_keyfile`,
    `ssl_cert_reqs=none` and `ssl_check_hostname=false`. By default the certificate is verified.
    """
    context = ssl.create_default_context(cafile=query.get("ssl_ca_certs", [None])[0])
    if query.get("ssl_check_hostname", ["true"])[0].lower() in ("false", "0", "no"):
        context.check_hostname = False
    if query.get("ssl_cert_reqs", ["required"])[0] == "none":
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    certificate = query.get("ssl_certfile", [None])[0]
    if certificate:
        context.load_cert_chain(certificate, query.get("ssl_keyfile", [None])[0])
    return context
