"""`python -m bench.widget`: what it counts, and when it says that a goal is missed."""

from __future__ import annotations

from typing import Any

from bench.widget.weight import Goal, Network, Weight


class Wire:
    """The browser's end of a DevTools session, as far as `Network` listens to it."""

    def __init__(self) -> None:
        self.listeners: dict[str, Any] = {}
        self.sent: list[str] = []

    def on(self, name: str, listener: Any) -> None:
        self.listeners[name] = listener

    def send(self, name: str) -> None:
        self.sent.append(name)

    def fetched(self, url: str, body: int, **answer: Any) -> None:
        self.listeners["Network.responseReceived"](
            {"requestId": url, "response": {"url": url, "status": 200, "encodedDataLength": 300, **answer}}
        )
        self.listeners["Network.loadingFinished"]({"requestId": url, "encodedDataLength": body + 300})


def test_what_travelled_is_counted() -> None:
    wire = Wire()
    network = Network(wire)  # type: ignore[arg-type]
    wire.fetched("http://localhost:1/a.js?x=1", 120)
    wire.fetched("http://localhost:1/", 10)
    wire.fetched("http://localhost:1/kept.js", 5000, fromDiskCache=True)
    wire.fetched("data:text/css,a", 7)
    assert network.weight() == Weight(requests=2, bodies=130, wire=730)
    assert [one.path for one in network.done] == ["/a.js", "/"]


def test_a_missed_goal_is_named() -> None:
    assert Weight(3, 2000, 9000).kept_to("view", Goal(kb=2, requests=3)) == []
    missed = Weight(4, 2001, 0).kept_to("view", Goal(kb=2, requests=3))
    assert [fault.split(",")[1] for fault in missed] == [" more than 2", " more than 3"]
