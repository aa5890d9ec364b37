"""Where the primary of a `redis+sentinel://` address is reached: the URL's parts, for every client of Redis.

    redis+sentinel://[user:password@]host[:port][,host[:port]…]/master[/database][?sentinel_password=…&sentinel_username=…]

User and password are those of Redis itself; the Sentinels' own stand in the query. Without TLS: redis-py, kombu and
channels-redis agree on no spelling for it, so encrypt the network between the machines instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

SCHEME = "redis+sentinel"
DEFAULT_PORT = 26379
ASK_SECS = 0.5
"""How long one Sentinel may take to answer before the next one is asked."""


@dataclass(frozen=True)
class SentinelUrl:
    """`sentinels` in the order in which they are asked; `master` is the name that they know the primary by."""

    sentinels: tuple[tuple[str, int], ...]
    master: str
    database: int = 0
    username: str | None = None
    password: str | None = None
    sentinel_username: str | None = None
    sentinel_password: str | None = None

    def master_options(self) -> dict[str, Any]:
        """How redis-py signs in at the primary."""
        return {"db": self.database, "username": self.username, "password": self.password}

    def sentinel_options(self) -> dict[str, Any]:
        """How redis-py talks to a Sentinel."""
        return {
            "socket_timeout": ASK_SECS,
            "socket_connect_timeout": ASK_SECS,
            "username": self.sentinel_username,
            "password": self.sentinel_password,
        }

    def layer_host(self) -> dict[str, Any]:
        """An entry of `hosts` for channels-redis."""
        return {
            "sentinels": list(self.sentinels),
            "master_name": self.master,
            "sentinel_kwargs": self.sentinel_options(),
            **self.master_options(),
        }

    def broker_url(self) -> str:
        """In kombu's words; `broker_options` go with it."""
        sign_in = ""
        if self.password:
            sign_in = f"{quote(self.username or '', safe='')}:{quote(self.password, safe='')}@"
        hosts = [f"[{host}]" if ":" in host else host for host, _ in self.sentinels]
        pairs = zip(hosts, (port for _, port in self.sentinels), strict=True)
        return ";".join(f"sentinel://{sign_in}{host}:{port}/{self.database}" for host, port in pairs)

    def broker_options(self) -> dict[str, Any]:
        """kombu's `broker_transport_options` that name the primary."""
        return {"master_name": self.master, "sentinel_kwargs": self.sentinel_options()}


def sentinel_url(url: str) -> SentinelUrl | None:
    """The parts of a `redis+sentinel://` URL; None for any other. Raises ValueError with what is wrong."""
    return parse(url) if url.startswith(f"{SCHEME}:") else None


def layer_host(url: str) -> Any:
    """An entry of `hosts` for channels-redis, whatever REDIS_URL is."""
    address = sentinel_url(url)
    return url if address is None else address.layer_host()


@lru_cache(maxsize=8)
def parse(url: str) -> SentinelUrl:
    """`sentinel_url` for what is known to be one."""
    parts = urlsplit(url)
    sign_in, _, hosts = parts.netloc.rpartition("@")
    master, _, database = parts.path.strip("/").partition("/")
    if not hosts or not master:
        raise ValueError(f"must be {SCHEME}://host:{DEFAULT_PORT},host:{DEFAULT_PORT}/master-name/0")
    if database and not database.isdigit():
        raise ValueError(f"the database must be a number, as in {SCHEME}://host/master-name/0")
    user, _, password = sign_in.partition(":")
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    unknown = set(query) - {"sentinel_username", "sentinel_password"}
    if unknown:
        raise ValueError(f"{', '.join(sorted(unknown))}: only sentinel_username and sentinel_password are known")
    return SentinelUrl(
        sentinels=tuple(_address(host) for host in hosts.split(",")),
        master=unquote(master),
        database=int(database or 0),
        username=unquote(user) or None,
        password=unquote(password) or None,
        sentinel_username=query.get("sentinel_username"),
        sentinel_password=query.get("sentinel_password"),
    )


def _address(text: str) -> tuple[str, int]:
    host, port = text, ""
    if text.startswith("["):
        host, _, rest = text[1:].partition("]")
        port = rest.removeprefix(":")
    elif ":" in text:
        host, _, port = text.rpartition(":")
    if not host or (port and not port.isdigit()):
        raise ValueError(f"{text!r} is not host:port")
    return host, int(port or DEFAULT_PORT)
