"""One-time codes: made, kept as keyed digests in Redis, tried in one atomic step. Keys: `otp`, `otp:due`."""

from __future__ import annotations

import secrets
from enum import StrEnum
from pathlib import Path

from django.conf import settings
from django.utils.crypto import salted_hmac

from infra.lua import Command, LuaScript, load, text
from infra.redis import execute

LUA = Path(__file__).parent / "lua"
MOST_DECOYS = 10_000


class Outcome(StrEnum):
    """What became of an answer; `BURNED` means wrong for the last time, `NONE` that no code is in force."""

    OK = "ok"
    WRONG = "wrong"
    BURNED = "burned"
    NONE = "none"


def new_code() -> str:
    """A fresh code of `OTP_DIGITS` decimal digits."""
    return f"{secrets.randbelow(10**settings.OTP_DIGITS):0{settings.OTP_DIGITS}d}"


def issue(admin_id: str, code: str | None) -> int:
    """Puts `code` in force for `OTP_TTL_SECS`, voiding an older one; returns when it ends (ms since 1970).

    `None` is for an unknown adminId: a decoy is stored that no answer matches, so that everything that follows
    takes the same way and the same time. Raises StoreUnavailable.
    """
    return execute(issue_command(admin_id, code))


def check(admin_id: str, answer: str) -> Outcome:
    """Tries `answer`, counting it; a right one is used up by it. Raises StoreUnavailable."""
    return execute(check_command(admin_id, answer))


def issue_command(admin_id: str, code: str | None) -> Command[int]:
    digest = secrets.token_hex(32) if code is None else _code_digest(admin_id, code)
    ttl_ms = settings.OTP_TTL_SECS * 1000
    decoy = 1 if code is None else 0
    argv = (id_digest(admin_id), digest, ttl_ms, settings.OTP_MAX_ATTEMPTS, decoy, MOST_DECOYS)
    return Command(_script("otp_issue"), argv, int)


def check_command(admin_id: str, answer: str) -> Command[Outcome]:
    return Command(_script("otp_verify"), (id_digest(admin_id), _code_digest(admin_id, answer)), _outcome)


def id_digest(admin_id: str) -> str:
    """How an adminId is named in keys: fixed length, and telling nothing to who reads Redis or a log."""
    return salted_hmac("accounts.admin-id", admin_id, algorithm="sha256").hexdigest()[:32]


def _code_digest(admin_id: str, code: str) -> str:
    # Keyed: six digits alone could be found by trying all of them.
    return salted_hmac("accounts.otp", f"{admin_id}\0{code}", algorithm="sha256").hexdigest()


def _outcome(reply: bytes | str) -> Outcome:
    return Outcome(text(reply))


def _script(name: str) -> LuaScript:
    return load(LUA / f"{name}.lua")
