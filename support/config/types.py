"""The types of settings: how their text in the environment is read and checked."""

import ipaddress
import json
import re
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import limits
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from infra.mail import sender, server_of
from infra.redis.sentinel import sentinel_url

Environment = Literal["development", "staging", "production"]
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
ProxyHeader = Literal["x-forwarded-for", "forwarded"]
MAIL_ADDRESS = re.compile(r"[^@]+@[^@]+\Z")
# One line of a file that programs read: what else a URL may hold is written as %XX.
CONTACT_CHARACTERS = re.compile(r"[!-~]{1,500}")
WEAK_SECRET = re.compile(r"change.?me|secret|password|example|insecure|default|(.)\1{7}", re.IGNORECASE)


class TurnServer(BaseModel):
    """One TURN or STUN region: lower `priority` is tried first."""

    region: str
    urls: list[str] = Field(min_length=1)
    priority: int = 100


def _split(value: Any) -> Any:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _json(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError as error:
        raise ValueError(f"is not valid JSON: {error}") from None


def _network(value: Any) -> Any:
    try:
        return ipaddress.ip_network(value, strict=False)
    except ValueError:
        raise ValueError(f"{value!r} is not an address or network such as 10.0.0.0/8") from None


def _http_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an absolute http:// or https:// address")
    return value.rstrip("/")


def _public_url(value: str) -> str:
    if urlsplit(_http_url(value)).path.strip("/"):
        raise ValueError("must have no path: the service owns its whole host name")
    return _http_url(value)


def _contact_url(value: str) -> str:
    parts = urlsplit(value)
    reachable = (
        parts.hostname if parts.scheme == "https" else parts.scheme == "mailto" and MAIL_ADDRESS.match(parts.path)
    )
    if not reachable or not CONTACT_CHARACTERS.fullmatch(value):
        raise ValueError("must be an address such as mailto:security@example.com or https://example.com/security")
    return value


def _origin(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{value!r} is not an origin such as https://www.example.com")
    if parts.path or parts.query or parts.fragment or parts.username or "*" in value:
        raise ValueError(f"{value!r} must be scheme://host[:port] alone: no path, no wildcard")
    return value.lower()


def _bind(value: str) -> str:
    host = value.strip()
    return host[1:-1] if host.startswith("[") and host.endswith("]") else host


def _redis_url(value: str) -> str:
    if sentinel_url(value) is None and urlsplit(value).scheme not in ("redis", "rediss", "unix"):
        raise ValueError("must start with redis://, rediss://, unix:// or redis+sentinel://")
    return value


def _database_url(value: str) -> str:
    if urlsplit(value).scheme not in ("sqlite", "postgres", "postgresql"):
        raise ValueError("must start with postgres:// or sqlite://")
    return value


def _mail_url(value: str) -> str:
    if value:
        server_of(value)
    return value


def _mail_from(value: str) -> str:
    return sender(value) if value else value


def _clamd_url(value: str) -> str:
    parts = urlsplit(value)
    if value and not (
        (parts.scheme == "tcp" and parts.hostname and _has_port(value)) or (parts.scheme == "unix" and parts.path)
    ):
        raise ValueError("must be tcp://host:3310 or unix:///path/of/the/socket")
    return value


def _has_port(value: str) -> bool:
    try:
        return urlsplit(value).port is not None
    except ValueError:
        return False


def _rate(value: str) -> str:
    try:
        limits.parse_many(value)
    except ValueError:
        raise ValueError(f"{value!r} is not a rate such as 10/minute or 5/15 minutes") from None
    return value


Networks = Annotated[list[Annotated[Network, BeforeValidator(_network)]], BeforeValidator(_split)]
Origins = Annotated[list[Annotated[str, AfterValidator(_origin)]], BeforeValidator(_split)]
Bind = Annotated[str, AfterValidator(_bind)]
Words = Annotated[list[str], BeforeValidator(_split)]
ContactUrl = Annotated[str, AfterValidator(_contact_url)]
HttpUrl = Annotated[str, AfterValidator(_http_url)]
PublicUrl = Annotated[str, AfterValidator(_public_url)]
RedisUrl = Annotated[str, AfterValidator(_redis_url)]
DatabaseUrl = Annotated[str, AfterValidator(_database_url)]
MailUrl = Annotated[str, AfterValidator(_mail_url)]
MailFrom = Annotated[str, AfterValidator(_mail_from)]
ClamdUrl = Annotated[str, AfterValidator(_clamd_url)]
TurnServers = Annotated[list[TurnServer], BeforeValidator(_json)]
Rate = Annotated[str, AfterValidator(_rate)]
Seconds = Annotated[int, Field(ge=0, le=31_536_000)]
PositiveSeconds = Annotated[int, Field(ge=1, le=31_536_000)]
Count = Annotated[int, Field(ge=1, le=10_000_000)]


def weakness_of(secret: str, length: int) -> str | None:
    """Why `secret` can be guessed, or None. An absent secret is not judged here."""
    if not secret:
        return None
    if len(secret) < length:
        return f"is too short: {len(secret)} characters, at least {length} needed"
    if len(set(secret)) < 8 or WEAK_SECRET.search(secret):
        return "is a default or easily guessed value; use a random one"
    return None
