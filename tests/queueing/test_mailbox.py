"""What one party sends is numbered for the other and kept until acknowledged: in order, once, or said to be lost."""

import pytest

from infra.redis.client import client, execute
from infra.redis.scripts import key
from queueing.live import store
from tests.queueing.world import Customer, Operator, a_call, kinds, refused, texts

pytestmark = pytest.mark.usefixtures("running")

TRIM = 1_000
"""Unread frames that a mailbox keeps."""


def test_numbers_begin_at_one_and_have_no_gap() -> None:
    ada, deniz = a_call()
    for number in range(5):
        deniz.say(f"satır {number}")
    assert [seq for seq, _conversation, _frame in ada.box()] == [1, 2, 3, 4, 5, 6]
    assert kinds(ada.box()) == ["queue:ready", *["chat:message"] * 5]
    assert {conversation for _seq, conversation, _frame in deniz.box()} == {ada.cid}


def test_resume_replays_exactly_what_came_after_the_last_number() -> None:
    ada, deniz = a_call()
    assert ada.last is not None
    for text in ("bir", "iki", "üç"):
        deniz.say(text)
    ada.disconnect()
    deniz.say("dört")
    back = ada.reconnect(ada.last.attached.epoch, 2)
    assert back.resumed
    assert texts(back.frames) == ["iki", "üç", "dört"]
    assert back.seq == 5
    assert back.state is None


def test_a_resume_with_nothing_missed_replays_nothing() -> None:
    ada, _deniz = a_call()
    assert ada.last is not None
    back = ada.reconnect(ada.last.attached.epoch, 1)
    assert (back.resumed, back.frames) == (True, [])


@pytest.mark.parametrize(("other_epoch", "last_seq"), [(1, 1), (-1, 1), (0, 99), (0, -5)])
def test_a_resume_that_cannot_be_exact_is_a_resync(other_epoch: int, last_seq: int) -> None:
    ada, deniz = a_call()
    assert ada.last is not None
    deniz.say("merhaba")
    epoch = ada.last.attached.epoch
    back = ada.reconnect(epoch + other_epoch, last_seq)
    assert (back.resumed, back.seq, back.frames) == (False, 0, [])
    assert back.epoch > epoch
    assert back.state is not None
    assert [line["text"] for line in back.state["transcript"]] == ["merhaba"]


def test_a_page_without_memory_gets_the_whole_state() -> None:
    ada, deniz = a_call()
    ada.say("merhaba")
    deniz.say("buyurun")
    back = ada.reconnect()
    assert not back.resumed
    assert back.state is not None
    assert (back.state["phase"], back.state["operator"], back.state["media"]) == ("active", "Deniz", "video")
    assert [(line["from"], line["id"], line["text"]) for line in back.state["transcript"]] == [
        ("customer", 1, "merhaba"),
        ("operator", 1, "buyurun"),
    ]
    assert back.last_id == 1


def test_the_epoch_changes_neither_at_claim_nor_at_a_reconnect() -> None:
    deniz = Operator("deniz")
    desk = deniz.connect().epoch
    deniz.available()
    ada = Customer("ada")
    box = ada.join().attached.epoch
    assert deniz.connect(desk, 1).epoch == desk
    assert ada.reconnect(box, 1).epoch == box
    deniz.end()
    assert deniz.connect(desk, 2).epoch == desk


def test_the_epoch_rises_with_every_rebuild_also_within_one_millisecond() -> None:
    deniz = Operator("deniz")
    epochs = [deniz.connect().epoch for _ in range(20)]
    assert epochs == sorted(set(epochs))


def test_the_operators_mailbox_outlives_conversations() -> None:
    ada, deniz = a_call()
    bora = Customer("bora")
    bora.join()
    deniz.end()
    deniz.available()
    assert [(seq, cid) for seq, cid, _frame in deniz.box()] == [(1, ada.cid), (2, ada.cid), (3, bora.cid)]
    assert kinds(deniz.box()) == ["queue:ready", "call:ended", "queue:ready"]


def test_an_acknowledgement_drops_what_arrived_and_only_that() -> None:
    ada, deniz = a_call()
    for text in ("bir", "iki"):
        deniz.say(text)
    execute(store.ack(ada.party, ada.conn, 2))
    fields = client().hkeys(key("mail"))
    assert sorted(field for field in fields if field.startswith(ada.party)) == [f"{ada.party}/3"]  # type: ignore[union-attr]
    assert texts(ada.box(2)) == ["iki"]


def test_an_older_acknowledgement_changes_nothing() -> None:
    ada, deniz = a_call()
    deniz.say("bir")
    execute(store.ack(ada.party, ada.conn, 2))
    execute(store.ack(ada.party, ada.conn, 1))
    deniz.say("iki")
    assert texts(ada.box(2)) == ["iki"]


def test_an_acknowledgement_beyond_the_last_number_is_refused_and_drops_nothing() -> None:
    ada, deniz = a_call()
    deniz.say("bir")
    with refused("bad_ack"):
        execute(store.ack(ada.party, ada.conn, 3))
    assert len(ada.box()) == 2


def test_resume_before_what_was_acknowledged_is_a_resync() -> None:
    ada, deniz = a_call()
    assert ada.last is not None
    deniz.say("bir")
    execute(store.ack(ada.party, ada.conn, 2))
    assert not ada.reconnect(ada.last.attached.epoch, 1).resumed


def test_a_mailbox_trimmed_at_a_thousand_unread_frames_says_resync() -> None:
    ada, deniz = a_call()
    assert ada.last is not None
    epoch = ada.last.attached.epoch
    ada.disconnect()
    for number in range(TRIM):  # with the queue:ready before them, one too many
        deniz.say(f"{number}")
    assert len(client().hkeys(key("mail"))) == TRIM + len(deniz.box())  # type: ignore[arg-type]
    back = ada.reconnect(epoch, 1)
    assert back.resumed
    assert len(back.frames) == TRIM
    deniz.say("bir fazla")
    late = ada.reconnect(epoch, 1)
    assert (late.resumed, late.frames) == (False, [])
    assert late.epoch > epoch
    assert late.state is not None


def test_a_repair_of_what_was_trimmed_is_refused_not_partial() -> None:
    ada, deniz = a_call()
    assert ada.last is not None
    for number in range(TRIM):
        deniz.say(f"{number}")
    with refused("resync"):
        execute(store.frames_after(ada.party, ada.conn, 0))
    back = ada.reconnect(ada.last.attached.epoch, 0)
    assert (back.resumed, back.frames) == (False, [])
    assert back.state is not None
    assert back.state["transcript"][-1]["text"] == f"{TRIM - 1}"
    assert client().hlen(key("mail")) == len(deniz.box())


def test_the_join_answer_precedes_the_frames_of_an_immediate_match() -> None:
    deniz = Operator("deniz")
    deniz.connect()
    deniz.available()
    ada = Customer("ada")
    joined = ada.join()
    assert (joined.position, joined.attached.seq, joined.attached.status) == (1, 0, "waiting")
    assert kinds(ada.box()) == ["queue:ready"]
