"""Messages of a socket are handled one after the other, on a server that calls and on one that only knows ASGI."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from infra.redis.client import execute
from queueing.live import store
from signaling.connection.receive_loop import BACKLOG_MOST
from signaling.hub import hub as hub_module
from signaling.hub.hub import get_hub
from tests.signaling.client import Site
from tests.signaling.servers import serve


@pytest.fixture(params=["direct", "websockets-sansio"])
async def site(request: pytest.FixtureRequest, redis_server: str, transactional_db: None) -> AsyncIterator[Site]:
    async with serve(None if request.param == "direct" else request.param) as site:
        site.is_direct = request.param == "direct"  # type: ignore[attr-defined]
        yield site
        await site.close()
        await hub_module.close_hub()


def sockets() -> list[Any]:
    return list(get_hub().registry.connections)


async def test_the_short_way_is_taken_where_it_is_offered(site: Any) -> None:
    await site.customer()
    assert [socket.buffer._direct is not None for socket in sockets()] == [site.is_direct]


async def test_frames_sent_without_waiting_arrive_once_and_in_order_both_ways(site: Site, make_session: Any) -> None:
    customer, operator, _ = await site.call(await make_session())
    many = 3 * BACKLOG_MOST
    for number in range(1, many + 1):
        await customer.send("chat:message", id=number, text=f"c{number}")
        await operator.send("chat:message", id=number, text=f"o{number}")
    for sender, receiver, letter in ((customer, operator, "c"), (operator, customer, "o")):
        lines = [await receiver.expect("chat:message") for _ in range(many)]
        assert [line["text"] for line in lines] == [f"{letter}{number}" for number in range(1, many + 1)]
        assert [line["seq"] for line in lines] == list(range(2, many + 2))
        assert [(await sender.expect("ack"))["id"] for _ in range(many)] == list(range(1, many + 1))


async def test_answers_keep_the_order_of_what_they_answer(site: Site, make_session: Any) -> None:
    customer, _, _ = await site.call(await make_session())
    await customer.send("chat:message", id=1, text="stored first")
    await customer.send("ping", t=7)
    await customer.send("nonsense")
    await customer.send("chat:message", id=2, text="then this")
    await customer.expect("ack", id=2)
    answers = [
        (frame["type"], frame.get("id") or frame.get("t") or frame.get("ref"))
        for frame in customer.seen
        if frame["type"] in ("ack", "pong", "error")
    ]
    assert answers == [("ack", 1), ("pong", 7), ("error", "nonsense"), ("ack", 2)]


async def test_what_was_sent_before_leaving_is_handled(site: Site) -> None:
    customer = await site.customer()
    await customer.send("queue:join", name="Ada", media="video")
    await customer.send("queue:leave", id=1)
    await customer.send("ping", t=1)
    await customer.close()
    while sockets():  # noqa: ASYNC110 - the server side has no event for it
        await asyncio.sleep(0.01)
    board = await asyncio.to_thread(execute, store.board())
    assert board == {"waiting": [], "active": [], "waiting_total": 0, "operators": [], "by_line": {}}


async def test_errors_speak_the_sockets_language(site: Site, make_session: Any) -> None:
    """Also where the answer is made in the callback of a reply, and for sockets of two languages at once."""
    customer, operator, joined = await site.call(await make_session())
    by_party = {socket.party: socket for socket in sockets()}
    by_party[f"c:{joined['conversation']}"].language = "en"
    await customer.numbered("call:end")
    await operator.expect("call:ended")
    await customer.send("chat:message", id=9, text="too late")
    await operator.send("chat:message", id=9, text="too late")
    english, turkish = await customer.error("not_in_call"), await operator.error("not_in_call")
    assert english["message"] != turkish["message"]
    assert english["ref"] == turkish["ref"] == 9


@pytest.mark.parametrize("locale", ["en", "en-GB", "en_GB"])
async def test_errors_speak_the_language_of_the_page_and_not_the_browsers(site: Site, locale: str) -> None:
    said = []
    for hello in ({"locale": locale}, {}, {"locale": "de"}):
        page = await site.customer(**hello)
        await page.send("chat:message", id=9, text="nobody is there")
        said.append((await page.expect("error", ref=9))["message"])
    english, turkish, unknown = said
    assert english != turkish == unknown


async def test_the_console_speaks_as_its_page_does(site: Site, make_session: Any) -> None:
    operator = await site.operator(await make_session(), locale="en")
    await operator.send("chat:message", id=9, text="nobody is there")
    english = await operator.expect("error", ref=9)
    turkish = await site.operator(await make_session())
    await turkish.send("chat:message", id=9, text="nobody is there")
    assert english["message"] != (await turkish.expect("error", ref=9))["message"]


async def test_a_fragmented_message_keeps_its_place(site: Site, make_session: Any) -> None:
    customer, operator, _ = await site.call(await make_session())
    await customer.send("chat:message", id=1, text="one")
    await customer.socket.send(iter([json.dumps({"type": "chat:message", "id": 2})[:-1], ',"text":"tw', 'o"}']))
    await customer.send("chat:message", id=3, text="three")
    assert [(await operator.expect("chat:message"))["text"] for _ in range(3)] == ["one", "two", "three"]
