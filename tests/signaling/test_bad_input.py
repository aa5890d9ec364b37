"""What a hostile or broken client may send: it gets an error, and nobody else notices."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from tests.signaling.client import Peer, Site

JOIN = '{"type":"queue:join","name":"Ada","media":"chat","attributes":{%s}}'


@pytest.mark.parametrize(
    ("text", "code", "ref"),
    [
        ('{"type":"no:such"}', "unknown_type", "no:such"),
        ('{"type":"no:such","id":7}', "unknown_type", 7),
        ('{"type":"call:control","id":1,"action":"video"}', "not_allowed", 1),
        ('{"type":"operator:available","available":true}', "not_allowed", "operator:available"),
        ('{"type":"chat:message","id":"1","text":"x"}', "bad_frame", "chat:message"),
        ('{"type":"chat:message","id":true,"text":"x"}', "bad_frame", "chat:message"),
        ('{"type":"chat:message","id":0,"text":"x"}', "bad_frame", "chat:message"),
        ('{"type":"chat:message","id":9007199254740992,"text":"x"}', "bad_frame", "chat:message"),
        ('{"type":"chat:message","id":3,"text":5}', "bad_frame", 3),
        ('{"type":"chat:message","id":3,"text":"  "}', "bad_frame", 3),
        ('{"type":"chat:message","text":"no id"}', "bad_frame", "chat:message"),
        ('{"type":"queue:join","name":"","media":"video"}', "bad_frame", "queue:join"),
        ('{"type":"queue:join","name":"Ada","media":"hologram"}', "bad_frame", "queue:join"),
        ('{"type":"queue:join","name":"Ada","media":"chat","attributes":{"a":{"b":1}}}', "bad_frame", "queue:join"),
        ('{"type":"ack","seq":-1}', "bad_frame", "ack"),
        (JOIN % ('"n":1' + "0" * 400), "bad_frame", "queue:join"),
        (JOIN % '"n":1234567890123456789', "bad_frame", "queue:join"),
        (JOIN % '"n":1e999', "bad_frame", "queue:join"),
        (JOIN % '"n":-1e16', "bad_frame", "queue:join"),
        ('{"type":"call:stats","quality":1.7e308}', "bad_frame", "call:stats"),
        ('{"type":"call:stats","rtt_ms":-1}', "bad_frame", "call:stats"),
        ('{"type":"ping","t":1e300}', "bad_frame", "ping"),
        ('{"type":"rtc:ice:candidate","id":1,"candidate":{"candidate":"x"},"gen":-1}', "bad_frame", 1),
        ('{"type":5}', "bad_json", None),
        ('{"type":null}', "bad_json", None),
        ("{}", "bad_json", None),
        ("[]", "bad_json", None),
        ("5", "bad_json", None),
        ("", "bad_json", None),
        ("{", "bad_json", None),
        ('{"type":"chat:message","id":1,"text":"\\ud800"}', "bad_json", 1),
        ('{"type":"chat:message","id":3,"text":"\\u200b\\u202e"}', "bad_frame", 3),
        ('{"type":"queue:join","name":"\\u3164\\u200d","media":"chat"}', "bad_frame", "queue:join"),
        ('{"type":"ping","t":' + "[" * 33 + "]" * 33 + "}", "too_deep", "ping"),
        ('{"type":"ping","x":' + "[" * 30_000 + "}", "too_deep", None),
    ],
)
async def test_one_error_for_one_bad_frame(site: Site, text: str, code: str, ref: Any) -> None:
    customer = await site.customer()
    await customer.raw(text)
    error = await customer.expect("error")
    assert error["code"] == code
    assert error.get("ref") == ref
    assert error["message"]
    assert error["retryable"] is False
    await customer.alive()
    assert len(customer.came("error")) == 1


async def test_a_name_and_a_line_lose_what_nobody_sees(site: Site, make_session: Any) -> None:
    customer, operator, _ = await site.call(
        await make_session(),
        name="Ay\u202eşe \u200b👨\u200d👩\u200d👧",
        topic="\u2066iade",
        attributes={"\u200bplan": "a\u202eb"},
    )
    (ready,) = operator.came("queue:ready")
    assert ready["peer"] == {
        **ready["peer"],
        "name": "Ayşe 👨\u200d👩\u200d👧",
        "topic": "iade",
        "attributes": {"plan": "ab"},
    }
    await customer.numbered("chat:message", text="می\u200cخواهم\u202e gizli\n2")
    assert (await operator.expect("chat:message"))["text"] == "می\u200cخواهم gizli\n2"


async def test_every_refusal_of_what_a_page_may_send_names_it(site: Site, make_session: Any, settings: Any) -> None:
    settings.JOIN_LIMIT = "3/minute"
    customer, operator, _ = await in_call(site, make_session)
    refused = [
        (customer, "hello", {"protocol": 1}, "already_greeted"),
        (customer, "queue:join", {"name": "Ada", "media": "chat", "join_key": "another-key"}, "already_joined"),
        (customer, "chat:message", {"id": 9, "text": "x", "conversation": "nobody"}, "wrong_conversation"),
        (customer, "ack", {"seq": 999}, "bad_ack"),
        (operator, "call:end", {"id": 8, "conversation": "nobody"}, "wrong_conversation"),
        (operator, "operator:available", {"available": "yes"}, "bad_frame"),
    ]
    for peer, kind, fields, code in refused:
        await peer.send(kind, **fields)
        await peer.error(code, ref=fields.get("id", kind))
    stranger = await site.customer(resume={"token": "not one of ours"})
    assert [error["ref"] for error in stranger.came("error")] == ["hello"]
    await stranger.send("chat:message", id=4, text="x")
    await stranger.error("not_attached", ref=4)
    await stranger.send("queue:join", name="Ada", media="chat", identity="forged")
    await stranger.error("identity_invalid", ref="queue:join")
    settings.JOIN_LIMIT = "1/minute"
    await stranger.send("queue:join", name="Ada", media="chat")
    await stranger.error("rate_limited", ref="queue:join")


async def test_brackets_inside_text_are_not_depth(site: Site) -> None:
    customer = await site.customer()
    await customer.join("Ada", topic="[" * 100)


async def test_a_binary_frame_is_one_error(site: Site) -> None:
    customer = await site.customer()
    await customer.raw(b'{"type":"ping"}')
    await customer.error("bad_json")
    await customer.alive()


async def test_invalid_utf8_ends_only_that_socket(site: Site) -> None:
    other = await site.customer()
    customer = await site.customer()
    # A text frame of two bytes that are no UTF-8, masked with zeros.
    customer.socket.transport.write(b"\x81\x82\x00\x00\x00\x00\xff\xfe")
    assert await customer.closed() in (1007, 1006)
    await other.alive()


@pytest.mark.parametrize("size", [64 * 1024 + 1, 100_000])
async def test_a_frame_over_64_kib_is_4413(site: Site, size: int) -> None:
    customer = await site.customer()
    await customer.raw(json.dumps({"type": "ping", "x": "y"}).ljust(size))
    await customer.error("frame_too_large")
    assert await customer.closed() == 4413


async def test_a_frame_of_64_kib_is_taken(site: Site) -> None:
    customer = await site.customer()
    await customer.raw(json.dumps({"type": "ping", "t": 5}).ljust(64 * 1024))
    await customer.expect("pong")


async def test_a_frame_of_1_mib_is_refused_by_the_server_itself(site: Site) -> None:
    customer, other = await site.customer(), await site.customer()
    with contextlib.suppress(ConnectionClosed):
        await customer.raw("x" * 1024 * 1024)
    assert await customer.closed() in (1009, 4413)
    await other.alive()


async def in_call(site: Site, make_session: Any) -> tuple[Peer, Peer, str]:
    customer, operator, joined = await site.call(await make_session())
    return customer, operator, joined["conversation"]


async def test_sizes_inside_a_frame(site: Site, make_session: Any) -> None:
    customer, operator, _ = await in_call(site, make_session)
    await customer.numbered("chat:message", text="ü" * 4_000)
    await customer.send("chat:message", id=2, text="x" * 4_001)
    await customer.error("bad_frame", ref=2)
    await customer.numbered("rtc:description", description={"type": "offer", "sdp": "x" * 32 * 1024}, gen=0)
    await customer.send("rtc:description", id=4, description={"type": "offer", "sdp": "x" * (32 * 1024 + 1)}, gen=0)
    await customer.error("bad_frame", ref=4)
    await customer.send("rtc:description", id=4, description={"type": "offer", "sdp": "ü" * 20_000}, gen=0)
    await customer.error("bad_frame", ref=4)
    await customer.send("rtc:ice:candidate", id=5, candidate={"candidate": "x" * 2049}, gen=0)
    await customer.error("bad_frame", ref=5)
    assert (await operator.expect("chat:message"))["text"] == "ü" * 4_000
    await operator.alive()
    assert operator.came("rtc:ice:candidate") == []


async def test_unknown_extra_keys_are_never_forwarded(site: Site, make_session: Any) -> None:
    customer, operator, _ = await in_call(site, make_session)
    await customer.numbered("chat:message", text="hi", from_="system", seq=99, at=1, extra={"a": 1})
    line = await operator.expect("chat:message")
    assert set(line) == {"type", "conversation", "seq", "id", "text", "at"}
    assert line["at"] > 1_600_000_000_000
    await customer.numbered(
        "rtc:description", description={"type": "offer", "sdp": "v=0", "evil": 1}, gen=1, conversation_id="x"
    )
    assert (await operator.expect("rtc:description"))["description"] == {"type": "offer", "sdp": "v=0"}


async def test_sdp_to_a_conversation_that_is_not_yours(site: Site, make_session: Any) -> None:
    customer, operator, conversation = await in_call(site, make_session)
    stranger = await site.customer()
    await stranger.join("Mallory")
    offer = {"description": {"type": "offer", "sdp": "v=0"}, "gen": 0}
    await stranger.send("rtc:description", id=1, conversation=conversation, **offer)
    await stranger.error("wrong_conversation", ref=1)
    await stranger.send("rtc:description", id=2, **offer)
    await stranger.error("not_in_call", ref=2)
    await stranger.send("call:end", conversation=conversation)
    await stranger.error("wrong_conversation")
    await operator.send("rtc:description", id=1, conversation="nobody", **offer)
    await operator.error("wrong_conversation", ref=1)
    await customer.alive()
    await operator.alive()
    assert customer.came("rtc:description") == operator.came("rtc:description") == []


async def test_frames_before_there_is_a_conversation(site: Site) -> None:
    customer = await site.customer()
    for kind, fields in [
        ("chat:message", {"id": 1, "text": "x"}),
        ("chat:typing", {"on": True}),
        ("call:end", {}),
        ("queue:leave", {}),
        ("call:stats", {"rtt_ms": 1}),
        ("device:check", {"microphone": True}),
        ("ice:refresh", {}),
    ]:
        await customer.send(kind, **fields)
        await customer.error("not_attached")
    await customer.join("Ada")


async def test_past_a_hundred_bad_frames_a_minute_4429(site: Site) -> None:
    other, customer = await site.customer(), await site.customer()
    for _ in range(101):
        await customer.raw('{"type":"no:such"}')
    assert await customer.closed() == 4429
    errors = customer.came("error")
    assert [error["code"] for error in errors[:100]] == ["unknown_type"] * 100
    assert errors[100]["code"] == "rate_limited"
    assert errors[100]["retry_after"] == 60.0
    await other.alive()


async def test_a_flood_is_told_and_then_closed_with_4429(site: Site, settings: Any) -> None:
    settings.SOCKET_FRAME_BURST, settings.SOCKET_FRAME_RATE = 60, 30
    other, customer = await site.customer(), await site.customer()
    for _ in range(300):
        await customer.send("ping")
    assert await customer.closed() == 4429
    errors = customer.came("error")
    assert {error["code"] for error in errors} == {"rate_limited"}
    assert all(error["retry_after"] > 0 and error["retryable"] for error in errors)
    assert len(errors) == 101
    # The burst, and what time has paid for meanwhile.
    assert len(customer.came("pong")) >= 59
    await other.alive()


async def test_a_burst_within_the_limit_passes(site: Site, settings: Any) -> None:
    settings.SOCKET_FRAME_BURST, settings.SOCKET_FRAME_RATE = 60, 30
    customer = await site.customer()
    for _ in range(59):
        await customer.send("ping")
    for _ in range(59):
        await customer.expect("pong")
    assert customer.came("error") == []
