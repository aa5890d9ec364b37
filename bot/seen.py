"""An update is handled at most once: one that killed its process is not tried again. It is asked after a stranger was
charged, which bounds what is remembered for a day.

Keys: `telegram:update:<update id>` (string, "1"; a day): this update was taken.
"""

from __future__ import annotations

from infra.errors import StoreUnavailable
from infra.redis.client import guarded, key

SEEN_SECS = 86_400  # Telegram keeps an update no longer


def first_time(update_id: int) -> bool:
    """Without Redis every time is the first: nobody can claim, or be kept, then, so whoever asks is at worst told twice
    to wait."""
    try:
        with guarded() as connection:
            return bool(connection.set(key(f"telegram:update:{update_id}"), "1", nx=True, ex=SEEN_SECS))
    except StoreUnavailable:
        return True
