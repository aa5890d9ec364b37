"""What a scenario gets: the lab, a way to a new call, and a place for its figures."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bench.call_lab.calls import Call, Studio
from bench.call_lab.topology import Topology


@dataclass
class Context:
    """`figures` are what the scenario itself measured; the common ones are computed from the records."""

    topology: Topology
    studio: Studio
    call: Call | None = None
    figures: dict[str, Any] = field(default_factory=dict)
    # Concealment and gaps are looked for from here to there, ms; None: from the fault to the end.
    window: tuple[float, float] | None = None

    def ready_call(self) -> Call:
        """A call that has not begun."""
        self.call = self.studio.call()
        return self.call

    def running_call(self) -> Call:
        call = self.ready_call()
        call.begin()
        return call
