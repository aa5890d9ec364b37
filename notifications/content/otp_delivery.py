"""One-time codes on their way to Telegram. They live in Redis only, each under its own key that dies with the code.

Keys: `otp-delivery:<random id>` (string, the code; TTL = life of the code).
"""

from uuid import uuid4

from infra.redis.client import guarded, key


def put(code: str, ttl_secs: float) -> str:
    """Stores the code and returns the id under which it can be read until `ttl_secs` have passed."""
    secret = uuid4().hex
    with guarded() as connection:
        connection.set(_key(secret), code, px=int(ttl_secs * 1000))
    return secret


def get(secret: str) -> str | None:
    """The code, or None when its time is over or it was dropped. A retry reads it again."""
    with guarded() as connection:
        found = connection.get(_key(secret))
    return None if found is None else str(found)


def drop(*secrets: str) -> None:
    """Forgets codes, once they are delivered or can never be."""
    if secrets:
        with guarded() as connection:
            connection.delete(*map(_key, secrets))


def _key(secret: str) -> str:
    return key(f"otp-delivery:{secret}")
