"""What the readers of containers find out, and the one way in which they give up."""

from __future__ import annotations

from dataclasses import dataclass, field

PIECES_MOST = 50_000
"""Elements, boxes or samples that are looked at: two minutes of picture and sound have a fifth of it."""


class Unreadable(ValueError):
    """It is not in the format that its first bytes claim."""


@dataclass
class Media:
    """What a container says of itself. `seconds`: until its last piece; `pieces`: blocks or samples with media."""

    sounds: list[str] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    seconds: float = 0.0
    pieces: int = 0
