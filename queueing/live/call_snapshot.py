"""The call snapshot: what the calls of this moment look like from above, read in one step from Redis.

`/health` and the Prometheus gauges are made of it; it is the same from every process.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infra.redis.client import execute
from infra.redis.scripts import Command
from queueing.live.store import script
from queueing.live.turn_health import FAULT_HALF_LIFE_MS, FAULT_LIMIT

FRESH_MS = 15_000
"""Pages send a sample every 2 s. An older one is of a party that is away, and says nothing of now."""


@dataclass(frozen=True)
class Calls:
    """`success_ratio` (0 to 1) and `mean_rtt_ms` are None when there is nothing to judge by.

    `measured` calls had a fresh sample; the mean is over them. `failovers_process` counts parties that came back to a
    running call through another web process, `failovers_turn` changes of the TURN region within a call; both since the
    state was last lost. `regions`: TURN region → parties whose media goes through it now. `failing`: regions that pages
    could not reach lately → score; they are offered last.
    """

    active: int
    attempted_last_hour: int
    connected_last_hour: int
    success_ratio: float | None
    measured: int
    mean_rtt_ms: float | None
    failovers_process: int
    failovers_turn: int
    regions: Mapping[str, int]
    failing: Mapping[str, float]

    def as_dict(self) -> dict[str, Any]:
        """For JSON, as `/health` shows it."""
        ratio = None if self.success_ratio is None else round(self.success_ratio, 4)
        return {
            "active": self.active,
            "attempted_last_hour": self.attempted_last_hour,
            "connected_last_hour": self.connected_last_hour,
            "success_ratio": ratio,
            "mean_rtt_ms": self.mean_rtt_ms,
            "failovers": {"process": self.failovers_process, "turn": self.failovers_turn},
            "turn_regions": dict(self.regions),
            "turn_regions_failing": sorted(self.failing),
        }


def read() -> Calls:
    """One call of one script. Raises StoreUnavailable when Redis does not answer."""
    return execute(command())


def command() -> Command[Calls]:
    return Command(script("call_snapshot"), (FRESH_MS, FAULT_HALF_LIFE_MS, str(FAULT_LIMIT)), _parse)


def _parse(reply: Any) -> Calls:
    snapshot = json.loads(reply)
    tried, connected = int(snapshot["tried"]), int(snapshot["connected"])
    measured = int(snapshot["measured"])
    return Calls(
        active=int(snapshot["active"]),
        attempted_last_hour=tried,
        connected_last_hour=connected,
        success_ratio=connected / tried if tried else None,
        measured=measured,
        mean_rtt_ms=float(snapshot["rtt_ms"]) if measured else None,
        failovers_process=int(snapshot["failovers"]["process"]),
        failovers_turn=int(snapshot["failovers"]["turn"]),
        regions={region: int(parties) for region, parties in snapshot["regions"].items()},
        failing={region: round(float(score), 2) for region, score in snapshot["failing"].items()},
    )
