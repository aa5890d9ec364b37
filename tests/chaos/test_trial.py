"""What a trial says of those who were told of, and of those who were called back."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from bench.chaos.trial import callbacks, notifications
from harness.people import Guest

WEBS: list[Any] = [None]


def guest() -> Guest:
    ada = Guest(WEBS, "Ada")
    ada.conversation, ada.join_key = "c1", "phone"
    return ada


def system(messages: int = 1, pushes: int = 1, letters: int = 1) -> Any:
    told = [SimpleNamespace(chat_id="1001", text="Ada", edits=[])] * messages
    return SimpleNamespace(
        telegram=SimpleNamespace(messages=told),
        pushed_to=lambda _name: pushes,
        calls_to=lambda _address: ["handle"] * letters,
    )


def row(attempts: int = 1, call: int = 1, state: str = "sent") -> dict[str, Any]:
    named = {"notification": f"callback:c1:{call}", "channel": "push"}
    return {"id": 1, "state": state, "attempts": attempts, "context": {"name": "Ada"}, **named}


@pytest.mark.parametrize(
    ("messages", "attempts", "died", "found"),
    [
        (1, 1, False, False),
        (0, 1, False, True),
        (2, 1, False, True),
        (2, 2, False, True),
        (2, 1, True, True),
        (2, 2, True, False),
        (3, 3, True, True),
    ],
)
def test_one_double_is_of_a_send_that_a_dead_worker_had_begun(
    messages: int, attempts: int, died: bool, found: bool
) -> None:
    traffic: Any = SimpleNamespace(guests=[guest()])
    records = {"notices": [row(attempts)], "events": []}
    said = list(notifications(system(messages=messages), traffic, records, died=died))
    assert bool(said) == found


@pytest.mark.parametrize(("messages", "to", "found"), [(1, "", False), (2, "", False), (3, "", True), (2, "ece", True)])
def test_who_is_passed_on_and_waits_for_whoever_is_free_is_told_of_again(messages: int, to: str, found: bool) -> None:
    traffic: Any = SimpleNamespace(guests=[guest()])
    records = {"notices": [row()], "events": [["c1", "transferred", "1-0", {"ticket": "1", "to": to}]]}
    said = list(notifications(system(messages=messages), traffic, records, died=False))
    assert bool(said) == found


@pytest.mark.parametrize(
    ("rows", "called", "pushes", "died", "found"),
    [
        ([row()], 1, 1, False, ""),
        ([row(), row(call=2)], 2, 2, False, ""),
        ([row(state="refused")], 1, 0, False, ""),
        ([], 0, 0, False, ""),
        ([row()], 1, 2, False, "was called 2 times"),
        ([row(attempts=2)], 1, 2, True, ""),
        ([row()], 1, 0, False, "was called 0 times"),
        ([row()], 0, 1, False, "1 pushes for 0 calls"),
        ([row(), row()], 2, 2, False, "callback:c1:1 stands 2 times"),
    ],
)
def test_who_is_called_back_is_called_once_for_each_call(
    rows: list[Any], called: int, pushes: int, died: bool, found: str
) -> None:
    traffic: Any = SimpleNamespace(called=[guest()], chosen=[], addresses=[])
    records = {"callbacks": rows, "called": ["c1"] * called}
    said = list(callbacks(system(pushes=pushes), traffic, records, died=died))
    assert (found in said[0] if said else "") if found else said == []


@pytest.mark.parametrize(
    ("rows", "letters", "died", "found"),
    [
        ([row()], 1, False, ""),
        ([row(), row(call=2)], 2, False, ""),
        ([row()], 2, False, "was written to 2 times"),
        ([row(attempts=2)], 2, True, ""),
        ([row(state="refused")], 0, False, "was written to 0 times"),
        ([], 0, False, "was written to 0 times"),
    ],
)
def test_whose_time_has_come_is_written_to_once_for_each_call(
    rows: list[Any], letters: int, died: bool, found: str
) -> None:
    traffic: Any = SimpleNamespace(called=[], chosen=[guest()], addresses=["ada@example.org"])
    records = {"callbacks": rows, "called": ["c1"] * len(rows)}
    said = list(callbacks(system(letters=letters), traffic, records, died=died))
    assert (found in said[0] if said else "") if found else said == []
