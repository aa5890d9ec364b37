"""What a process is told over the bus: the frame with its routing, and a letter for what it means."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from infra.redis.client import client, execute
from infra.redis.scripts import key
from queueing.live import store
from tests.queueing.world import Customer, Operator, a_call

pytestmark = pytest.mark.usefixtures("running")

LETTERS = {"queue:ready": "r", "call:ended": "e", "queue:left": "e"}


class Ears:
    """All that is published on some channels from now on."""

    def __init__(self, *channels: str) -> None:
        self._listening = client().pubsub(ignore_subscribe_messages=True)
        self._listening.subscribe(*map(key, channels))
        self._listening.get_message(timeout=2)

    def heard(self) -> list[str]:
        self._listening.ping()
        found: list[str] = []
        while (message := self._listening.get_message(timeout=5)) is None or message["type"] != "pong":
            if message is not None:
                found.append(message["data"])
        return found


@pytest.fixture
def ears() -> Callable[..., Ears]:
    return Ears


def a_whole_story() -> tuple[Customer, Operator]:
    """A call with chat, an un-numbered frame and figures; its end; somebody who leaves the line."""
    ada, deniz = a_call()
    ada.say("merhaba")
    deniz.say("buyurun")
    execute(store.signal(ada.party, ada.conn, None, b'{"type":"chat:typing","on":true}'))
    execute(store.report(ada.party, ada.conn, "call:state", ada.cid, {"state": "connected"}))
    execute(store.report(ada.party, ada.conn, "call:stats", ada.cid, {"rtt_ms": 20}))
    deniz.end()
    bora = Customer("bora")
    bora.join()
    bora.leave()
    return ada, deniz


def test_every_frame_has_the_letter_of_its_type(ears: Callable[..., Ears]) -> None:
    listening = ears("m:p1")
    a_whole_story()
    letters: dict[str, set[str]] = {}
    for payload in listening.heard():
        _party, _seq, _epoch, _conversation, letter, frame = payload.split("\n")
        letters.setdefault(json.loads(frame)["type"], set()).add(letter)
    assert {"queue:ready", "call:ended", "queue:left", "chat:message", "chat:typing", "call:stats"} <= set(letters)
    assert letters == {kind: {LETTERS.get(kind, "o")} for kind in letters}


def test_a_process_of_the_release_before_hears_what_it_knows(ears: Callable[..., Ears]) -> None:
    """Two releases serve side by side during an update."""
    listening = ears("p:p1")
    ada, _deniz = a_whole_story()
    ada.reconnect(conn="p2|ada")
    fields = [payload.split("\n") for payload in listening.heard()]
    assert {len(row) for row in fields} == {5}
    frames: list[dict[str, Any]] = [json.loads(row[4]) for row in fields]
    assert {"queue:ready", "call:ended", "queue:left", "chat:message"} <= {frame.get("type", "") for frame in frames}
    words = [frame["kind"] for row, frame in zip(fields, frames, strict=True) if row[1] == "x"]
    assert words == ["replaced"]


def test_a_process_is_told_once(ears: Callable[..., Ears]) -> None:
    old, new = ears("p:p1"), ears("m:p1")
    a_call()
    assert old.heard() == []
    assert new.heard() != []


def two_lines(ada: Customer, deniz: Operator) -> list[store.Relay]:
    frame = b'{"type":"chat:message","id":5,"text":"a\\nb"}'
    return [store.Relay(party.party, party.conn, None, 5, "chat:message", frame) for party in (ada, deniz)]


def test_a_process_is_told_of_several_frames_at_once(ears: Callable[..., Ears]) -> None:
    ada, deniz = a_call()
    together, alone = ears("b:p1"), ears("m:p1")
    assert execute(store.relay(*two_lines(ada, deniz))) == [1, 1]
    (payload,) = together.heard()
    lines = payload.split("\n")
    assert [lines[0], lines[6]] == [deniz.party, ada.party]
    assert [json.loads(lines[at])["text"] for at in (5, 11)] == ["a\nb"] * 2
    assert alone.heard() == []


@pytest.mark.parametrize(("channel", "width"), [("m:p1", 6), ("p:p1", 5)])
def test_a_process_that_takes_them_one_by_one_is_told_so(ears: Callable[..., Ears], channel: str, width: int) -> None:
    ada, deniz = a_call()
    listening = ears(channel)
    execute(store.relay(*two_lines(ada, deniz)))
    rows = [payload.split("\n") for payload in listening.heard()]
    assert [len(row) for row in rows] == [width] * 2
    assert [row[0] for row in rows] == [deniz.party, ada.party]


def test_everybody_hears_once_which_line_has_other_places(ears: Callable[..., Ears]) -> None:
    listening = ears("all")
    ada, bora = Customer("ada"), Customer("bora")
    ada.join(line="tech", line_name="Tech")
    bora.join()
    deniz = Operator("deniz", lines="tech=1")
    deniz.connect()
    deniz.available()
    assert deniz.serving == ada.cid
    bora.leave()
    assert listening.heard() == ["line tech", "line ", "line tech", "line "]
    deniz.available(on=False)
    assert listening.heard() == ["staff"]
