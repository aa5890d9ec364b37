"""Numbered frames from the sender's side: ids, duplicates, and frames that are not for this conversation."""

import json
import random
from typing import Any

import pytest

from infra.redis.client import client, execute
from infra.redis.scripts import key
from queueing.live import store
from tests.queueing.world import Customer, Operator, a_call, journal, kinds, refused, texts

pytestmark = pytest.mark.usefixtures("running")


def describe(party: Customer | Operator, frame_id: int, gen: int) -> int:
    frame = json.dumps({"type": "rtc:description", "id": frame_id, "gen": gen}).encode()
    return execute(store.relay(store.Relay(party.party, party.conn, None, frame_id, "rtc:description", frame, gen)))


def test_ids_may_have_gaps_and_come_in_any_order() -> None:
    ada, deniz = a_call()
    for frame_id in (7, 3, 900_000_000_000, 5):
        assert ada.say(f"{frame_id}", frame_id=frame_id) == 1
    assert texts(deniz.box(1)) == ["7", "3", "900000000000", "5"]
    assert ada.reconnect().last_id == 900_000_000_000


def test_a_duplicate_is_found_by_its_id_and_delivered_once() -> None:
    ada, deniz = a_call()
    assert [ada.say("bir", frame_id=number) for number in (5, 9, 5, 9, 5)] == [1, 1, 0, 0, 0]
    assert len(deniz.box(1)) == 2
    assert [entry["type"] for entry in journal()].count("chat") == 2


def test_both_sides_count_on_their_own() -> None:
    ada, deniz = a_call()
    assert (ada.say("bir", frame_id=1), deniz.say("iki", frame_id=1)) == (1, 1)
    assert (texts(deniz.box(1)), texts(ada.box(1))) == (["bir"], ["iki"])


def test_the_operators_ids_begin_anew_in_every_conversation() -> None:
    ada, deniz = a_call()
    bora = Customer("bora")
    bora.join()
    deniz.say("ada için", frame_id=1)
    deniz.end()
    deniz.available()
    assert deniz.say("bora için", frame_id=1) == 1
    assert (texts(ada.box(1))[0], texts(bora.box(1))) == ("ada için", ["bora için"])


def test_a_frame_re_sent_after_the_end_is_acknowledged() -> None:
    """Its answer was lost; it did arrive."""
    ada, deniz = a_call()
    ada.say("son söz", frame_id=4)
    deniz.say("hoşça kalın", ada.cid, frame_id=2)
    deniz.end()
    assert ada.say("son söz", frame_id=4) == 0
    assert deniz.say("hoşça kalın", ada.cid, frame_id=2) == 0
    assert texts(deniz.box(1)).count("son söz") == 1


def test_a_new_frame_after_the_end_is_refused() -> None:
    ada, deniz = a_call()
    deniz.end()
    with refused("not_in_call"):
        ada.say("bir şey daha", frame_id=5)
    with refused("wrong_conversation"):
        deniz.say("bir şey daha", ada.cid, frame_id=5)
    with refused("not_in_call"):
        deniz.say("bir şey daha", frame_id=5)


def test_an_operators_line_for_one_customer_never_reaches_the_next() -> None:
    ada, deniz = a_call()
    bora = Customer("bora")
    bora.join()
    deniz.end()
    deniz.available()
    before = (ada.box(), bora.box())
    with refused("wrong_conversation"):
        deniz.say("bu ada için", ada.cid)
    assert (ada.box(), bora.box()) == before
    assert client().hexists(key("chat"), f"{bora.cid}/1") is False


def test_a_customer_cannot_speak_in_somebody_elses_conversation() -> None:
    ada, deniz = a_call()
    mallory = Customer("mallory")
    mallory.join()
    for cid, code in ((ada.cid, "wrong_conversation"), (None, "not_in_call")):
        with refused(code):
            execute(store.relay(store.Relay(mallory.party, mallory.conn, cid, 1, "chat:message", b'{"text":"x"}')))
    with refused("wrong_conversation"):
        execute(store.finish(mallory.party, mallory.conn, ada.cid, "left", "customer"))
    with refused("wrong_conversation"):
        execute(store.report(mallory.party, mallory.conn, "call:state", ada.cid, {"state": "failed"}))
    assert kinds(deniz.box()) == ["queue:ready"]
    assert deniz.serving == ada.cid


def test_un_numbered_frames_are_never_for_another_conversation_either() -> None:
    ada, deniz = a_call()
    with refused("wrong_conversation"):
        execute(store.signal(deniz.party, deniz.conn, "cid-bora", b'{"type":"chat:typing"}'))
    assert execute(store.signal(deniz.party, deniz.conn, ada.cid, b'{"type":"chat:typing"}')) == 1
    assert len(ada.box()) == 1  # nothing is kept


def test_a_late_end_of_the_last_call_does_not_end_the_next() -> None:
    ada, deniz = a_call()
    bora = Customer("bora")
    bora.join()
    deniz.end()
    deniz.available()
    assert execute(store.finish(deniz.party, deniz.conn, ada.cid, "hangup", "operator", 9)) == "ended"
    assert deniz.serving == bora.cid


def test_an_end_is_numbered_too_and_taken_once() -> None:
    ada, deniz = a_call()
    end = store.finish(ada.party, ada.conn, ada.cid, "hangup", "customer", 3)
    assert (execute(end), execute(end)) == ("active", "ended")
    assert kinds(deniz.box()) == ["queue:ready", "call:ended"]
    assert [entry["type"] for entry in journal()].count("ended") == 1


def test_the_highest_generation_and_id_are_told_to_a_reloaded_page() -> None:
    ada, deniz = a_call()
    describe(ada, 1, gen=4)
    describe(deniz, 1, gen=2)
    describe(deniz, 2, gen=3)
    assert (ada.reconnect().gen, ada.reconnect().last_id) == (4, 1)
    assert (deniz.connect().gen, deniz.connect().last_id) == (4, 2)


def test_a_chat_line_carries_the_time_of_the_store() -> None:
    ada, deniz = a_call()
    ada.say("saat kaç")
    seconds, _micros = client().time()  # type: ignore[misc]
    frame: dict[str, Any] = json.loads(deniz.box(1)[0][2])
    assert abs(frame["at"] / 1000 - seconds) < 2
    assert (frame["id"], frame["text"]) == (1, "saat kaç")


# -- several frames in one call ---------------------------------------------------------------------------------------


def line(party: Customer | Operator, text: str, frame_id: int, conversation: str | None = None) -> store.Relay:
    frame = json.dumps({"type": "chat:message", "id": frame_id, "text": text}).encode()
    return store.Relay(party.party, party.conn, conversation, frame_id, "chat:message", frame)


def test_each_frame_of_a_call_is_judged_for_itself_in_its_order() -> None:
    ada, deniz = a_call()
    bora, cem = Customer("bora"), Customer("cem")
    bora.join()
    cem.join()
    old = Customer("older", cid=ada.cid)
    nobody = Customer("nobody", cid="cid-nobody")
    replies = execute(
        store.relay(
            line(ada, "bir", 1),
            line(old, "hayır", 2),
            line(nobody, "hayır", 1),
            line(ada, "bir", 1),
            line(bora, "hayır", 1),
            line(deniz, "iki", 7, ada.cid),
            line(deniz, "hayır", 8, bora.cid),
            line(ada, "hayır", 9, bora.cid),
            line(ada, "üç", 3),
        )
    )
    said = [reply if isinstance(reply, int) else str(reply) for reply in replies]
    assert said == [
        1, "ADM replaced", "ADM lapsed", 0, "ADM not_in_call", 1, "ADM wrong_conversation", "ADM wrong_conversation", 1,
    ]  # fmt: skip
    assert texts(deniz.box(1)) == ["bir", "üç"]
    assert texts(ada.box(1)) == ["iki"]
    assert [seq for seq, _, _ in deniz.box()] == [1, 2, 3]
    assert [entry["type"] for entry in journal()].count("chat") == 3


def test_what_fails_inside_redis_fails_for_one_frame_alone() -> None:
    ada, deniz = a_call()
    bora, ece = Customer("bora"), Operator("ece")
    ece.connect()
    ece.available()
    bora.join()
    client().hset(key("chat"), f"{ada.cid}:n", "no number")
    first, second, third = execute(store.relay(line(ada, "bir", 1), line(bora, "iki", 1), line(deniz, "üç", 1)))
    assert second == 1
    assert "not an integer" in str(first)
    assert "not an integer" in str(third)
    assert texts(ece.box(1)) == ["iki"]


def numbers(conversation: str) -> str:
    return str(client().hget(key("box"), f"{conversation}/c"))


def test_numbers_that_follow_each_other_are_kept_as_one_range() -> None:
    ada, _deniz = a_call()
    for frame_id, kept in (
        (1, "1"),
        (2, "1-2"),
        (3, "1-3"),
        (7, "1-3 7"),
        (5, "1-3 5 7"),
        (4, "1-5 7"),
        (6, "1-7"),
        (9, "1-7 9"),
    ):
        assert ada.say("bir", frame_id=frame_id) == 1
        assert numbers(ada.cid) == kept
    assert [ada.say("bir", frame_id=number) for number in (1, 4, 7, 9)] == [0, 0, 0, 0]
    assert ada.say("bir", frame_id=8) == 1
    assert numbers(ada.cid) == "1-9"
    assert ada.say("bir", frame_id=2**53 - 1) == 1
    assert ada.reconnect().last_id == 2**53 - 1


def test_numbers_may_come_in_any_order_at_all() -> None:
    ada, deniz = a_call()
    order = random.Random(11).sample(range(1, 80), 60)
    for place, frame_id in enumerate(order, 1):
        assert ada.say(f"{frame_id}", frame_id=frame_id) == 1
        assert ada.say("yine", frame_id=order[place // 2]) == 0
    assert texts(deniz.box(1)) == [str(frame_id) for frame_id in order]


def test_a_page_that_leaves_gaps_for_ever_has_the_oldest_ones_taken_as_sent() -> None:
    ada, _deniz = a_call()
    for frame_id in range(10_001, 11_401, 2):
        ada.say("bir", frame_id=frame_id)
    assert len(numbers(ada.cid)) <= 1_000
    assert [ada.say("bir", frame_id=number) for number in (10_002, 11_398, 11_399)] == [0, 1, 0]
    assert numbers(ada.cid).startswith("10001-")
    assert numbers(ada.cid).endswith(" 11397-11399")
