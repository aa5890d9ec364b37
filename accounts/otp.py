"""One-time codes: made, kept as keyed digests in Redis, tried in one atomic step. Keys: `otp`, `otp:due`.

A code stands in a slot: that of the browser which asked for it, or the one of a code that a command printed. What is
done in one slot changes nothing in another, so nobody can void a code that somebody else asked for. How many slots an
adminId has at once is bounded by the limits on asking (`accounts.ratelimit`) and the life of a code.
"""

from __future__ import annotations

import re
import secrets
from enum import StrEnum
from pathlib import Path

from django.conf import settings
from django.utils.crypto import salted_hmac

from infra.clock import now_ms
from infra.redis.client import execute, guarded, key
from infra.redis.scripts import Command, LuaScript, load, text

LUA = Path(__file__).parent / "lua"
MOST_DECOYS = 10_000
PRINTED = "printed"
"""The slot of a code that a command printed: it belongs to whoever has it, whatever browser that is."""
ENTRY = re.compile(r"(?P<expires>\d{1,16}):(?P<left>\d{1,3}):[0-9a-f]+")


class Outcome(StrEnum):
    """What became of an answer; `BURNED` means wrong for the last time, `NONE` that no code is in force."""

    OK = "ok"
    WRONG = "wrong"
    BURNED = "burned"
    NONE = "none"


def new_code() -> str:
    """A fresh code of `OTP_DIGITS` decimal digits."""
    return f"{secrets.randbelow(10**settings.OTP_DIGITS):0{settings.OTP_DIGITS}d}"


def issue(admin_id: str, code: str | None, browser: str = PRINTED) -> int:
    """Puts `code` in force for `OTP_TTL_SECS`, voiding an older one of that browser; returns when it ends (ms since
    1970).

    `None` is for an unknown adminId: a decoy is stored that no answer matches, so that everything that follows
    takes the same way and the same time. Raises StoreUnavailable.
    """
    return execute(issue_command(admin_id, code, browser))


def check(admin_id: str, answer: str, browser: str = "", address: str = "") -> Outcome:
    """Tries `answer` with the code that `browser` asked for and with a printed one, counting it; a right one is used
    up by it. Raises StoreUnavailable."""
    return execute(check_command(admin_id, answer, browser, address))


def untried(admin_id: str, browser: str) -> str:
    """Names the code that `browser` asked for while it is in force and nobody has tried it yet; else empty."""
    if not browser:
        return ""
    with guarded() as connection:
        stored = str(connection.hget(key("otp"), _slot(admin_id, browser)) or "")
    match = ENTRY.fullmatch(stored)
    if match is None or int(match["left"]) != settings.OTP_MAX_ATTEMPTS or int(match["expires"]) <= now_ms():
        return ""
    return match["expires"]


def issue_command(admin_id: str, code: str | None, browser: str = PRINTED) -> Command[int]:
    digest = secrets.token_hex(32) if code is None else _code_digest(admin_id, code)
    ttl_ms = settings.OTP_TTL_SECS * 1000
    decoy = 1 if code is None else 0
    # A printed code is tried by many, each with attempts of its own, which end with the code: the mark tells it from
    # the next one.
    attempts = 1 + secrets.randbelow(10**9) if browser == PRINTED else settings.OTP_MAX_ATTEMPTS
    argv = (_slot(admin_id, browser), digest, ttl_ms, attempts, decoy, MOST_DECOYS)
    return Command(_script("otp_issue"), argv, int)


def check_command(admin_id: str, answer: str, browser: str = "", address: str = "") -> Command[Outcome]:
    own = _slot(admin_id, browser) if browser else ""
    argv = (own, _slot(admin_id, PRINTED), _code_digest(admin_id, answer), address, settings.OTP_MAX_ATTEMPTS)
    return Command(_script("otp_verify"), argv, _outcome)


def id_digest(admin_id: str) -> str:
    """How an adminId is named in keys: fixed length, and telling nothing to who reads Redis or a log."""
    return salted_hmac("accounts.admin-id", admin_id, algorithm="sha256").hexdigest()[:32]


def _slot(admin_id: str, browser: str) -> str:
    return f"{id_digest(admin_id)}:{browser}"


def _code_digest(admin_id: str, code: str) -> str:
    # Keyed: six digits alone could be found by trying all of them.
    return salted_hmac("accounts.otp", f"{admin_id}\0{code}", algorithm="sha256").hexdigest()


def _outcome(reply: bytes | str) -> Outcome:
    return Outcome(text(reply))


def _script(name: str) -> LuaScript:
    return load(LUA / f"{name}.lua")
