"""How many values a test draws."""

from __future__ import annotations

import os

ON_POSTGRES = os.environ.get("TEST_DATABASE", "sqlite") == "postgresql"


def drawn(number: int) -> int:
    """So many; on PostgreSQL, to which they come for the second time, a quarter of them."""
    return -(-number // 4) if ON_POSTGRES else number
