"""What one address may do: sockets at once, sockets opened, joins."""

from __future__ import annotations

import time
from typing import Any

import jwt
import pytest

from infra.addresses import counted_as
from infra.buckets import Bucket
from signaling.hub.address_limits import AddressLimits
from tests.signaling.client import Site


async def test_more_sockets_than_an_address_may_hold_are_4429(site: Site, settings: Any) -> None:
    settings.SOCKET_MAX_PER_ADDRESS = 2
    first, second = await site.customer(), await site.customer()
    third = await site.open("customer")
    error = await third.error("rate_limited")
    assert error["retry_after"] > 0
    assert error["retryable"] is True
    assert await third.closed() == 4429
    await first.close()
    await (await site.customer()).alive()
    await second.alive()


async def test_sockets_opened_too_quickly_are_4429(site: Site, settings: Any) -> None:
    settings.SOCKET_OPEN_LIMIT = "3/minute"
    for _ in range(3):
        await site.customer()
    late = await site.open("customer")
    assert (await late.error("rate_limited"))["retry_after"] >= 1
    assert await late.closed() == 4429


async def test_joins_are_counted_per_address(site: Site, settings: Any) -> None:
    settings.JOIN_LIMIT = "2/minute"
    peers = [await site.customer() for _ in range(3)]
    await peers[0].join("Ada")
    await peers[1].join("Bob")
    await peers[2].send("queue:join", name="Cem", media="chat")
    error = await peers[2].error("rate_limited", ref="queue:join")
    assert 1 <= error["retry_after"] <= 30
    await peers[2].alive()


async def test_turn_credentials_are_counted_per_party_over_all_its_sockets(site: Site, settings: Any) -> None:
    settings.PARTY_LIMIT = "2/hour"
    ada, bob = await site.customer(), await site.customer()
    joined = await ada.join("Ada")
    await bob.join("Bob")
    await ada.send("ice:refresh")
    await ada.expect("ice:servers")
    again = await site.customer(resume={"token": joined["token"], "epoch": joined["epoch"], "last_seq": 0})
    await again.send("ice:refresh")
    await again.expect("ice:servers")
    await again.send("ice:refresh")
    error = await again.error("rate_limited")
    assert (error["ref"], error["retryable"]) == ("ice:refresh", True)
    assert error["retry_after"] > 60
    await bob.send("ice:refresh")
    await bob.expect("ice:servers")


async def test_device_checks_are_counted_per_party(site: Site, settings: Any) -> None:
    settings.PARTY_LIMIT = "1/hour"
    ada = await site.customer()
    await ada.join("Ada")
    check = {"microphone": True, "camera": "denied", "turn": []}
    await ada.send("device:check", **check)
    await ada.send("device:check", **check)
    assert (await ada.error("rate_limited"))["ref"] == "device:check"
    await ada.send("ice:refresh")
    await ada.expect("ice:servers")


async def test_a_signed_identity_is_not_even_read_above_the_limit_of_joins(site: Site, settings: Any) -> None:
    settings.JOIN_LIMIT = "1/hour"
    settings.IDENTITY_SECRET = "of-the-site-0123456789-0123456789"
    guesser = await site.customer()
    await guesser.send("queue:join", name="Eve", media="chat", identity="a.b.c")
    await guesser.error("identity_invalid")
    await guesser.send("queue:join", name="Eve", media="chat", identity="a.b.d")
    await guesser.error("rate_limited")


async def test_one_address_has_its_places_in_the_line_and_signed_people_have_their_own(
    site: Site, settings: Any
) -> None:
    settings.PLACES_PER_ADDRESS = 1
    settings.IDENTITY_SECRET = "of-the-site-0123456789-0123456789"
    ada, bora, colleague = [await site.customer() for _ in range(3)]
    await ada.join("Ada")
    await bora.send("queue:join", name="Bora", media="chat")
    refused = await bora.expect("queue:refused", code="crowded")
    assert refused["message"]
    assert refused["retry_after"] >= 1
    claims = {"sub": "colleague", "exp": int(time.time()) + 600}
    joined = await colleague.join("Can", identity=jwt.encode(claims, settings.IDENTITY_SECRET))
    assert joined["waiting"] == 2
    await ada.numbered("queue:leave")
    assert (await bora.join("Bora"))["waiting"] == 2


def test_a_bucket_gives_its_burst_and_then_its_rate() -> None:
    bucket = Bucket(3, 100.0)
    assert [bucket.take(3, 2, 100.0) for _ in range(4)] == [True, True, True, False]
    assert bucket.take(3, 2, 100.5) is True
    assert bucket.take(3, 2, 100.6) is False
    assert [bucket.take(3, 2, 200.0) for _ in range(4)] == [True, True, True, False]


def test_an_ipv6_network_counts_as_one_address() -> None:
    assert counted_as("2001:db8::1") == counted_as("2001:db8::ffff:1") != counted_as("2001:db8:0:1::1")
    assert counted_as("192.0.2.7") == "192.0.2.7"


def test_an_address_that_is_refused_is_not_counted_as_open() -> None:
    limits = AddressLimits()
    assert limits.admit("a", most=1, rate="100/minute", now=0.0) is None
    for _ in range(3):
        assert limits.admit("a", most=1, rate="100/minute", now=0.0) is not None
    assert limits.admit("b", most=1, rate="100/minute", now=0.0) is None
    limits.release("a")
    assert limits.admit("a", most=1, rate="100/minute", now=0.0) is None


def test_addresses_are_forgotten_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.buckets.REMEMBERED", 10)
    limits = AddressLimits()
    for number in range(100):
        assert limits.admit(str(number), most=1, rate="1/minute", now=0.0) is None
        limits.release(str(number))
    assert len(limits._opened) <= 10
    assert not limits._open
