"""Numbered frames: stored, acknowledged, in order, once, across lost sockets."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import redis as redis_client
from django.conf import settings as django_settings

from infra.redis.client import key
from queueing import services
from signaling.hub.hub import get_hub
from tests.signaling.client import Peer, Site


def resume(joined: dict[str, Any], last_seq: int) -> dict[str, Any]:
    return {"token": joined["token"], "epoch": joined["epoch"], "last_seq": last_seq}


async def say(peer: Peer, count: int, first: int = 1) -> None:
    for number in range(first, first + count):
        await peer.send("chat:message", id=number, text=f"line {number}")
    await peer.expect("ack", id=first + count - 1)


async def lines(peer: Peer, count: int) -> list[tuple[int, str]]:
    return [((f := await peer.expect("chat:message"))["seq"], f["text"]) for _ in range(count)]


async def test_frames_arrive_in_order_without_gaps_and_once(site: Site, make_session: Any) -> None:
    customer, operator, joined = await site.call(await make_session())
    await say(operator, 20)
    assert await lines(customer, 20) == [(n + 1, f"line {n}") for n in range(1, 21)]
    await say(customer, 20)
    assert await lines(operator, 20) == [(n + 1, f"line {n}") for n in range(1, 21)]
    assert {frame["conversation"] for frame in operator.came("chat:message")} == {joined["conversation"]}


async def test_the_same_id_again_is_answered_again_and_delivered_once(site: Site, make_session: Any) -> None:
    customer, operator, _ = await site.call(await make_session())
    for _ in range(3):
        await customer.send("chat:message", id=5, text="once")
        await customer.expect("ack", id=5)
    await customer.numbered("chat:message", text="then")
    assert [text for _, text in await lines(operator, 2)] == ["once", "then"]


async def test_ids_may_have_gaps_and_come_in_any_order(site: Site, make_session: Any) -> None:
    customer, operator, _ = await site.call(await make_session())
    for identifier in (50, 3, 20, 1, 50, 3):
        await customer.send("chat:message", id=identifier, text=str(identifier))
        await customer.expect("ack", id=identifier)
    assert [text for _, text in await lines(operator, 4)] == ["50", "3", "20", "1"]


async def test_resume_replays_exactly_what_came_after_last_seq(site: Site, make_session: Any) -> None:
    customer, operator, joined = await site.call(await make_session())
    await say(operator, 5)
    await lines(customer, 5)
    await customer.cut()
    await operator.expect("peer:presence", state="away")
    await say(operator, 5, first=6)
    back = await site.open("customer")
    await back.send("hello", protocol=1, resume=resume(joined, 3))
    welcome = await back.expect("welcome")
    assert (welcome["resumed"], welcome["epoch"], welcome["missed"]) == (True, joined["epoch"], 8)
    assert await lines(back, 8) == [(n + 1, f"line {n}") for n in range(3, 11)]
    await operator.expect("peer:presence", state="connected")
    await back.alive()
    assert back.came("resync") == []
    assert len(back.came("chat:message")) == 8


@pytest.mark.parametrize("change", [{"epoch": 1}, {"last_seq": 99}, {"epoch": None}, {"last_seq": None}])
async def test_a_resume_that_cannot_be_exact_is_a_resync(site: Site, make_session: Any, change: dict[str, Any]) -> None:
    customer, operator, joined = await site.call(await make_session())
    await customer.numbered("chat:message", text="from me")
    await customer.numbered("rtc:description", description={"type": "offer", "sdp": "v=0"}, gen=4)
    await say(operator, 2)
    await customer.cut()
    back = await site.open("customer")
    await back.send("hello", protocol=1, resume={**resume(joined, 1), **change})
    welcome = await back.expect("welcome")
    assert welcome["resumed"] is False
    assert welcome["epoch"] > joined["epoch"]
    assert (welcome["last_id"], welcome["gen"], welcome["missed"]) == (2, 4, 0)
    resync = await back.expect("resync")
    assert (resync["epoch"], resync["seq"]) == (welcome["epoch"], 0)
    state = resync["state"]
    assert set(state) >= {
        "phase", "conversation", "position", "waiting", "estimate", "peer", "polite", "media", "ice_servers", "gen",
        "since", "reason", "transcript",
    }  # fmt: skip
    assert (state["phase"], state["conversation"], state["gen"]) == ("active", joined["conversation"], 4)
    assert (state["peer"]["name"], state["polite"], state["media"]) == ("Ayse", True, "video")
    assert [(line["from"], line["text"]) for line in state["transcript"]] == [
        ("customer", "from me"), ("operator", "line 1"), ("operator", "line 2"),
    ]  # fmt: skip
    await say(operator, 1, first=3)
    assert await lines(back, 1) == [(1, "line 3")]


async def test_resync_while_waiting_draws_the_place(site: Site) -> None:
    first, second = await site.customer(), await site.customer()
    await first.join("Ada")
    joined = await second.join("Bob")
    await second.cut()
    back = await site.open("customer")
    await back.send("hello", protocol=1, resume={"token": joined["token"]})
    state = (await back.expect("resync"))["state"]
    assert (state["phase"], state["position"], state["waiting"]) == ("waiting", 2, 2)
    await first.send("queue:leave")
    await back.expect("queue:position", position=1)


async def test_after_the_end_a_reload_learns_it_and_may_join_again(site: Site, make_session: Any) -> None:
    customer, operator, joined = await site.call(await make_session())
    await operator.numbered("call:end", reason="hangup")
    await customer.expect("call:ended")
    for memory in (resume(joined, 2), {"token": joined["token"]}):
        back = await site.open("customer")
        await back.send("hello", protocol=1, resume=memory)
        welcome = await back.expect("welcome")
        if not welcome["resumed"]:
            state = (await back.expect("resync"))["state"]
            assert (state["phase"], state["reason"]) == ("ended", "hangup")
    again = await back.join("Ada")
    assert again["conversation"] != joined["conversation"]


async def test_the_operators_mailbox_outlives_conversations(site: Site, make_session: Any) -> None:
    session = await make_session()
    operator = await site.operator(session)
    epoch = operator.seen[0]["epoch"]
    await operator.send("operator:available", available=True)
    for turn in range(2):
        customer = await site.customer()
        await customer.join(f"Ada {turn}")
        ready = await operator.expect("queue:ready")
        await customer.send("call:end")
        ended = await operator.expect("call:ended")
        assert (ready["seq"], ended["seq"]) == (2 * turn + 1, 2 * turn + 2)
    await operator.cut()
    back = await site.open("operator", cookie=session)
    welcome = await back.hello(resume={"epoch": epoch, "last_seq": 1})
    assert (welcome["resumed"], welcome["epoch"], welcome["missed"]) == (True, epoch, 3)


async def test_a_line_typed_for_one_customer_never_reaches_the_next(site: Site, make_session: Any) -> None:
    customer, operator, joined = await site.call(await make_session())
    second = await site.customer()
    await second.join("Bob")
    await customer.send("call:end")
    await operator.expect("call:ended")
    await operator.expect("queue:ready")
    await operator.send("chat:message", id=1, conversation=joined["conversation"], text="for Ada")
    await operator.error("wrong_conversation", ref=1)
    await operator.numbered("chat:message", text="for whoever is there")
    assert await lines(second, 1) == [(2, "for whoever is there")]


async def test_ack_beyond_the_last_seq_is_an_error(site: Site, make_session: Any) -> None:
    customer, operator, _ = await site.call(await make_session())
    await say(operator, 2)
    await lines(customer, 2)
    await customer.send("ack", seq=4)
    await customer.error("bad_ack", ref="ack")
    await customer.send("ping", t=1, ack=10**9)
    await customer.error("bad_ack", ref="ping")
    await customer.send("ack", seq=3)
    await customer.alive()
    assert len(customer.came("error")) == 2


async def test_acknowledged_frames_leave_the_store(site: Site, make_session: Any) -> None:
    customer, operator, joined = await site.call(await make_session())
    await say(operator, 3)
    await lines(customer, 3)
    with redis_client.Redis.from_url(django_settings.REDIS_URL) as raw:
        party = f"c:{joined['conversation']}"
        assert raw.hexists(key("mail"), f"{party}/4")
        await customer.send("ping", ack=3)  # piggybacked
        await customer.alive()
        get_hub().repair.flush_acks()
        await services.last_seqs(get_hub().bus, [party])  # answered behind it
        left = {name.decode() for name in raw.hkeys(key("mail")) if name.decode().startswith(party)}
    assert left == {f"{party}/4"}


async def test_a_replaced_socket_can_write_nothing_more(site: Site, make_session: Any) -> None:
    customer, operator, joined = await site.call(await make_session())
    hub = get_hub()
    old: Any = hub.registry.speaker(f"c:{joined['conversation']}".encode())
    taken = await site.customer(resume=resume(joined, 1))
    assert await customer.closed() == 4409
    from infra.errors import DomainError
    from queueing.live import store

    late = store.Relay("c:" + joined["conversation"], old.conn, None, 9, "chat:message", b"{}")
    with pytest.raises(DomainError) as refused:
        await hub.bus.execute(store.relay(late))
    assert refused.value.code == "replaced"
    await taken.numbered("chat:message", text="me")
    assert await lines(operator, 1) == [(2, "me")]


async def test_a_lost_notice_is_noticed_by_the_next_frame(site: Site, make_session: Any) -> None:
    customer, operator, _joined = await site.call(await make_session())
    hub = get_hub()
    deliver = hub.on_mail
    hub.bus._handlers[key(f"m:{hub.bus.process_id}").encode()] = lambda payload: None
    await say(operator, 3)
    hub.bus._handlers[key(f"m:{hub.bus.process_id}").encode()] = deliver
    await say(operator, 1, first=4)
    assert await lines(customer, 4) == [(n + 1, f"line {n}") for n in range(1, 5)]


async def test_a_lost_notice_without_a_next_frame_is_found_by_the_check(site: Site, make_session: Any) -> None:
    customer, operator, _joined = await site.call(await make_session())
    hub = get_hub()
    deliver = hub.on_mail
    hub.bus._handlers[key(f"m:{hub.bus.process_id}").encode()] = lambda payload: None
    await say(operator, 3)
    hub.bus._handlers[key(f"m:{hub.bus.process_id}").encode()] = deliver
    await hub.repair.look_for_losses()
    assert await lines(customer, 3) == [(n + 1, f"line {n}") for n in range(1, 4)]


async def test_a_process_of_the_release_before_is_understood(site: Site, make_session: Any) -> None:
    """Its scripts publish without letters, on another channel: what a frame means is read from the frame."""
    operator = await site.operator(await make_session())
    customer = await site.customer()
    hub = get_hub()
    await hub.bus._subscriber.call(("UNSUBSCRIBE", key(f"m:{hub.bus.process_id}")))  # type: ignore[union-attr]
    joined = await customer.join("Ada")
    await operator.send("operator:available", available=True)
    for page in (operator, customer):
        ready = await page.expect("queue:ready")
        assert ready["conversation"] == joined["conversation"]
        assert ready["ice_policy"] == "all"
    await say(operator, 2)
    assert await lines(customer, 2) == [(2, "line 1"), (3, "line 2")]
    await operator.send("chat:typing", on=True)
    assert (await customer.expect("chat:typing"))["on"] is True
    again = await site.customer(resume=resume(joined, 3))
    assert await customer.closed() == 4409
    await operator.send("call:end")
    await again.expect("call:ended")
    await operator.expect("call:ended")
    await again.join("Ada")


async def test_many_sockets_that_speak_at_once_are_each_answered(site: Site, make_session: Any) -> None:
    """Their frames share calls and notices; what is wrong with one of them is for its sender alone."""
    pairs = [await site.call(await make_session(f"many-{number}")) for number in range(5)]
    stranger = await site.customer()
    await stranger.join()
    for number in range(1, 6):
        for customer, operator, _ in pairs:
            await customer.send("chat:message", id=number, text=f"c{number}")
            await operator.send("chat:message", id=number, text=f"o{number}")
        await stranger.send("chat:message", id=number, text="to nobody")
    for customer, operator, joined in pairs:
        for sender, receiver, letter in ((customer, operator, "c"), (operator, customer, "o")):
            assert [(await sender.expect("ack"))["id"] for _ in range(5)] == [1, 2, 3, 4, 5]
            assert await lines(receiver, 5) == [(n + 1, f"{letter}{n}") for n in range(1, 6)]
            assert {frame["conversation"] for frame in receiver.came("chat:message")} == {joined["conversation"]}
    assert [(await stranger.error("not_in_call"))["ref"] for _ in range(5)] == [1, 2, 3, 4, 5]


async def test_a_notice_that_cannot_be_handed_on_stops_none_behind_it(
    site: Site, make_session: Any, caplog: pytest.LogCaptureFixture
) -> None:
    customer, operator, joined = await site.call(await make_session())
    sockets = {socket.party: socket for socket in get_hub().registry.connections}
    epoch = next(socket.cursor.epoch for party, socket in sockets.items() if party.startswith("o:"))
    desk = next(party for party in sockets if party.startswith("o:")).encode()
    conversation = joined["conversation"].encode()
    broken = (
        f"c:{joined['conversation']}".encode(),
        b"no number",
        epoch,
        conversation,
        b"o",
        b'{"type":"chat:message"}',
    )
    whole = (desk, b"2", epoch, conversation, b"o", b'{"type":"chat:message","id":1,"text":"here","at":1}')
    get_hub().on_mails(b"\n".join((*broken, *whole)))
    assert (await operator.expect("chat:message"))["text"] == "here"
    assert customer.came("chat:message") == []
    assert "a frame could not be handed on" in caplog.text


async def test_a_killed_subscription_loses_nothing(site: Site, make_session: Any) -> None:
    customer, operator, _joined = await site.call(await make_session())
    with redis_client.Redis.from_url(django_settings.REDIS_URL) as raw:
        raw.client_kill_filter(_type="pubsub")
        await say(operator, 30)
    assert await lines(customer, 30) == [(n + 1, f"line {n}") for n in range(1, 31)]


async def test_state_frames_are_not_numbered(site: Site, make_session: Any) -> None:
    customer, operator, joined = await site.call(await make_session())
    await operator.send("chat:typing", on=True)
    assert await customer.expect("chat:typing") == {
        "type": "chat:typing", "on": True, "conversation": joined["conversation"],
    }  # fmt: skip
    await customer.send("chat:read", upto_id=3)
    assert (await operator.expect("chat:read"))["upto_id"] == 3
    await customer.send("call:stats", rtt_ms=41.5, region="eu", quality="good", loss_pct=None)
    stats = await operator.expect("call:stats")
    assert (stats["rtt_ms"], stats["region"], stats["from"]) == (41.5, "eu", "customer")
    assert "seq" not in stats


async def test_each_side_hears_how_the_other_ones_media_does(site: Site, make_session: Any) -> None:
    customer, operator, joined = await site.call(await make_session())
    await operator.send("call:state", state="reconnecting", step="restart", reason="silence")
    assert await customer.expect("call:state") == {
        "type": "call:state", "conversation": joined["conversation"], "from": "operator",
        "state": "reconnecting", "step": "restart", "reason": "silence",
    }  # fmt: skip
    await customer.send("call:state", state="connected", sharing=True)
    told = await operator.expect("call:state")
    assert (told["state"], told["sharing"]) == ("connected", True)
    await operator.send("call:end")
    await customer.expect("call:ended")
    await customer.send("call:state", state="failed")
    await customer.alive()
    await operator.alive()
    assert [frame["state"] for frame in operator.came("call:state")] == ["connected"]


async def test_a_lost_call_comes_back_to_the_head_by_its_token(site: Site, make_session: Any) -> None:
    customer, operator, joined = await site.call(await make_session())
    await operator.send("operator:available", available=False)
    await customer.send("call:end", reason="connection")
    await operator.expect("call:ended")
    other = await site.customer()
    await other.join("Bora")
    again = await customer.join("Ada", returning=joined["token"])
    assert (again["position"], again["waiting"]) == (1, 2)
    assert (await other.expect("queue:position", position=2))["waiting"] == 2


async def test_call_control_goes_from_the_operator_to_the_customer_only(site: Site, make_session: Any) -> None:
    customer, operator, _ = await site.call(await make_session())
    await operator.numbered("call:control", action="audio-only")
    control = await customer.expect("call:control")
    assert (control["action"], control["seq"]) == ("audio-only", 2)
    await customer.send("call:control", id=1, action="video")
    await customer.error("not_allowed", ref=1)


async def test_the_end_of_candidates_is_null(site: Site, make_session: Any) -> None:
    customer, operator, _ = await site.call(await make_session())
    await customer.numbered("rtc:ice:candidate", candidate=None, gen=0)
    assert (await operator.expect("rtc:ice:candidate"))["candidate"] is None
    await customer.numbered("rtc:ice:candidate", candidate={"candidate": "", "sdpMid": None}, gen=2)
    assert (await operator.expect("rtc:ice:candidate"))["gen"] == 2


async def test_call_end_without_an_id_is_taken_once_unacknowledged(site: Site, make_session: Any) -> None:
    customer, operator, _ = await site.call(await make_session())
    await operator.send("call:end", reason="hangup")
    assert (await customer.expect("call:ended"))["reason"] == "hangup"
    await operator.expect("call:ended")
    await operator.alive()
    assert operator.came("ack") == []


async def test_ice_servers_are_fresh_and_time_limited(site: Site, make_session: Any, settings: Any) -> None:
    from support.config.types import TurnServer

    settings.TURN_SECRET = "shared-with-coturn-0123456789"
    settings.TURN_SERVERS = [
        TurnServer(region="us", urls=["turn:us.example:3478"], priority=20),
        TurnServer(region="eu", urls=["turn:eu.example:3478", "stun:eu.example:3478"], priority=10),
    ]
    customer, operator, _ = await site.call(await make_session())
    ready = customer.came("queue:ready")[0]
    assert [(server["region"], server["urls"]) for server in ready["ice_servers"]] == [
        ("eu", ["stun:eu.example:3478"]), ("eu", ["turn:eu.example:3478"]), ("us", ["turn:us.example:3478"]),
    ]  # fmt: skip
    await operator.send("ice:refresh")
    servers = (await operator.expect("ice:servers"))["ice_servers"]
    import base64
    import hashlib
    import hmac
    import time

    turn = servers[1]
    expiry = int(turn["username"].split(":")[0])
    assert 0 < expiry - time.time() <= settings.TURN_TTL_SECS
    digest = hmac.new(settings.TURN_SECRET.encode(), turn["username"].encode(), hashlib.sha1).digest()
    assert turn["credential"] == base64.b64encode(digest).decode()
    assert turn["username"] != ready["ice_servers"][1]["username"]


async def test_frames_sent_during_an_attach_are_not_lost(site: Site, make_session: Any) -> None:
    customer, operator, joined = await site.call(await make_session())

    async def talk() -> None:
        for number in range(1, 201):
            await operator.send("chat:message", id=number, text=str(number))
            await operator.expect("ack", id=number)

    talking = asyncio.create_task(talk())
    heard: list[int] = []
    peer = customer
    last = 1
    while not talking.done():
        await asyncio.sleep(0.02)
        await peer.cut()
        for frame in peer.came("chat:message"):
            assert frame["seq"] == last + 1
            last = frame["seq"]
            heard.append(int(frame["text"]))
        peer = await site.open("customer")
        await peer.send("hello", protocol=1, resume=resume(joined, last))
        assert (await peer.expect("welcome"))["resumed"] is True
    await talking
    while last < 201:
        frame = await peer.expect("chat:message")
        assert frame["seq"] == last + 1
        last = frame["seq"]
        heard.append(int(frame["text"]))
    assert heard == list(range(1, 201))
