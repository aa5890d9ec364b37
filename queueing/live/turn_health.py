"""Health of TURN regions: what pages found out about them, made one verdict for each region.

The score lives in Redis (`lua/lib/turn.lua`): a fault adds 1, a success halves it, and so do five minutes. A region
whose score is at least FAULT_LIMIT is passed over: it is still offered, but last.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings

FAULT_HALF_LIFE_MS = 300_000
FAULT_LIMIT = 1.5
"""Two parties within five minutes, or more of them over a longer time; one party alone never, whatever it sends."""


def regions() -> list[str]:
    """The configured regions; what pages call anything else is not kept."""
    return [server.region for server in settings.TURN_SERVERS]


def verdicts(probes: Iterable[Mapping[str, Any]]) -> dict[str, bool]:
    """Region → whether any way into it worked, from the `turn` list of a `device:check`.

    A page that can reach no region at all says something of its own network and nothing of the regions: it is left
    out, like a page that had only one region to try and failed.
    """
    known = set(regions())
    found: dict[str, bool] = {}
    for probe in probes:
        if probe["region"] in known:
            found[probe["region"]] = found.get(probe["region"], False) or bool(probe["ok"])
    return found if any(found.values()) else {}
