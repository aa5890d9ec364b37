"""Nobody fills the queue alone: places per address, around it, and a part of the queue for newcomers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.utils import translation
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from infra.errors import DomainError
from infra.redis.client import client, execute
from infra.redis.scripts import key
from queueing.errors import QueueRefused
from queueing.live import store
from queueing.live.places import groups
from tests.queueing.world import (
    Customer,
    Operator,
    contents,
    end_hold,
    expire_grace,
    lease,
    old_ticket,
    problems,
    refused,
    settle,
    status,
    tick,
)

pytestmark = pytest.mark.usefixtures("running")
HOME = "203.0.113.7"


@pytest.fixture(autouse=True)
def _tight(settings: Any) -> None:
    settings.PLACES_PER_ADDRESS, settings.PLACES_PER_IPV6_56, settings.PLACES_PER_IPV6_48 = 3, 9, 30
    settings.PLACES_FOR_NEWCOMERS_PCT = 0


def come(name: str, address: str = HOME, identity: str = "", **fields: Any) -> Customer:
    customer = Customer(name)
    customer.join(places=groups(address, identity), **fields)
    return customer


def held() -> list[str]:
    return client().zrange(key("places"), 0, -1)  # type: ignore[return-value]


@contextmanager
def tolerated(*codes: str) -> Iterator[None]:
    """The step inside may be answered with one of these errors."""
    try:
        yield
    except DomainError as error:
        if error.code not in codes:
            raise


def crowd(addresses: list[str]) -> int:
    """Everybody tries to get in; how many are."""
    before = status()["waiting"]
    for number, address in enumerate(addresses):
        with tolerated("crowded", "full"):
            come(f"crowd{before}-{number}", address)
    return int(status()["waiting"]) - int(before)


def test_the_fourth_from_one_address_is_refused_and_others_are_not() -> None:
    for name in ("ada", "bora", "cem"):
        come(name)
    with refused("crowded"):
        come("deniz")
    come("ece", "203.0.113.8")
    assert status()["waiting"] == 4
    assert status()["stats"]["refused:crowded"] == 1


def test_the_same_join_again_is_no_second_place() -> None:
    first = come("ada", join_key="k" * 20)
    come("bora")
    come("cem")
    assert come("ada-again", join_key="k" * 20).cid == first.cid
    assert len(held()) == 3


def leaves(ada: Customer) -> None:
    ada.leave()


def is_claimed(_ada: Customer) -> None:
    deniz = Operator("deniz")
    deniz.connect()
    deniz.available()


def is_taken_by_name(ada: Customer) -> None:
    Operator("deniz").connect()
    execute(store.claim("deniz", ada.cid))


def is_removed(ada: Customer) -> None:
    execute(store.remove(ada.cid))


def does_not_come_back(ada: Customer) -> None:
    ada.disconnect()
    expire_grace(ada.party)
    tick()


def waits_too_long(ada: Customer) -> None:
    old_ticket(ada.cid)
    end_hold()
    tick()


@pytest.mark.parametrize("goes", [leaves, is_claimed, is_taken_by_name, is_removed, does_not_come_back, waits_too_long])
def test_every_way_out_of_the_line_frees_the_place(goes: Callable[[Customer], None]) -> None:
    ada = come("ada")
    come("bora")
    come("cem")
    goes(ada)
    assert len(held()) == 2
    come("deniz")
    with refused("crowded"):
        come("ece")
    assert problems() == []


def test_who_is_away_for_a_while_keeps_the_place() -> None:
    for name in ("ada", "bora", "cem"):
        come(name).disconnect()
    with refused("crowded"):
        come("deniz")


def test_one_ipv6_network_cannot_fill_the_line(settings: Any) -> None:
    settings.QUEUE_MAX_LENGTH = 60
    assert crowd(["2001:db8:1:1::1"] * 10) == 3
    assert crowd([f"2001:db8:1:{net:x}::1" for net in range(0x100, 0x110)]) == 9
    assert crowd([f"2001:db8:1:{net:x}::{host}" for net in range(0, 0x6000, 0x80) for host in range(1, 3)]) == 18
    come("newcomer", "2001:db8:2::1")


def test_the_last_part_of_the_line_is_for_those_from_whose_address_nobody_waits(settings: Any) -> None:
    settings.QUEUE_MAX_LENGTH, settings.PLACES_FOR_NEWCOMERS_PCT = 50, 20
    fifty = [f"198.51.100.{host}" for host in range(14)]
    assert crowd(fifty * 3) == 40
    with refused("full"):
        come("again", fifty[-1])
    newcomer = come("ada", HOME)
    with refused("full"):
        come("bora", HOME)
    newcomer.leave()
    come("cem", HOME)
    assert crowd([f"192.0.2.{host}" for host in range(20)]) == 9
    with refused("full"):
        come("last", "192.0.2.99")


def test_signed_people_of_one_office_count_each_for_themselves(settings: Any) -> None:
    settings.QUEUE_MAX_LENGTH, settings.PLACES_FOR_NEWCOMERS_PCT = 20, 50
    crowd([HOME] * 4)
    for number in range(17):
        come(f"colleague{number}", identity=f"person-{number}")
    with refused("full"):
        come("late", identity="person-99")


def test_one_signed_person_has_as_many_places_as_one_address() -> None:
    for number, address in enumerate(("192.0.2.1", "192.0.2.2", "192.0.2.3")):
        come(f"tab{number}", address, "person-1")
    with refused("crowded"):
        come("tab4", "192.0.2.4", "person-1")


def test_a_lost_call_comes_back_though_its_address_is_crowded() -> None:
    ada = come("ada")
    is_claimed(ada)
    crowd([HOME] * 4)
    execute(store.finish(ada.party, ada.conn, ada.cid, "connection", "customer"))
    again = come("ada-again", returning_from=ada.cid)
    assert again.last is not None
    assert again.last.waiting == 4
    assert len(held()) == 4


def test_who_is_restored_after_a_wipe_is_counted_and_not_judged() -> None:
    kept = [
        {"id": f"cid{number}", "ticket": str(number + 1), "joined_at": 1, "name": "ada", "media": "video",
         "places": groups(HOME)}
        for number in range(4)
    ]  # fmt: skip
    for record in kept:
        execute(store.restore(f"p1|{record['id']}", record, ""))
    assert len(held()) == 4
    with refused("crowded"):
        come("bora")
    assert problems() == []


def test_nobody_is_refused_for_those_who_are_not_in_the_line() -> None:
    client().zadd(key("places"), {f"{groups(HOME)[0]}/ghost{number}": 0 for number in range(3)})
    come("ada")
    assert held() == [f"{groups(HOME)[0]}/cid-ada"]


def test_the_check_finds_places_of_nobody_and_places_that_are_not_counted() -> None:
    ada = come("ada")
    client().delete(key("places"))
    client().zadd(key("places"), {"someone/ghost": 0})
    assert problems() == ["place_of_nobody ghost", f"place_not_counted {ada.cid}"]
    execute(store.check(fix=True))
    assert problems() == []
    assert held() == [f"{groups(HOME)[0]}/{ada.cid}"]


def test_what_is_kept_of_an_address_is_a_digest_and_goes_with_the_place() -> None:
    ada = come("ada")
    assert HOME not in repr(contents())
    ada.leave()
    assert key("places") not in contents()


def test_the_refusal_says_what_to_do_in_both_languages() -> None:
    with translation.override("en"):
        english = QueueRefused("crowded")
    with translation.override("tr"):
        turkish = QueueRefused("crowded")
    assert "network" in english.message
    assert "ağdan" in turkish.message
    assert english.retryable
    assert english.retry_after is not None


# -- what an address counts for ------------------------------------------------------------------------------------


def test_every_spelling_of_a_client_counts_for_the_same() -> None:
    assert groups("::ffff:203.0.113.7") == groups(HOME) == groups(" 203.0.113.7 ")
    assert groups("2001:db8::1") == groups("2001:DB8:0:0:ffff::2") == groups("2001:db8::/64")
    assert groups("2001:db8::1")[1:] == groups("2001:db8:0:ff::1")[1:]
    assert groups("2001:db8::1")[2:] == groups("2001:db8:0:ffff::1")[2:]
    assert not set(groups("2001:db8::1")) & set(groups("2001:db8:1::1"))
    assert groups(HOME, "person") == groups("2001:db8::1", "person")


@given(st.text(max_size=80) | st.ip_addresses().map(str), st.text(max_size=20))
@example("", "")
@example("unix:", "")
@example("1.2.3.4:80", "")
@example("0.0.0.0/0", "")
@example("::/0", "")
@example("fe80::1%eth0", "")
@example("[2001:db8::1]:443", "")
@example("1.2.3.4\x00", "\x00")
def test_whatever_an_address_looks_like_it_counts_for_none_one_or_three(address: str, identity: str) -> None:
    found = groups(address, identity)
    assert len(found) in ((1,) if identity else (0, 1, 3))
    assert len(set(found)) == len(found)
    assert all(group.isalnum() and len(group) == 24 for group in found)


# -- all together --------------------------------------------------------------------------------------------------

ADDRESSES = [HOME, "203.0.113.8", "2001:db8::1", "2001:db8:0:1::1", "2001:db8:0:100::1", "2001:db8:1::1", "", "?"]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["join", "join", "join", "leave", "lost", "back", "reap", "serve", "end", "remove", "check"]),
        st.integers(0, 99),
        st.sampled_from(ADDRESSES),
        st.sampled_from(["", "", "p1", "p2"]),
    ),
    max_size=60,
)


@given(STEPS)
@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_places_count_exactly_those_who_wait_and_stay_within_their_bounds(
    settings: Any, steps: list[tuple[str, int, str, str]]
) -> None:
    client().flushall()
    settle()
    lease()
    settings.PLACES_PER_ADDRESS, settings.PLACES_PER_IPV6_56, settings.PLACES_PER_IPV6_48 = 2, 3, 4
    settings.QUEUE_MAX_LENGTH, settings.PLACES_FOR_NEWCOMERS_PCT = 10, 30
    came: list[tuple[Customer, list[str]]] = []
    deniz = Operator("deniz")
    deniz.connect()
    for number, (step, pick, address, identity) in enumerate(steps):
        one = came[pick % len(came)][0] if came else None
        with tolerated("crowded", "full", "replaced", "lapsed", "not_in_call", "unknown"):
            if step == "join":
                came.append((come(f"c{number}", address, identity), groups(address, identity)))
            elif step == "serve":
                deniz.available()
            elif step == "end":
                deniz.end()
            elif step == "check":
                assert problems() == []
            elif one is not None:
                act(step, one)
        waits: Any = client().zrange(key("line"), 0, -1)
        expected = [f"{group}/{one.cid}" for one, own in came if one.cid in waits for group in own]
        assert sorted(held()) == sorted(expected)
        bounds = [bound for _one, own in came for bound in zip(own, (2, 3, 4), strict=False)]
        counts = Counter(member.split("/")[0] for member in held())
        assert all(counts[group] <= most for group, most in bounds)
    assert problems() == []


def act(step: str, one: Customer) -> None:
    if step == "leave":
        one.leave()
    elif step == "lost":
        one.disconnect()
    elif step == "back":
        one.reconnect()
    elif step == "reap":
        one.disconnect()
        if client().zscore(key("grace"), one.party) is not None:
            expire_grace(one.party)
        tick()
    elif step == "remove":
        execute(store.remove(one.cid))
