"""A chat that becomes a call, over real sockets: what both sides are told, what is charged, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from hypothesis import given, settings
from hypothesis import strategies as st

from queueing import tokens
from queueing.history.models import Conversation
from queueing.tasks import record
from signaling.wire.parse import FrameError, Role, parse
from support.config.types import TurnServer
from tests.signaling.client import Peer, Site


async def a_chat(site: Site, make_session: Any) -> tuple[Peer, Peer, str]:
    customer, operator, joined = await site.call(await make_session(), media="chat")
    return customer, operator, joined["conversation"]


async def test_both_sides_begin_the_call_that_one_proposed_and_the_other_accepted(
    site: Site, make_session: Any, settings: Any
) -> None:
    settings.TURN_SERVERS = [TurnServer(region="eu", urls=["turn:turn.example:3478"])]
    settings.TURN_SECRET = "secret"
    customer, operator, conversation = await a_chat(site, make_session)
    await operator.numbered("call:invite", conversation=conversation, media="video")
    for peer in (customer, operator):
        asked = await peer.expect("call:invite")
        assert (asked["invitation"], asked["media"], asked["by"]) == (1, "video", "operator")
    await customer.numbered("call:accept", invitation=1)
    for peer, polite in ((customer, True), (operator, False)):
        begun = await peer.expect("call:accept")
        assert (begun["conversation"], begun["media"], begun["by"]) == (conversation, "video", "customer")
        assert (begun["polite"], begun["ice_policy"]) == (polite, "all")
        assert begun["ice_servers"][0]["credential"]
    await sync_to_async(record)()
    row = await Conversation.objects.aget(pk=conversation)
    assert row.media == "video"
    kinds = [event.kind async for event in row.events.all()]
    assert kinds[-2:] == ["call:invite", "call:accept"]


async def test_the_customer_s_token_says_from_then_on_that_it_is_a_call(site: Site, make_session: Any) -> None:
    customer, operator, conversation = await a_chat(site, make_session)
    await customer.numbered("call:invite", media="audio")
    await operator.numbered("call:accept", conversation=conversation, invitation=1)
    token = (await customer.expect("call:accept"))["token"]
    ticket = tokens.read(token)
    assert (ticket.conversation, ticket.media) == (conversation, "audio")
    assert "token" not in await operator.expect("call:accept")
    await customer.cut()
    # The page that comes with it is the same customer's, and so is one that still has the first token.
    page = await site.open("customer")
    assert (await page.hello(resume={"token": token}))["resumed"] is False
    assert (await page.expect("resync"))["state"]["media"] == "audio"
    await page.send("resume:ask", origin="https://shop.example")
    handle = (await page.expect("resume:handle"))["handle"]
    await page.cut()
    after = await site.open("customer")
    welcome = await after.hello(resume={"handle": handle, "origin": "https://shop.example"})
    assert tokens.read(welcome["token"]).conversation == conversation


async def test_what_was_missed_meanwhile_comes_after_a_reconnect(site: Site, make_session: Any) -> None:
    customer, operator, conversation = await a_chat(site, make_session)
    (joined,) = customer.came("queue:joined")
    last_seq = max(frame.get("seq", 0) for frame in customer.seen)
    await customer.send("ack", seq=last_seq)
    await customer.alive()
    await customer.cut()
    await operator.numbered("call:invite", conversation=conversation, media="video")
    page = await site.open("customer")
    resume = {"token": joined["token"], "epoch": joined["epoch"], "last_seq": last_seq}
    assert (await page.hello(resume=resume))["missed"] == 1
    await page.expect("call:invite", invitation=1)
    await page.numbered("call:accept", invitation=1)
    begun = await page.expect("call:accept")
    assert begun["ice_policy"] == "all"
    # Again from the mailbox, for a page that lost its socket before it could acknowledge: complete, with fresh servers.
    await page.cut()
    again = await site.open("customer")
    await again.hello(resume=resume)
    replayed = await again.expect("call:accept")
    assert {**replayed, "ice_servers": None, "token": ""} == {**begun, "ice_servers": None, "token": ""}
    assert tokens.read(replayed["token"]).media == "video"


async def test_who_invites_is_charged(site: Site, make_session: Any, settings: Any) -> None:
    settings.PARTY_LIMIT = "3/minute"
    customer, operator, _conversation = await a_chat(site, make_session)
    for number in (1, 2, 3):
        await customer.numbered("call:invite", media=("audio", "video")[number % 2])
    await customer.send("call:invite", id=9, media="audio")
    error = await customer.error("rate_limited", ref=9)
    assert error["retryable"] is True
    assert error["retry_after"] > 0
    # The other side answers for nothing.
    await operator.numbered("call:accept", invitation=3)
    await customer.expect("call:accept")


async def test_every_refusal_says_what_to_do(site: Site, make_session: Any) -> None:
    customer, operator, conversation = await a_chat(site, make_session)
    stranger = await site.customer()
    await stranger.send("call:invite", id=1, media="video")
    await stranger.error("not_attached", ref=1)
    await stranger.join("Mallory", media="chat")
    await stranger.send("call:accept", id=1, invitation=1)
    await stranger.error("not_in_call", ref=1)
    await stranger.send("call:accept", id=2, invitation=1, conversation=conversation)
    await stranger.error("wrong_conversation", ref=2)
    await operator.send("call:invite", id=1, media="video", conversation="nobody")
    await operator.error("wrong_conversation", ref=1)
    await customer.send("call:accept", id=50, invitation=1)
    error = await customer.error("invitation_over", ref=50)
    assert error["retryable"] is False
    assert error["message"]
    await customer.numbered("call:invite", media="video")
    await operator.numbered("call:decline", invitation=1)
    await customer.send("call:invite", id=60, media="video")
    await customer.error("invited_lately", ref=60)
    assert customer.came("call:decline")[0]["own"] is False
    await customer.alive()


async def test_where_calls_are_off_pages_are_told_and_none_begins(site: Site, make_session: Any, settings: Any) -> None:
    settings.CALLS_FROM_CHAT = False
    customer, operator, _conversation = await a_chat(site, make_session)
    assert customer.came("welcome")[0]["features"]["calls"] is False
    for number, peer in enumerate((customer, operator), start=70):
        await peer.send("call:invite", id=number, media="audio")
        await peer.error("calls_off", ref=number)


async def test_where_video_is_off_pages_are_told_and_nobody_asks_for_it(
    site: Site, make_session: Any, settings: Any
) -> None:
    settings.ENABLE_VIDEO = False
    stranger = await site.customer()
    assert stranger.came("welcome")[0]["features"]["video"] is False
    await stranger.send("queue:join", name="Ada", media="video")
    refused = await stranger.error("video_off")
    assert refused["retryable"] is False
    customer, operator, _conversation = await a_chat(site, make_session)
    for number, peer in enumerate((customer, operator), start=80):
        await peer.send("call:invite", id=number, media="video")
        await peer.error("video_off", ref=number)
    await customer.numbered("call:invite", media="audio")


HOSTILE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=40),
    st.sampled_from(["video", "audio", "chat", "hologram", "", "1", "\u202e", "invite"]),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=5), st.integers(), max_size=2),
)


@settings(max_examples=300, deadline=None)
@given(
    role=st.sampled_from(["customer", "operator"]),
    kind=st.sampled_from(["call:invite", "call:accept", "call:decline"]),
    fields=st.dictionaries(st.sampled_from(["id", "media", "invitation", "conversation", "by", "x"]), HOSTILE),
)
def test_a_frame_is_whole_or_refused(role: Role, kind: str, fields: dict[str, Any]) -> None:
    """Whatever stands in it: what passes has a usable id, a medium or a number in range, and nothing else."""
    try:
        frame: Any = parse(role, json.dumps({"type": kind, **fields}))
    except FrameError:
        return
    assert type(frame["id"]) is int
    assert 1 <= frame["id"] < 2**53
    if kind == "call:invite":
        assert frame["media"] in ("audio", "video")
        assert set(frame) <= {"type", "id", "media", "conversation"}
    else:
        assert type(frame["invitation"]) is int
        assert 1 <= frame["invitation"] < 2**31
        assert set(frame) <= {"type", "id", "invitation", "conversation"}


@pytest.mark.parametrize("kind", ["call:accept", "call:decline"])
async def test_numbers_that_were_never_given_are_refused(site: Site, make_session: Any, kind: str) -> None:
    customer, operator, _conversation = await a_chat(site, make_session)
    await operator.numbered("call:invite", media="audio")
    for number, invitation in enumerate((2, 7, 2**31 - 1), start=80):
        await customer.send(kind, id=number, invitation=invitation)
        await customer.error("invitation_over", ref=number)
    for number, invitation in enumerate((0, -1, 2**31, 1.0, "1", None), start=90):
        await customer.send(kind, id=number, invitation=invitation)
        await customer.error("bad_frame", ref=number)
    await customer.numbered("call:accept", invitation=1)
