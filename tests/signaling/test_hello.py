"""Handshake, hello, sessions on the socket, takeover."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone
from websockets.exceptions import InvalidStatus

from accounts import session_store
from accounts.clients import NOBODY
from accounts.flows.revoke_session import revoke_all
from accounts.models import OperatorSession
from infra.redis import push
from signaling.hub import heartbeat
from signaling.hub.hub import get_hub
from signaling.roles import operator as operator_role
from tests.queueing.world import next_ms
from tests.signaling.client import Site


async def test_the_subprotocol_is_chosen(site: Site) -> None:
    customer = await site.open("customer")
    assert customer.socket.subprotocol == "adminara.v1"


@pytest.mark.parametrize("offered", [None, "adminara.v2"])
async def test_another_subprotocol_closes_with_4400(site: Site, offered: str | None) -> None:
    customer = await site.open("customer", subprotocol=offered) if offered is None else None
    if customer is None:
        # A client refuses an answer without its subprotocol by itself; what counts is that it is not served.
        with pytest.raises(Exception):  # noqa: B017, PT011
            await (await site.open("customer", subprotocol=offered)).hello()
        return
    await customer.error("bad_subprotocol")
    assert await customer.closed() == 4400


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "https://shop.example.evil.io",
        "https://shop.example:444",
        "http://shop.example",
        "https://sub.shop.example",
        "null",
    ],
)
async def test_a_wrong_origin_is_refused_at_the_handshake(site: Site, settings: Any, origin: str) -> None:
    settings.ALLOWED_ORIGINS = ["https://shop.example"]
    with pytest.raises(InvalidStatus) as refused:
        await site.open("customer", origin=origin)
    assert refused.value.response.status_code == 403


async def test_an_allowed_origin_may_open_the_customers_socket_but_not_the_operators(site: Site, settings: Any) -> None:
    settings.ALLOWED_ORIGINS = ["https://shop.example"]
    customer = await site.open("customer", origin="https://shop.example")
    await customer.hello()
    with pytest.raises(InvalidStatus):
        await site.open("operator", origin="https://shop.example")


async def test_welcome_says_what_a_page_needs(site: Site) -> None:
    customer = await site.open("customer")
    welcome = await customer.hello()
    assert welcome["resumed"] is False
    assert welcome["epoch"] is None
    assert (welcome["last_id"], welcome["gen"], welcome["missed"]) == (0, 0, 0)
    assert welcome["heartbeat_s"] == 20
    assert welcome["server_time"] > 1_600_000_000_000
    assert welcome["features"]["queue"] is True
    assert "authenticated" not in welcome


@pytest.mark.parametrize(
    "first",
    [
        '{"type":"hello","protocol":2}',
        '{"type":"hello"}',
        '{"type":"queue:join","name":"Ada","media":"chat"}',
        '{"type":"hello","protocol":1,"resume":{"token":5}}',
        "not json",
        "[]",
        b"\x00\x01",
    ],
)
async def test_4400_for_a_bad_first_frame_preceded_by_an_error(site: Site, first: str | bytes) -> None:
    customer = await site.open("customer")
    await customer.raw(first)
    await customer.expect("error")
    assert await customer.closed() == 4400


async def test_who_does_not_say_hello_is_closed(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "HELLO_SECS", 0.2)
    customer = await site.open("customer")
    await customer.error("hello_first")
    assert await customer.closed() == 4408


async def test_a_second_hello_is_one_error(site: Site) -> None:
    customer = await site.customer()
    await customer.send("hello", protocol=1)
    await customer.error("already_greeted", ref="hello")
    await customer.alive()


# -- operators ---------------------------------------------------------------------------------------------------


async def test_an_operator_with_a_cookie_is_attached_at_hello(site: Site, make_session: Any) -> None:
    operator = await site.open("operator", cookie=await make_session())
    welcome = await operator.hello()
    assert welcome["authenticated"] is True
    assert isinstance(welcome["epoch"], int)
    resync = await operator.expect("resync")
    assert resync["state"]["phase"] == "idle"
    assert resync["seq"] == 0
    assert (await operator.expect("operator:state"))["available"] is False
    await operator.expect("board")


async def test_an_operator_without_a_session_may_verify_after_hello(site: Site, make_session: Any) -> None:
    token = await make_session()
    operator = await site.open("operator")
    welcome = await operator.hello()
    assert (welcome["authenticated"], welcome["resumed"], welcome["epoch"]) == (False, False, None)
    await operator.send("operator:available", available=True)
    await operator.error("not_attached")
    await operator.send("admin:session:verify", token=token)
    valid = await operator.expect("admin:session:valid")
    assert valid["admin_id"] == "ayse"
    welcome = await operator.expect("welcome")
    assert welcome["authenticated"] is True
    assert isinstance(welcome["epoch"], int)
    await operator.expect("resync")


async def test_an_operator_may_verify_before_hello(site: Site, make_session: Any) -> None:
    operator = await site.open("operator")
    await operator.send("admin:session:verify", token=await make_session())
    await operator.expect("admin:session:valid")
    assert (await operator.hello())["authenticated"] is True
    await operator.expect("board")


async def test_a_wrong_token_is_invalid_and_4401(site: Site) -> None:
    operator = await site.open("operator")
    await operator.hello()
    await operator.send("admin:session:verify", token="forged")
    await operator.expect("admin:session:invalid")
    assert await operator.closed() == 4401


async def test_another_operators_token_does_not_change_who_a_socket_is(site: Site, make_session: Any) -> None:
    operator = await site.operator(await make_session("ayse"))
    await operator.send("admin:session:verify", token=await make_session("mehmet"))
    await operator.expect("admin:session:invalid")
    assert await operator.closed() == 4401


async def test_without_a_session_4401_after_five_seconds(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "HELLO_SECS", 0.2)
    operator = await site.open("operator")
    await operator.hello()
    assert await operator.closed() == 4401


async def test_a_database_that_takes_longer_signs_nobody_out(
    site: Site, make_session: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heartbeat, "HELLO_SECS", 0.2)
    answered = asyncio.Event()
    identify = operator_role.sessions.identify

    async def late(key: str) -> Any:
        await answered.wait()
        return await identify(key)

    monkeypatch.setattr(operator_role.sessions, "identify", late)
    operator = await site.open("operator", cookie=await make_session("ayse"))
    await operator.send("hello", protocol=1)
    await operator.error("store_unavailable")
    assert await operator.closed() == 4503
    answered.set()


async def test_a_revoked_session_dies_at_once(site: Site, make_session: Any) -> None:
    operator = await site.operator(await make_session("ayse"))
    other = await site.operator(await make_session("mehmet"))
    await push.ensure_receiver()
    # The receiver subscribes in the background; a broadcast that arrives proves that it has.
    heard = asyncio.Event()
    stop = push.listen(lambda event: heard.set())
    while not heard.is_set():
        await push.broadcast_async({"kind": "probe"})
        await asyncio.sleep(0.05)
    stop()
    await sync_to_async(revoke_all)("ayse", by="mehmet", client=NOBODY)
    await operator.error("session_over")
    assert await operator.closed() == 4401
    await other.alive()


async def test_an_open_socket_slides_its_session_at_most_once_a_minute(
    site: Site, make_session: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from accounts import sessions

    slid: asyncio.Queue[str] = asyncio.Queue()
    real = sessions.slide

    async def slide(key: str) -> Any:
        slid.put_nowait(key)
        return await real(key)

    monkeypatch.setattr(sessions, "slide", slide)
    session = await make_session()
    await site.operator(session)
    socket = next(iter(get_hub().registry.connections))
    for seconds in (20, 40, 61, 80, 100, 122):
        socket.side.beat(socket.opened_at + seconds)
    async with asyncio.timeout(5):
        assert [await slid.get(), await slid.get()] == [session, session]
    await asyncio.sleep(0)
    assert slid.empty()


async def test_an_expired_session_waits_for_a_running_calls_end(site: Site, make_session: Any) -> None:
    customer, operator, _ = await site.call(await make_session())
    side: Any = get_hub().registry.speaker(b"o:ayse").side  # type: ignore[union-attr]
    await OperatorSession.objects.aupdate(expire_date=timezone.now())
    await sync_to_async(session_store.drop)(side.session.key_hash)
    side.session = replace(side.session, expires_at_ms=0)
    await side._slide()
    await operator.alive()
    await customer.numbered("call:end")
    await operator.expect("call:ended")
    assert await operator.closed() == 4401


async def test_a_revoke_that_no_event_told_of_is_noticed_and_does_not_wait(site: Site, make_session: Any) -> None:
    _, operator, _ = await site.call(await make_session())
    side: Any = get_hub().registry.speaker(b"o:ayse").side  # type: ignore[union-attr]
    await OperatorSession.objects.all().adelete()
    await side._slide()
    assert await operator.closed() == 4401


# -- takeover ----------------------------------------------------------------------------------------------------


async def test_a_newer_socket_with_the_same_token_takes_over_with_4409(site: Site) -> None:
    first = await site.customer()
    joined = await first.join("Ada")
    second = await site.customer(resume={"token": joined["token"], "epoch": joined["epoch"], "last_seq": 0})
    assert await first.closed() == 4409
    await second.alive()


async def test_ten_sockets_with_one_token_leave_one(site: Site) -> None:
    first = await site.customer()
    joined = await first.join("Ada")
    resume = {"token": joined["token"], "epoch": joined["epoch"], "last_seq": 0}
    opened = [await site.open("customer") for _ in range(10)]
    await asyncio.gather(*(peer.send("hello", protocol=1, resume=resume) for peer in opened))
    codes = []
    done = {asyncio.create_task(peer.closed()): peer for peer in [first, *opened]}
    async with asyncio.timeout(10):
        while len(codes) < 10:
            finished, _ = await asyncio.wait(done, return_when=asyncio.FIRST_COMPLETED)
            for task in finished:
                codes.append(task.result())
                del done[task]
    assert codes == [4409] * 10
    (task, survivor), *_ = done.items()
    task.cancel()
    await survivor.alive()
    await survivor.send("queue:leave", id=1)
    await survivor.expect("queue:left")


async def test_a_second_console_takes_over_across_sessions(site: Site, make_session: Any) -> None:
    first = await site.operator(await make_session())
    second = await site.operator(await make_session())
    assert await first.closed() == 4409
    await second.alive()


# -- customer tokens ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("token", ["forged", "x" * 2000, "eyJjIjoiYSJ9:abc", "ü"])
async def test_a_forged_token_is_told_and_the_socket_stays_usable(site: Site, token: str) -> None:
    customer = await site.open("customer")
    await customer.send("hello", protocol=1, resume={"token": token, "epoch": 1, "last_seq": 0})
    await customer.error("token_invalid", ref="hello")
    assert (await customer.expect("welcome"))["resumed"] is False
    await customer.join("Ada")


async def test_a_token_of_an_unknown_conversation_is_expired(site: Site, settings: Any) -> None:
    from queueing.tokens import Ticket, sign

    settings.QUEUE_GRACE_SECS = 0
    token = sign(Ticket("gone", "1700000000000000", "Ada", "video", "", "", "", False))
    customer = await site.open("customer")
    next_ms()  # no grace is over in the millisecond in which it began
    await customer.send("hello", protocol=1, resume={"token": token, "epoch": 1, "last_seq": 0})
    await customer.error("token_expired", ref="hello")
    await customer.expect("welcome")
    await customer.join("Ada")
