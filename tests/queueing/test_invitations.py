"""A chat becomes a call: who may propose it, who may answer, and what is true whatever comes in whatever order."""

from __future__ import annotations

import json
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from infra.errors import DomainError
from infra.redis.client import client, execute
from infra.redis.scripts import key
from queueing.live import invitations, store
from queueing.live.invitations import INVITATIONS_MOST, PAUSE_SECS, Invited
from tests.queueing.calls import state
from tests.queueing.world import Customer, Operator, journal, lease, problems, refused, settle

pytestmark = pytest.mark.usefixtures("running")

Person = Customer | Operator


def a_chat(name: str = "ada", operator: str = "deniz") -> tuple[Customer, Operator]:
    ada, deniz = Customer(name), Operator(operator)
    ada.join(media="chat")
    deniz.connect()
    deniz.available()
    return ada, deniz


def by(who: Person, frame_id: int | None = None, conversation: str | None = None) -> Invited:
    who.ids = frame_id or who.ids + 1
    return Invited(who.party, who.conn, conversation, who.ids)


def invite(who: Person, media: Any = "video", frame_id: int | None = None) -> int:
    return execute(invitations.invite(by(who, frame_id), media))


def accept(who: Person, number: int = 1, frame_id: int | None = None) -> int:
    return execute(invitations.answer(by(who, frame_id), number, accepted=True))


def decline(who: Person, number: int = 1) -> int:
    return execute(invitations.answer(by(who), number, accepted=False))


def record(cid: str) -> dict[str, Any]:
    kept: dict[str, Any] = json.loads(client().hget(key("conv"), cid))  # type: ignore[arg-type]
    return kept


def told(who: Person) -> list[dict[str, Any]]:
    """What the mailbox says of invitations."""
    frames = [json.loads(frame) for _seq, _conversation, frame in who.box()]
    return [frame for frame in frames if frame["type"] in ("call:invite", "call:accept", "call:decline")]


def entries() -> list[tuple[str, dict[str, Any]]]:
    kinds = ("call:invite", "call:accept", "call:decline")
    return [(entry["type"], json.loads(entry["data"])) for entry in journal() if entry["type"] in kinds]


def forget_pause(cid: str) -> None:
    """As if the other side had declined long ago."""
    kept = record(cid)
    for mine in kept["invited"].values():
        mine.pop("declined_at", None)
    client().hset(key("conv"), cid, json.dumps(kept))


@pytest.mark.parametrize("media", ["audio", "video"])
@pytest.mark.parametrize("inviter", ["customer", "operator"])
def test_an_accepted_invitation_makes_the_chat_a_call_for_both(inviter: str, media: str) -> None:
    ada, deniz = a_chat()
    first, second = (ada, deniz) if inviter == "customer" else (deniz, ada)
    accepter = "operator" if inviter == "customer" else "customer"
    assert invite(first, media) == 1
    assert record(ada.cid)["media"] == "chat"
    assert accept(second) == 1
    assert record(ada.cid)["media"] == media
    for who in (ada, deniz):
        asked, taken = told(who)
        assert asked == {"type": "call:invite", "invitation": 1, "media": media, "by": inviter}
        polite = {"polite": who is ada}
        assert taken == {"type": "call:accept", "invitation": 1, "media": media, "by": accepter} | polite
    assert entries() == [
        ("call:invite", {"media": media, "from": inviter}),
        ("call:accept", {"media": media, "from": accepter}),
    ]
    (row,) = execute(store.board())["active"]
    assert row["media"] == media
    assert problems() == []


def test_a_page_that_was_loaded_anew_sees_the_invitation_and_then_the_call() -> None:
    ada, deniz = a_chat()
    assert ada.reconnect().state["invitation"] is None  # type: ignore[index]
    invite(deniz)
    for attached in (ada.reconnect(), deniz.connect()):
        assert attached.state is not None
        assert attached.state["invitation"] == {"invitation": 1, "media": "video", "by": "operator"}
        assert attached.state["media"] == "chat"
    accept(ada)
    for attached in (ada.reconnect(), deniz.connect()):
        assert attached.state is not None
        assert (attached.state["invitation"], attached.state["media"]) == (None, "video")
    assert problems() == []


@pytest.mark.parametrize(
    ("first", "second", "media"),
    [
        *(("video", "video", "video"), ("video", "audio", "audio")),
        *(("audio", "video", "audio"), ("audio", "audio", "audio")),
    ],
)
def test_both_invite_at_once_and_there_is_one_call(first: str, second: str, media: str) -> None:
    """Nobody shows a picture who asked for a voice call."""
    ada, deniz = a_chat()
    invite(deniz, first)
    assert invite(ada, second) == 1
    assert record(ada.cid)["media"] == media
    assert [frame["type"] for frame in told(ada)] == ["call:invite", "call:accept"]
    with refused("invitation_over"):
        accept(deniz)
    with refused("call_running"):
        invite(deniz)


def test_who_was_declined_waits_before_inviting_again() -> None:
    ada, deniz = a_chat()
    invite(deniz)
    decline(ada)
    with refused("invited_lately"):
        invite(deniz)
    # The other side may, at once.
    assert invite(ada, "audio") == 1
    assert accept(deniz, 2) == 1
    assert record(ada.cid)["media"] == "audio"


def test_the_pause_is_as_long_as_documented(monkeypatch: pytest.MonkeyPatch) -> None:
    ada, deniz = a_chat()
    invite(deniz)
    decline(ada)
    kept = record(ada.cid)
    kept["invited"]["operator"]["declined_at"] -= PAUSE_SECS * 1000
    client().hset(key("conv"), ada.cid, json.dumps(kept))
    assert invite(deniz) == 1


def test_nobody_is_asked_for_ever() -> None:
    ada, deniz = a_chat()
    for number in range(1, INVITATIONS_MOST + 1):
        invite(deniz)
        decline(ada, number)
        forget_pause(ada.cid)
    with refused("invited_often"):
        invite(deniz)
    assert invite(ada) == 1
    assert accept(deniz, INVITATIONS_MOST + 1) == 1


def test_an_invitation_is_taken_back_by_its_sender_without_a_pause() -> None:
    ada, deniz = a_chat()
    invite(ada)
    decline(ada)
    with refused("invitation_over"):
        accept(deniz)
    assert told(deniz)[-1] == {"type": "call:decline", "invitation": 1, "by": "customer", "own": True}
    assert entries()[-1] == ("call:decline", {"media": "video", "from": "customer", "own": True})
    assert invite(ada, "audio") == 1


def test_another_kind_of_call_takes_the_place_of_the_first_invitation() -> None:
    ada, deniz = a_chat()
    invite(ada, "video")
    assert invite(ada, "video") == 0
    assert invite(ada, "audio") == 1
    with refused("invitation_over"):
        accept(deniz, 1)
    accept(deniz, 2)
    assert record(ada.cid)["media"] == "audio"


def test_a_frame_that_is_sent_again_is_answered_and_done_once() -> None:
    ada, deniz = a_chat()
    assert [invite(deniz, "video", 7), invite(deniz, "video", 7)] == [1, 0]
    assert [accept(ada, 1, 3), accept(ada, 1, 3)] == [1, 0]
    assert len(told(ada)) == len(entries()) == 2


def test_only_the_two_of_them_and_only_while_it_runs() -> None:
    ada, deniz = a_chat()
    bora = Customer("bora")
    bora.join(media="chat")
    with refused("not_in_call"):
        invite(bora)
    with refused("wrong_conversation"):
        execute(invitations.invite(by(bora, conversation=ada.cid), "video"))
    with refused("wrong_conversation"):
        execute(invitations.invite(by(deniz, conversation=bora.cid), "video"))
    invite(ada)
    with refused("invitation_over"):
        accept(ada)
    deniz.end()
    with refused("not_in_call"):
        accept(ada)
    with refused("wrong_conversation"):
        execute(invitations.answer(by(deniz, conversation=ada.cid), 1, accepted=True))
    assert record(ada.cid)["media"] == "chat"
    assert ada.reconnect().state["invitation"] is None  # type: ignore[index]


def test_an_older_socket_answers_nothing() -> None:
    ada, deniz = a_chat()
    invite(deniz)
    old = ada.conn
    ada.reconnect()
    with refused("replaced"):
        execute(invitations.answer(Invited(ada.party, old, None, 9), 1, accepted=True))
    assert record(ada.cid)["media"] == "chat"


def test_where_calls_are_switched_off_none_begins(settings: Any) -> None:
    ada, deniz = a_chat()
    invite(ada)
    settings.CALLS_FROM_CHAT = False
    for step in (lambda: accept(deniz), lambda: invite(deniz), lambda: invite(ada)):
        with refused("calls_off"):
            step()
    # What was open can be declined.
    assert decline(deniz) == 1


def test_what_is_a_call_needs_no_invitation() -> None:
    ada, deniz = Customer("ada"), Operator("deniz")
    ada.join(media="audio")
    deniz.connect()
    deniz.available()
    with refused("call_running"):
        invite(ada)


def test_the_time_to_the_first_sound_counts_from_the_call_on() -> None:
    ada, deniz = a_chat()
    kept = record(ada.cid)
    kept["claimed_at"] -= 3_600_000
    client().hset(key("conv"), ada.cid, json.dumps(kept))
    invite(ada)
    accept(deniz)
    state(ada, "connected")
    (entry,) = [json.loads(entry["data"]) for entry in journal() if entry["type"] == "call:state"]
    assert entry["setup_ms"] < 3_600_000


# What pages can send, sane or not; the wire has checked types and ranges before (tests/signaling/test_invitations.py).
NUMBERS = st.sampled_from([1, 2, 3, 7, 2**31 - 1])
IDS = st.one_of(st.integers(1, 6), st.just(2**53 - 1))
STEPS = st.one_of(
    st.tuples(st.just("invite"), st.sampled_from("co"), st.sampled_from(["audio", "video"]), IDS),
    st.tuples(st.just("accept"), st.sampled_from("co"), NUMBERS, IDS),
    st.tuples(st.just("decline"), st.sampled_from("co"), NUMBERS, IDS),
    st.tuples(st.sampled_from(["reload", "pause"]), st.sampled_from("co"), st.just(0), st.just(1)),
    st.tuples(st.just("end"), st.sampled_from("co"), st.just(0), st.just(1)),
)
RUNS = count()


class Model:
    """What has to be true after every step."""

    def __init__(self) -> None:
        self.media, self.over, self.numbers, self.begun = "chat", False, 0, 0
        self.open: tuple[int, str, str] | None = None
        self.used: set[tuple[str, int]] = set()
        self.pause = {"c": False, "o": False}
        self.times = {"c": 0, "o": 0}

    def expected(self, step: str, side: str, value: Any, frame_id: int) -> int | str:
        """The answer, and the state after it."""
        if (side, frame_id) in self.used and not self.over:
            return 0
        if self.over:
            return "over"
        answer = self._invite(side, value) if step == "invite" else self._answer(step, side, value)
        if answer == 1:
            self.used.add((side, frame_id))
        return answer

    def _invite(self, side: str, media: str) -> int | str:
        if self.media != "chat":
            return "call_running"
        if self.open and self.open[2] != side:
            return self._begin("video" if media == self.open[1] == "video" else "audio")
        if self.open and self.open[1] == media:
            return 0
        if self.pause[side]:
            return "invited_lately"
        if self.times[side] >= INVITATIONS_MOST:
            return "invited_often"
        self.times[side] += 1
        self.numbers += 1
        self.open = (self.numbers, media, side)
        return 1

    def _answer(self, step: str, side: str, number: int) -> int | str:
        if self.open is None or self.open[0] != number:
            return "invitation_over"
        _number, media, inviter = self.open
        if step == "accept":
            return "invitation_over" if side == inviter else self._begin(media)
        self.open = None
        if side != inviter:
            self.pause[inviter] = True
        return 1

    def _begin(self, media: str) -> int:
        self.media, self.open, self.begun = media, None, self.begun + 1
        return 1


@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, max_size=25))
def test_whatever_comes_in_whatever_order_there_is_at_most_one_call_and_both_read_the_same(steps: list[Any]) -> None:
    settle()
    lease()
    number = next(RUNS)
    ada, deniz = a_chat(f"ada{number}", f"deniz{number}")
    people, model = {"c": ada, "o": deniz}, Model()
    seen: dict[str, list[Any]] = {"c": [], "o": []}
    for step, side, value, frame_id in steps:
        who = people[side]
        if step == "reload":
            seen[side] += told(who)
            attached = ada.reconnect() if who is ada else deniz.connect()
            if not model.over:
                assert attached.state is not None
                assert attached.state["media"] == model.media
                shown = attached.state["invitation"]
                assert (shown and (shown["invitation"], shown["media"], shown["by"][0])) == model.open
            continue
        if step == "pause":
            if not model.over and model.numbers:
                forget_pause(ada.cid)
                model.pause = {"c": False, "o": False}
            continue
        if step == "end":
            if not model.over:
                ada.leave() if who is ada else deniz.end()
                model.over = True
            continue
        expected = model.expected(step, side, value, frame_id)
        try:
            if step == "invite":
                answer: int | str = execute(invitations.invite(by(who, frame_id), value))
            else:
                told_yes = step == "accept"
                answer = execute(invitations.answer(by(who, frame_id), value, accepted=told_yes))
        except DomainError as error:
            answer = error.code
        if expected == "over":
            assert answer in (0, "not_in_call")
        else:
            assert answer == expected
        assert record(ada.cid)["media"] == model.media
    assert model.begun <= 1
    everything = {side: seen[side] + told(people[side]) for side in "co"}
    plain = {side: [frame | {"polite": None} for frame in frames] for side, frames in everything.items()}
    assert plain["c"] == plain["o"]
    assert [frame["type"] for frame in plain["c"]].count("call:accept") == model.begun
    assert problems() == []
    if not model.over:
        deniz.end()
    deniz.disconnect()
