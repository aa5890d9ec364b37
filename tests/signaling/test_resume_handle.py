"""What a site keeps for a page that its visitor's browser lets store nothing: a handle, and what it is not good for."""

from __future__ import annotations

import json
import string
import time
from typing import Any

import pytest
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from infra.errors import DomainError
from infra.redis.client import client
from queueing import resume_handles as handles
from queueing import tokens
from tests.signaling.client import Peer, Site

SHOP = "https://shop.example"


async def handle_of(customer: Peer, origin: str = SHOP) -> str:
    await customer.send("resume:ask", origin=origin)
    return str((await customer.expect("resume:handle", expires_s=handles.HANDLE_SECS))["handle"])


async def refused(site: Site, handle: str, code: str, origin: str | None = SHOP) -> None:
    """The page is told, and greeted as a stranger."""
    page = await site.open("customer")
    welcome = await page.hello(resume={"handle": handle, "origin": origin})
    await page.error(code, ref="hello")
    assert (welcome["epoch"], welcome["resumed"], "token" in welcome) == (None, False, False)
    await page.alive()
    assert page.came("resync") == []


async def test_the_next_page_of_the_site_trades_it_for_the_token(site: Site, make_session: Any) -> None:
    customer, operator, joined = await site.call(await make_session())
    await operator.numbered("chat:message", text="hello")
    await customer.expect("chat:message")
    handle = await handle_of(customer)
    await customer.cut()

    page = await site.open("customer")
    welcome = await page.hello(resume={"handle": handle, "origin": SHOP})
    assert welcome["token"] == joined["token"]
    state = (await page.expect("resync"))["state"]
    assert (state["phase"], state["conversation"]) == ("active", joined["conversation"])
    assert [line["text"] for line in state["transcript"]] == ["hello"]
    await page.numbered("chat:message", text="back")
    await operator.expect("chat:message", text="back")
    # Once more, and from here on: the page after that.
    after = await site.open("customer")
    assert (await after.hello(resume={"handle": await handle_of(page), "origin": SHOP}))["token"] == joined["token"]


async def test_it_brings_a_place_back_after_a_wiped_redis(site: Site) -> None:
    customer = await site.customer()
    joined = await customer.join()
    handle = await handle_of(customer)
    client().flushall()
    page = await site.open("customer")
    assert (await page.hello(resume={"handle": handle, "origin": SHOP}))["token"] == joined["token"]
    assert (await page.expect("resync"))["state"]["phase"] == "waiting"


async def test_another_site_gets_nothing_for_it(site: Site) -> None:
    customer = await site.customer()
    await customer.join()
    handle = await handle_of(customer)
    for other in ("https://shop.example.evil", "http://shop.example", "https://shop.example:444", None):
        await refused(site, handle, "token_invalid", other)
    await customer.alive()


async def test_it_ends_after_its_time(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    customer = await site.customer()
    await customer.join()
    handle = await handle_of(customer)
    later = time.time() + handles.HANDLE_SECS
    monkeypatch.setattr(handles.time, "time", lambda: later)
    await refused(site, handle, "token_expired")


async def test_it_shows_nothing_of_a_conversation_that_is_over(site: Site, make_session: Any) -> None:
    customer, operator, _ = await site.call(await make_session())
    handle = await handle_of(customer)
    await operator.numbered("call:end", reason="operator")
    await customer.expect("call:ended")
    await refused(site, handle, "token_expired")
    await customer.send("resume:ask", origin=SHOP)
    await customer.error("not_attached", ref="resume:ask")


async def test_a_token_is_no_handle_and_a_handle_no_token(site: Site) -> None:
    customer = await site.customer()
    token = (await customer.join())["token"]
    handle = await handle_of(customer)
    await refused(site, token, "token_invalid")
    page = await site.open("customer")
    await page.hello(resume={"token": handle})
    await page.error("token_invalid", ref="hello")
    page = await site.customer()
    await page.join(returning=handle)
    assert page.came("queue:joined")[0]["position"] == 2


async def test_who_has_no_conversation_gets_none(site: Site) -> None:
    stranger = await site.customer()
    await stranger.send("resume:ask", origin=SHOP)
    await stranger.error("not_attached", ref="resume:ask")


async def test_what_is_no_origin_is_not_taken(site: Site) -> None:
    customer = await site.customer()
    await customer.join()
    long = "https://" + "x" * 300
    for origin in ("", "null", "shop.example", "javascript:x", "https://", "https://a b", long, 5, None, [SHOP]):
        await customer.send("resume:ask", origin=origin)
        await customer.error("bad_frame", ref="resume:ask")


async def test_handles_are_counted_per_conversation(site: Site, settings: Any) -> None:
    settings.PARTY_LIMIT = "2/minute"
    customer = await site.customer()
    await customer.join()
    for _ in range(2):
        await handle_of(customer)
    await customer.send("resume:ask", origin=SHOP)
    await customer.error("rate_limited", ref="resume:ask")


def a_token() -> str:
    words = {"media": "video", "locale": "tr", "topic": "Fatura", "join_key": "k" * 20, "mobile": False}
    return tokens.sign(tokens.Ticket(conversation="c1", ticket="1", name="Ada", **words))  # type: ignore[arg-type]


def test_nothing_of_the_conversation_is_in_sight() -> None:
    token = a_token()
    handle = handles.make(token, SHOP)
    assert handles.read(handle, SHOP) == token
    assert set(handle) <= set(string.ascii_letters + string.digits + "-_=")
    for part in token.split(":"):
        assert part not in handle
    # Each is another one, so that two of them say nothing about whose they are.
    assert handles.make(token, SHOP) != handle


def test_it_outlives_a_rotated_key_and_no_lost_one() -> None:
    handle = handles.make(a_token(), SHOP)
    with override_settings(SECRET_KEY="next" * 20, SECRET_KEY_FALLBACKS=[]), pytest.raises(DomainError):
        handles.read(handle, SHOP)


@given(st.text(max_size=300) | st.binary(max_size=200).map(lambda raw: raw.decode("latin-1")), st.text(max_size=40))
def test_whatever_else_comes_is_refused(handle: str, origin: str) -> None:
    with pytest.raises(DomainError) as error:
        handles.read(handle, origin)
    assert error.value.code == "token_invalid"


@given(place=st.integers(0, 1000), step=st.integers(1, 63))
def test_one_changed_character_makes_it_worthless(place: int, step: int) -> None:
    """What is drawn says nothing of the handle: that is another one each time."""
    handle, characters = handles.make(a_token(), SHOP), string.ascii_letters + string.digits + "-_"
    # The last character before the padding carries bits that say nothing.
    at = place % (len(handle.rstrip("=")) - 1)
    other = characters[(characters.index(handle[at]) + step) % len(characters)]
    with pytest.raises(DomainError):
        handles.read(handle[:at] + other + handle[at + 1 :], SHOP)


def test_what_another_purpose_encrypts_is_no_handle() -> None:
    for inside in ("5", "null", "[]", "[1,2]", json.dumps({"a": 1}), "no json", json.dumps(["t", SHOP, "soon"])):
        with pytest.raises(DomainError):
            handles.read(handles.BOX.seal(inside), SHOP)
