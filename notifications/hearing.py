"""Whether the bot hears what people write to it, and what it is called: somebody asks Telegram now and then (`bot`),
and whoever offers a chat with it looks here.

Key: `telegram:bot` (string, its username; HEARD_SECS): it hears. Nothing stands there while it does not.
"""

from __future__ import annotations

import re
from typing import Any

from infra.redis.client import guarded, key

HEARD_SECS = 120
"""What was found out is believed for so long."""
NAME = re.compile(r"[A-Za-z0-9_]{4,32}")


def hears(name: str) -> None:
    """Raises StoreUnavailable; ValueError for what is no username of Telegram's."""
    if not NAME.fullmatch(name):
        raise ValueError(name)
    with guarded() as connection:
        connection.set(_key(), name, ex=HEARD_SECS)


def is_deaf() -> None:
    """Raises StoreUnavailable."""
    with guarded() as connection:
        connection.delete(_key())


def bot_name() -> str:
    """Its username while it hears, else empty. Raises StoreUnavailable."""
    with guarded() as connection:
        found: Any = connection.get(_key())
    return str(found or "")


def _key() -> str:
    return key("telegram:bot")
