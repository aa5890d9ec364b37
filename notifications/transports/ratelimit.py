"""At most MESSAGES_PER_SECOND messages a second over all workers, decided in Redis by its clock.

Key: `notify:next-slot` (string, µs since 1970 of the first free slot; lives no longer than it matters).
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.redis.client import execute
from infra.redis.scripts import Command, load
from notifications.policy import MESSAGES_PER_SECOND, SLOT_WAIT_SECS

SCRIPT = Path(__file__).parent / "lua" / "send_slot.lua"
MICROSECONDS = 1_000_000


@dataclass(frozen=True)
class Slot:
    """When a message may go: in `wait_s` seconds. Not `reserved` when that is too far away: ask again then."""

    reserved: bool
    wait_s: float


def reserve(longest_wait_s: float = SLOT_WAIT_SECS) -> Slot:
    """Takes the next free slot. Raises StoreUnavailable without Redis."""
    argv = (MICROSECONDS // MESSAGES_PER_SECOND, int(longest_wait_s * MICROSECONDS))
    return execute(Command(load(SCRIPT), argv, _parse))


def _parse(reply: Any) -> Slot:
    reserved, wait_us = reply
    return Slot(bool(int(reserved)), int(wait_us) / MICROSECONDS)
