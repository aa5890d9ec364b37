"""Who has left the page and is called when it is nearly their turn, as typed commands. The rules are in
lua/lib/callbacks.lua and lua/lib/calling_back.lua.

Keys: `callback` (sorted set): conversation by what is due; `caller` (sorted set): `<who>/<conversation>`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from infra.clock import now_ms
from infra.redis.client import guarded, key
from infra.redis.scripts import Command, load
from queueing.live.store import config

LUA = Path(__file__).parent / "lua"
RESTORED_FOR_MS = 3_600_000
"""A worker that was out for longer after a wipe brings nobody back."""


@dataclass(frozen=True)
class Bound:
    """At most `most` callbacks of `who` (a digest, or a site) are open."""

    who: str
    most: int


@dataclass(frozen=True)
class Open:
    """One that is recorded as open. `asked_at`: ms; `calls`: since it was asked for; `number`: of the last call; `who`:
    what it counts for, as the `who` of its bounds had it."""

    channel: str
    asked_at: int
    calls: int
    number: int
    who: list[str] = field(default_factory=list)


def ask(conversation: str, channel: str, bounds: list[Bound], contact: dict[str, Any]) -> Command[int]:
    """`contact`: how they are reached, for the journal. Asked again, the newest counts.

    Errors: not_waiting, callbacks_full."""
    callback = {"channel": channel, "who": [bound.who for bound in bounds]}
    most = [bound.most for bound in bounds]
    told = json.dumps({**contact, "counts_for": callback["who"]})
    argv = (config(), "ask", conversation, json.dumps(callback), json.dumps(most), told)
    return Command(load(LUA / "callback.lua"), argv, int)


def cancel(conversation: str) -> Command[int]:
    """1 when there was one: who has no page open has a grace from now on."""
    return Command(load(LUA / "callback.lua"), (config(), "cancel", conversation), int)


def give_up(conversation: str, who: str = "") -> Command[int]:
    """1 when a wait with a callback was ended, as by its customer; `who`: only one that counts for this one."""
    return Command(load(LUA / "callback.lua"), (config(), "give_up", conversation, who), int)


def of(who: str) -> list[str]:
    """The conversations whose open callbacks count for `who`. Raises StoreUnavailable."""
    with guarded() as connection:
        found: Any = connection.zrangebylex(key("caller"), f"[{who}/", f"({who}0")
    return [member.partition("/")[2] for member in found]


def channel_of(conversation: str) -> str:
    """Of one that is open; else empty. Raises StoreUnavailable."""
    with guarded() as connection:
        found: Any = connection.hget(key("conv"), conversation)
    record: dict[str, Any] = json.loads(found) if found else {}
    return str((record.get("callback") or {}).get("channel", ""))


def forgot_lately() -> bool:
    """Whether Redis was emptied or restarted so lately that somebody may have to be brought back. Raises
    StoreUnavailable."""
    with guarded() as connection:
        moments: Any = connection.hmget(key("meta"), ["generation_at", "restarted_at"])
    return now_ms() - max(float(moment or 0) for moment in moments) < RESTORED_FOR_MS


def listed() -> set[str]:
    """Conversations that Redis knows to be called. Raises StoreUnavailable."""
    with guarded() as connection:
        found: Any = connection.zrange(key("callback"), 0, -1)
    return set(found)


def restore(conversation: str, found: Open, record: dict[str, Any]) -> Command[int]:
    """Brings back one that a wiped Redis has forgotten; 0 where nothing was forgotten, or it goes on otherwise."""
    callback = {
        "channel": found.channel, "who": found.who, "at": found.asked_at, "calls": found.calls, "number": found.number,
    }  # fmt: skip
    argv = (config(), "restore", conversation, json.dumps(callback), json.dumps(record), RESTORED_FOR_MS)
    return Command(load(LUA / "callback.lua"), argv, int)
