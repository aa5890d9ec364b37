"""Lua scripts as files: each is one atomic step over keys that its header declares.

A script's header is a run of `--` comment lines. Two of them are read by the loader:

- `-- keys: line conv` names the keys, without namespace, in the order of KEYS;
- `-- include: infra/mailbox lib/state` puts library files in front; their keys join the script's own.

In front of every script stands `local K = {["line"] = KEYS[1], …}` and `local PREFIX = "{namespace}:"` (for names of
channels). A key name is never built inside a script: ids are fields and members of these few aggregate keys, so one
script's keys share a cluster slot and are all declared.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

from django.conf import settings

from infra.redis import script_errors

T = TypeVar("T")
UPVALUES_MOST = 50
"""Lua refuses a function that uses more than 60 locals of those around it. Names are counted, not parsed."""
INFRA = Path(__file__).parent / "lua"


def key(name: str) -> str:
    """The full name of a key or channel: `{NAMESPACE}:name`; the braces keep all keys in one cluster slot."""
    return f"{{{settings.REDIS_NAMESPACE}}}:{name}"


@dataclass(frozen=True)
class LuaScript:
    """`source` as Redis runs it, its SHA-1, and the full names of its keys in the order of KEYS."""

    name: str
    source: str
    sha: str
    keys: tuple[str, ...]

    @cached_property
    def call(self) -> bytes:
        """What every EVALSHA of it begins with, after the number of words: RESP of name, SHA-1 and keys."""
        words = ("EVALSHA", self.sha, str(len(self.keys)), *self.keys)
        return b"".join(b"$%d\r\n%b\r\n" % (len(word.encode()), word.encode()) for word in words)


# A tuple, because one is made for every frame that is relayed.
class Command(NamedTuple, Generic[T]):
    """One call of a script: run it with `infra.redis.client.execute` or, in an event loop, with `Bus.execute`.

    `parse` turns the raw reply into the result. It has to take both `str` and `bytes`, since the two ways differ.
    """

    script: LuaScript
    argv: tuple[str | bytes | int, ...]
    parse: Callable[[Any], T]


def load(path: Path) -> LuaScript:
    """Reads a script once per namespace. Raises OSError when a file is missing."""
    return _load(path, settings.REDIS_NAMESPACE)


@lru_cache(maxsize=256)
def _load(path: Path, namespace: str) -> LuaScript:
    names: list[str] = []
    bodies: list[str] = []
    _collect(path, names, bodies, set())
    table = ", ".join(f'["{name}"] = KEYS[{index}]' for index, name in enumerate(names, 1))
    head = f'local K = {{{table}}}\nlocal PREFIX = "{{{namespace}}}:"\n'
    source = _nested([head, *bodies])
    sha = hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest()
    script_errors.known(sha, path.stem)
    return LuaScript(path.stem, source, sha, tuple(key(name) for name in names))


def _collect(path: Path, names: list[str], bodies: list[str], seen: set[Path]) -> None:
    """Depth first: a library stands before what includes it, and only once."""
    if path in seen:
        return
    seen.add(path)
    body = path.read_text(encoding="utf-8")
    includes: list[str] = []
    own: list[str] = []
    for line in body.splitlines():
        if not line.startswith("--"):
            break
        if line.startswith("-- include:"):
            includes += line.removeprefix("-- include:").split()
        elif line.startswith("-- keys:"):
            own += line.removeprefix("-- keys:").split()
    for include in includes:
        folder, _, name = include.rpartition("/")
        base = INFRA if folder == "infra" else path.parent / ("" if path.parent.name == folder else folder)
        _collect(base / f"{name}.lua", names, bodies, seen)
    names += [name for name in own if name not in names]
    bodies.append(body)


def _nested(bodies: list[str]) -> str:
    """Each body in a function within that of those before, as far as `UPVALUES_MOST` allows.

    A closure that is made looks for each local of the running function among all of them that others use, one by one;
    what belongs to a function around that one is found at once. And each function may have 200 locals of its own.
    """
    source, ends = bodies[0], ""
    for number, body in enumerate(bodies[1:], 1):
        used = set[str]().union(*map(_words, bodies[number:]))
        if sum(1 for before in bodies[:number] for name in _locals(before) if name in used) <= UPVALUES_MOST:
            source, ends = f"{source} return (function()\n", ends + " end)()"
        source += body + "\n"
    return source + ends.strip() + "\n"


@lru_cache(maxsize=256)
def _words(body: str) -> frozenset[str]:
    """All names in it, and the words of its comments."""
    return frozenset(re.findall(r"[A-Za-z_]\w*", body))


@lru_cache(maxsize=256)
def _locals(body: str) -> tuple[str, ...]:
    """The names of its outermost scope, which stand at the beginning of a line."""
    found = re.findall(r"^local (?:function )?(\w+(?:, \w+)*)", body, re.MULTILINE)
    return tuple(name for names in found for name in names.split(", "))


def text(value: str | bytes) -> str:
    """A reply as text, whichever client it came through."""
    return value.decode() if isinstance(value, bytes) else value
