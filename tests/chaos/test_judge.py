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
        self.records: dict[str, Any] = {"conversations": {}, "events": [], "chat": [], "fairness": []}
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


def of_departments(story: Story, first: str, second: str, served: set[str]) -> None:
    """Bora, who came second, is taken first."""
    story.event(1, "c1", "joined", ticket="1000", line=first)
    story.event(2, "c2", "joined", ticket="2000", line=second)
    story.records["events"] = [row for row in story.records["events"] if row[1] != "joined" or "line" in row[3]]
    for row in story.records["events"]:
        if row[1] == "claimed":
            row[2] = {"c2": "3-0", "c1": "4-0"}[row[0]]
    story.records["events"].sort(key=lambda row: row[2])
    story.desk.lines_served = frozenset(served)


def test_order_is_that_of_the_departments_an_operator_serves(story: Story) -> None:
    of_departments(story, "sales", "tech", {"sales", "tech"})
    assert "c2 was taken before ['c1']" in story.faults()
    story.desk.lines_served = frozenset({"tech"})
    assert story.faults() == "c1 was taken by ayse, who does not serve sales"


def test_who_has_a_priority_goes_first_where_the_fairness_log_says_so_and_so_often(story: Story) -> None:
    of_departments(story, "sales", "sales", {"sales"})
    assert "c2 was taken before ['c1']" in story.faults()
    story.records["fairness"] = [["3-0", "urgent", "c2", ""]]
    assert story.faults() == ""
    for number in range(3):
        story.event(2, f"more{number}", "joined", ticket=str(3000 + number), line="sales")
        story.event(3, f"more{number}", "claimed", operator="ayse")
        story.records["fairness"].append(["3-0", "urgent", f"more{number}", ""])
    story.records["events"].sort(key=lambda row: row[2])
    assert "c1 was passed 4 times by priority" in story.faults()
    # Whom nobody answered waits anew, before all others.
    middle = next(at for at, row in enumerate(story.records["events"]) if row[:2] == ["more1", "claimed"])
    story.records["events"][middle:middle] = [
        ["c1", "claimed", "3-0", {"operator": "ayse"}],
        ["c1", "given-back", "3-0", {"operator": "ayse", "ticket": "1000"}],
    ]
    assert "times by priority" not in story.faults()


def test_whom_the_journal_names_as_absent_may_be_passed(story: Story) -> None:
    events = story.records["events"]
    events[2], events[3] = events[3], events[2]
    taken = events[2][2]
    story.records["fairness"].append([taken, "skipped", "c1", "c2"])
    assert story.faults() == ""
    story.records["fairness"] = [[taken, "kept", "c1", "c2"]]
    assert story.faults() == ""
    # What it says of another claim, or of another customer, explains nothing.
    story.records["fairness"] = [["9-9", "skipped", "c1", "c2"], [taken, "skipped", "c9", "c2"]]
    assert "c2 was taken before ['c1']" in story.faults()


def passed_on(story: Story, kind: str = "transferred") -> Desk:
    """The first customer goes on to a colleague, who says a line too."""
    colleague = Desk(WEBS, "mehmet", served=["c1"])
    story.event(4, "c1", kind, operator="ayse", ticket="999")
    story.event(5, "c1", "claimed", operator="mehmet")
    story.records["events"].sort(key=lambda row: int(row[2].split("-")[0]))
    colleague.heard["c1"] = dict(story.desk.heard["c1"])
    colleague._next = 10
    story.line(colleague, story.guests[0], "c1")
    return colleague


def faults_of(story: Story, *desks: Desk) -> str:
    return "\n".join(problems(story.guests, [story.desk, *desks], story.records))


@pytest.mark.parametrize("kind", ["transferred", "given-back"])
def test_who_is_passed_on_or_not_answered_has_another_operator(story: Story, kind: str) -> None:
    colleague = passed_on(story, kind)
    assert faults_of(story, colleague) == ""
    other = Desk(WEBS, "zeki", served=["c1"])
    assert "had the operators ['ayse', 'mehmet', 'zeki']" in faults_of(story, colleague, other)


def test_whoever_comes_next_is_shown_what_was_said_before(story: Story) -> None:
    colleague = passed_on(story)
    colleague.heard["c1"].clear()
    assert "was taken and never shown to mehmet" in faults_of(story, colleague)


def test_after_a_wipe_what_was_said_before_stood_with_the_operator_of_then(story: Story) -> None:
    colleague = passed_on(story)
    colleague.heard["c1"].clear()
    told = problems(story.guests, [story.desk, colleague], story.records, [Wipe(1)])
    assert not [fault for fault in told if "never shown" in fault]
    story.desk.heard["c1"].clear()
    told = problems(story.guests, [story.desk, colleague], story.records, [Wipe(1)])
    assert [fault for fault in told if "never shown" in fault]


def test_a_line_of_the_next_operator_that_takes_the_place_of_another_is_noticed(story: Story) -> None:
    colleague = passed_on(story)
    [number] = [number for number in story.guests[0].heard["c1"] if number > 10]
    del story.guests[0].heard["c1"][number]
    assert "was taken and never shown to Ada" in faults_of(story, colleague)


def test_a_line_that_was_not_taken_makes_room_for_one_of_the_next_operator(story: Story) -> None:
    colleague = passed_on(story)
    number = colleague.lines["c1"][-1]
    story.desk._next = number - 1
    story.desk.say("c1")
    assert story.desk.lines["c1"][-1] == number
    assert faults_of(story, colleague) == ""
    story.desk.sent[number].acked_at = 1.0
    assert "for 'c1 operator" in faults_of(story, colleague)


def test_a_claim_more_or_less_than_those_who_parted_is_noticed(story: Story) -> None:
    colleague = passed_on(story)
    story.event(6, "c1", "transferred", operator="mehmet", ticket="998")
    assert "was claimed 2 times and parted 2 times" in faults_of(story, colleague)


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
