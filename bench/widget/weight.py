"""Counts what a page fetches, as the browser's network says it. Sockets and media are not part of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import CDPSession

KB = 1000


@dataclass(frozen=True)
class Goal:
    """At most; None: no goal. `kb` counts bodies as they travelled, that is compressed."""

    kb: float
    requests: int | None = None


FIRST_VIEW = Goal(kb=35, requests=12)
"""Up to the form before the queue, with nobody touching it."""
CALL = Goal(kb=75)
"""Everything from the first byte to a running call."""
LOADER = Goal(kb=5)
"""embed.js on the page of the site."""


@dataclass
class Weight:
    """`bodies` as they travelled, `wire` with the answers' headers, both in bytes."""

    requests: int = 0
    bodies: int = 0
    wire: int = 0

    def kept_to(self, name: str, goal: Goal) -> list[str]:
        """A sentence for each goal that is missed."""
        missed = []
        if self.bodies > goal.kb * KB:
            missed.append(f"{name}: {self.bodies / KB:.1f} KB, more than {goal.kb:g}")
        if goal.requests is not None and self.requests > goal.requests:
            missed.append(f"{name}: {self.requests} requests, more than {goal.requests}")
        return missed


@dataclass
class Fetched:
    """One answer; `path` without the query."""

    path: str
    status: int
    headers: int
    wire: int = 0

    @property
    def bodies(self) -> int:
        return self.wire - self.headers


@dataclass
class Network:
    """Listens to a page's network from now on. Answers from the browser's own store do not count, nor do those whose
    address has `without` in it.
    """

    session: CDPSession
    without: str = ""
    open: dict[str, Fetched] = field(default_factory=dict)
    done: list[Fetched] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.session.on("Network.responseReceived", self._began)
        self.session.on("Network.loadingFinished", self._ended)
        self.session.send("Network.enable")

    def weight(self) -> Weight:
        return Weight(len(self.done), sum(one.bodies for one in self.done), sum(one.wire for one in self.done))

    def _began(self, event: dict[str, Any]) -> None:
        answer = event["response"]
        if self.without and self.without in answer["url"]:
            return
        if answer["url"].startswith("http") and not answer.get("fromDiskCache"):
            path = "/" + answer["url"].split("/", 3)[3].split("?")[0]
            self.open[event["requestId"]] = Fetched(path, answer["status"], headers=int(answer["encodedDataLength"]))

    def _ended(self, event: dict[str, Any]) -> None:
        if one := self.open.pop(event["requestId"], None):
            one.wire = int(event["encodedDataLength"])
            self.done.append(one)
