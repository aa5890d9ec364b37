"""The judge of loads and faults sees what it is there to see."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from harness.judge import Wipe, problems, unrecorded
from harness.people import Desk, Guest

WEBS: list[Any] = [None]


class Story:
    """Two customers, one operator, three lines; everything as it should be until a test breaks it."""

    def __init__(self) -> None:
        self.guests = [Guest(WEBS, name) for name in ("Ada", "Bora")]
        self.desk = Desk(WEBS, "ayse")
        self.records: dict[str, Any] = {"conversations": {}, "events": [], "chat": []}
        for number, guest in enumerate(self.guests, start=1):
            guest.conversation = f"c{number}"
            guest.phase, guest.reason = "ended", "hangup"
            self.desk.served.append(guest.conversation)
            self.records["conversations"][guest.conversation] = ["ended", "hangup", "ayse", guest.name]
        self.event(1, "c1", "joined", ticket="1000")
        self.event(2, "c2", "joined", ticket="2000")
        for number in (1, 2):
            self.event(2 + number, f"c{number}", "claimed", operator="ayse")
            self.event(4 + number, f"c{number}", "ended", reason="hangup")
        self.records["events"].sort(key=lambda row: row[2])
        self.line(self.guests[0], self.desk, "c1")
        self.line(self.desk, self.guests[0], "c1")
        self.line(self.guests[1], self.desk, "c2")

    def event(self, at: int, conversation: str, kind: str, **data: Any) -> None:
        self.records["events"].append([conversation, kind, f"{at}-0", data])

    def line(self, speaker: Guest | Desk, listener: Guest | Desk, conversation: str) -> None:
        speaker.say(conversation)
        number = speaker.lines[conversation][-1]
        sent = speaker.sent[number]
        sent.acked_at = time.monotonic()
        listener.heard.setdefault(conversation, {})[number] = sent.frame["text"]
        self.records["chat"].append([conversation, speaker.role, f"{number}-0", sent.frame["text"]])

    def faults(self, *wipes: Wipe) -> str:
        return "\n".join(problems(self.guests, [self.desk], self.records, wipes))


@pytest.fixture
def story() -> Story:
    return Story()


def test_nothing_is_wrong_with_a_sound_story(story: Story) -> None:
    assert story.faults() == ""


def test_a_customer_who_was_never_served_is_lost(story: Story) -> None:
    story.guests[1].phase = "waiting"
    assert "Bora (c2) is still waiting" in story.faults()


def test_a_call_that_the_service_ended_is_lost(story: Story) -> None:
    story.guests[0].reason = "customer-lost"
    assert "was ended with customer-lost" in story.faults()


def test_two_operators_for_one_customer_are_one_too_many(story: Story) -> None:
    other = Desk(WEBS, "mehmet", served=["c1"])
    assert "had the operators ['ayse', 'mehmet']" in "\n".join(
        problems(story.guests, [story.desk, other], story.records)
    )


def test_a_second_customer_at_one_desk_is_noticed_when_it_happens(story: Story) -> None:
    story.desk.on_queue_ready({"conversation": "c8"})
    story.desk.on_queue_ready({"conversation": "c9"})
    assert "was given c9 while serving c8" in story.faults()


def test_a_line_that_was_taken_and_not_shown_is_lost(story: Story) -> None:
    story.desk.heard["c1"].clear()
    assert "was taken and never shown to ayse" in story.faults()


def test_a_line_that_was_refused_need_not_arrive(story: Story) -> None:
    story.guests[0].say("c1")
    assert story.faults() == ""


@pytest.mark.parametrize("times", [0, 2])
def test_a_line_stands_in_the_history_once(story: Story, times: int) -> None:
    row = story.records["chat"].pop(0)
    story.records["chat"] += [row] * times
    assert f"is {times} times in the history" in story.faults()


@pytest.mark.parametrize(("times", "found"), [(0, False), (1, False), (2, True)])
def test_a_line_that_went_with_redis_may_be_missing_and_not_doubled(story: Story, times: int, found: bool) -> None:
    row = story.records["chat"].pop(0)
    story.records["chat"] += [row] * times
    data = json.dumps({"type": "chat:message", "id": 1, "text": row[3], "from": row[1]})
    journal = [("1-0", {"type": "joined", "conversation": "c1", "data": "{}"}),
               ("2-0", {"type": "chat", "conversation": row[0], "data": data})]  # fmt: skip
    assert ("in the history" in story.faults(Wipe(9, unrecorded(journal)))) is found


def test_a_line_shown_twice_is_noticed_when_it_happens(story: Story) -> None:
    guest, said = story.guests[0], story.desk.sent[1].frame
    guest.on_chat_message({**said, "conversation": "c1", "id": 1})
    assert "twice" in story.faults()


def test_a_number_that_is_left_out_is_noticed(story: Story) -> None:
    guest = story.guests[0]
    wire: Any = object()
    guest.wire = wire
    guest.take(wire, {"type": "call:control", "seq": 1})
    guest.take(wire, {"type": "call:control", "seq": 3})
    assert "call:control came with number 3 after 1" in story.faults()


def test_who_came_later_is_not_taken_first(story: Story) -> None:
    events = story.records["events"]
    events[2], events[3] = events[3], events[2]
    assert "c2 was taken before ['c1']" in story.faults()


def test_whom_the_journal_names_as_absent_may_be_passed(story: Story) -> None:
    events = story.records["events"]
    events[2], events[3] = events[3], events[2]
    events[2][3]["skipped"] = ["c1"]
    assert story.faults() == ""


def test_after_a_wipe_only_who_is_back_can_be_passed(story: Story) -> None:
    story.records["events"] = []
    story.event(1, "c1", "joined", ticket="1000")
    story.event(2, "c2", "joined", ticket="2000")
    story.event(10, "c2", "restored", status="waiting", ticket="2000")
    story.event(11, "c2", "claimed", operator="ayse")
    story.event(12, "c1", "restored", status="waiting", ticket="1000")
    story.event(13, "c1", "claimed", operator="ayse")
    assert story.faults(Wipe(9)) == ""
    assert "taken before" in story.faults()


def test_an_unknown_end_is_missing_in_the_history(story: Story) -> None:
    story.records["conversations"]["c2"][0] = "active"
    del story.records["conversations"]["c1"]
    assert "Ada (c1) is not in the history" in story.faults()
    assert "the history says of Bora (c2)" in story.faults()
