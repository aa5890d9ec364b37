"""Start tokens: what a link into the bot's chat carries (`t.me/<bot>?start=<token>`), so that the bot knows whose chat
it is. Unguessable, good once and for START_SECS; a newer one of the same conversation takes the place of the older.

Whoever brings it first may bring it again until what it asks for is answered, so an outage in between costs nobody the
link; anybody else never.

Redis keeps what it stands for sealed, under a digest of the token: who reads it there can start nothing.

Keys: `callback:start:<digest>` (string, sealed JSON; START_SECS): a link that is still good;
`callback:starter:<digest>` (string, a digest; START_SECS): who was first to bring it;
`callback:started:<conversation>` (string, the digest; START_SECS): the newest of that conversation.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from dataclasses import asdict, dataclass, field
from typing import Any

from infra.redis.client import guarded, key
from infra.sealed import Box, NotOurs

BOX = Box("adminara.start")
START_SECS = 600
TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")
"""24 bytes of chance. Telegram takes 64 of these characters at most."""


@dataclass(frozen=True)
class Start:
    """What the customer has asked for, up to the chat. `who`, `most`: the bounds that it counts for."""

    conversation: str
    origin: str
    language: str
    handle: str
    email: str = ""
    who: list[str] = field(default_factory=list)
    most: list[int] = field(default_factory=list)


def make(start: Start) -> str:
    """The token. Raises StoreUnavailable."""
    token = secrets.token_urlsafe(24)
    name, newest = digest(token), _newest_key(start.conversation)
    sealed = BOX.seal(json.dumps(asdict(start)))
    with guarded() as connection:
        # In this order the later of two at once finds what it has to make void.
        connection.set(_key(name), sealed, ex=START_SECS)
        before: Any = connection.set(newest, name, ex=START_SECS, get=True)
        if before:
            connection.delete(_key(before))
    return token


def claim(token: str, who: str) -> Start | None:
    """What it stands for; None for one that is spent, old, none of ours, or that somebody else was first to bring.
    Raises StoreUnavailable."""
    if not TOKEN.fullmatch(token):
        return None
    name = digest(token)
    with guarded() as connection:
        sealed: Any = connection.get(_key(name))
        if not sealed:
            return None
        connection.set(_starter_key(name), who, nx=True, ex=START_SECS)
        if connection.get(_starter_key(name)) != who:
            return None
    try:
        return Start(**json.loads(BOX.open(sealed)))
    except (NotOurs, TypeError):
        return None


def spend(token: str) -> None:
    """It was answered: nobody may bring it again. Raises StoreUnavailable."""
    with guarded() as connection:
        connection.delete(_key(digest(token)))


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()[:32]


def _key(name: str) -> str:
    return key(f"callback:start:{name}")


def _starter_key(name: str) -> str:
    return key(f"callback:starter:{name}")


def _newest_key(conversation: str) -> str:
    return key(f"callback:started:{conversation}")
