"""The queue: first come, first served, one customer per operator."""

import json

import pytest

from infra.errors import DomainError
from tests.queueing.world import Customer, Operator, absent_since, journal, lease, problems, settle, status


@pytest.fixture(autouse=True)
def _running(redis_server: str) -> None:
    lease()
    settle()


def customers(*names: str) -> list[Customer]:
    found = [Customer(name) for name in names]
    for customer in found:
        customer.join()
    return found


def test_positions_count_from_one_in_the_order_of_joining() -> None:
    ada, bora, cem = customers("ada", "bora", "cem")
    assert [person.last.position for person in (ada, bora, cem) if person.last] == [1, 2, 3]
    assert problems() == []


def test_a_free_operator_gets_the_first_customer_and_only_one() -> None:
    ada, bora = customers("ada", "bora")
    deniz = Operator("deniz")
    deniz.connect()
    deniz.available()
    assert deniz.serving == ada.cid
    assert status()["waiting"] == 1
    assert json.loads(ada.box()[0][2])["type"] == "queue:ready"
    assert json.loads(deniz.box()[0][2])["peer"]["name"] == "ada"
    assert bora.box() == []
    assert problems() == []


def test_a_customer_who_finds_a_free_operator_is_matched_in_the_same_step() -> None:
    deniz = Operator("deniz")
    deniz.connect()
    deniz.available()
    (ada,) = customers("ada")
    assert ada.last is not None
    assert ada.last.position == 1
    assert deniz.serving == ada.cid
    assert [frame[0] for frame in ada.box()] == [1]
    assert status()["available"] == 0
    assert problems() == []


def test_the_next_customer_follows_when_the_wrap_up_is_ended() -> None:
    ada, bora = customers("ada", "bora")
    deniz = Operator("deniz")
    deniz.connect()
    deniz.available()
    deniz.end()
    assert deniz.serving is None
    state = deniz.available()
    assert deniz.serving == bora.cid
    assert state.wrap_up_until_ms is None
    assert [entry["type"] for entry in journal()] == ["joined", "joined", "claimed", "ended", "claimed"]
    seq, conversation, frame = ada.box(1)[0]
    assert (seq, conversation) == (2, ada.cid)
    assert json.loads(frame) == {"type": "call:ended", "reason": "hangup", "by": "operator"}
    assert problems() == []


def test_the_same_join_key_is_the_same_conversation() -> None:
    ada = Customer("ada")
    first = ada.join(join_key="k" * 20)
    again = ada.join(id="another", join_key="k" * 20)
    assert again.existing
    assert again.conversation == first.conversation
    assert status()["waiting"] == 1


def test_one_who_waits_too_long_away_keeps_the_place_and_is_passed_over() -> None:
    ada, bora = customers("ada", "bora")
    ada.disconnect()
    absent_since(ada.party, 6_000)
    deniz = Operator("deniz")
    deniz.connect()
    deniz.available()
    assert deniz.serving == bora.cid
    assert json.loads(journal()[-1]["data"])["skipped"] == [ada.cid]
    ada.reconnect()
    assert ada.cid == "cid-ada"
    deniz.end()
    deniz.available()
    assert deniz.serving == ada.cid


def test_one_whose_socket_blinks_is_not_passed_over() -> None:
    ada, _bora = customers("ada", "bora")
    ada.disconnect()
    deniz = Operator("deniz")
    deniz.connect()
    deniz.available()
    assert deniz.serving == ada.cid


def test_a_full_line_refuses(settings: object) -> None:
    settings.QUEUE_MAX_LENGTH = 1  # type: ignore[attr-defined]
    customers("ada")
    with pytest.raises(DomainError) as refused:
        Customer("bora").join()
    assert refused.value.code == "full"
    assert status()["waiting"] == 1
