"""Values as every database takes them."""

from __future__ import annotations

import math
import re
from typing import Any

NOT_STORABLE = re.compile("[\x00\ud800-\udfff]")
"""What no UTF-8 column takes: PostgreSQL refuses NUL, and half a surrogate pair has no encoding."""


def storable(text: str) -> str:
    """The text with what no database takes replaced by U+FFFD."""
    return NOT_STORABLE.sub("\ufffd", text)


def storable_json(value: Any) -> Any:
    """A plain JSON value of which every string, names included, is `storable`; what is no number is None."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {storable(str(name)): storable_json(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [storable_json(inner) for inner in value]
    return value
