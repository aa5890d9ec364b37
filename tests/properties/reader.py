"""Reads the live state straight from the keys, with none of the project's code, in one atomic step."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import redis

PREFIX = "{property}:"
HASHES = (
    "meta", "conn", "box", "mail", "conv", "joinkey", "active", "serving", "operator", "stats", "chat", "gen",
    "line_of", "offered",
)  # fmt: skip
ZSETS = (
    "line", "available", "wrapup", "lease", "held", "grace", "ended", "places", "answer", "hold", "lines",
    "urgent", "free", "passed",
)  # fmt: skip
CALLBACKS = ("callback", "caller")
CALLED = 9e15
"""Called, and its turn has not come: nothing runs out."""


@dataclass(frozen=True)
class State:
    """Each hash and sorted set under its own name; `records` is `conv` parsed, `entries` the journal in order."""

    now_ms: int
    hashes: dict[str, dict[str, str]]
    zsets: dict[str, dict[str, float]]
    entries: list[tuple[str, dict[str, str]]]
    records: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        found = self.__dict__["hashes"].get(name)
        return self.__dict__["zsets"][name] if found is None else found

    def count(self, name: str) -> int:
        return int(self.hashes["stats"].get(name, 0))

    def of_meta(self, name: str) -> float:
        return float(self.hashes["meta"].get(name, 0))


def read(raw: redis.Redis) -> State:
    pipe = raw.pipeline(transaction=True)
    pipe.time()
    for name in HASHES:
        pipe.hgetall(PREFIX + name)
    for name in ZSETS + CALLBACKS:
        pipe.zrange(PREFIX + name, 0, -1, withscores=True)
    pipe.xrange(PREFIX + "journal")
    (seconds, micros), *rest = pipe.execute()
    hashes = dict(zip(HASHES, rest, strict=False))
    zsets = {name: dict(rows) for name, rows in zip(ZSETS + CALLBACKS, rest[len(HASHES) : -1], strict=True)}
    records = {cid: json.loads(text) for cid, text in hashes["conv"].items()}
    return State(seconds * 1000 + micros // 1000, hashes, zsets, rest[-1], records)


WARP = """
local p, by = ARGV[1], tonumber(ARGV[2])
for _, name in ipairs({'lease', 'grace', 'wrapup', 'ended', 'answer', 'hold'}) do
  for _, member in ipairs(redis.call('ZRANGE', p .. name, 0, -1)) do
    redis.call('ZINCRBY', p .. name, -by, member)
  end
end
for _, member in ipairs(redis.call('ZRANGEBYSCORE', p .. 'callback', 1, '(9000000000000000')) do
  redis.call('ZINCRBY', p .. 'callback', -by, member)
end
for _, name in ipairs({'hold_until', 'lease_hold', 'reachable_at', 'recover_until', 'generation_at', 'last_tick'}) do
  local value = redis.call('HGET', p .. 'meta', name)
  if value then redis.call('HSET', p .. 'meta', name, string.format('%.0f', value - by)) end
end
return 1
"""


def warp(raw: redis.Redis, milliseconds: int) -> None:
    """Lets time pass: every deadline and every remembered moment lies `milliseconds` nearer, or farther back."""
    raw.eval(WARP, 0, PREFIX, milliseconds)


def forget_pause(raw: redis.Redis) -> None:
    """As if the pause of claims that follows an empty Redis were over."""
    raw.hset(PREFIX + "meta", "recover_until", 0)
