"""A rolling restart: one web process after the other is told to end while people talk and wait, and nobody notices."""

from __future__ import annotations

import asyncio
import signal
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from infra.redis.client import execute
from queueing.live import store
from tests.signaling.client import Site
from tests.signaling.pages import Page, living
from tests.signaling.processes import Fleet, Returning, Web

pytestmark = pytest.mark.xdist_group("fleet")


def site(web: Web) -> Site:
    """The address alone: a page must not start the process that it finds gone."""
    return Site(web.port)


async def restart(web: Web) -> None:
    await asyncio.to_thread(web.stop)
    web.start()
    await asyncio.to_thread(web.await_ready)


async def test_a_rolling_restart_loses_doubles_and_ends_nothing(fleet: Fleet) -> None:
    a, b = fleet.webs["a"], fleet.webs["b"]
    for web in (a, b):
        await asyncio.to_thread(web.await_ready)
    operator = Page("operator", [site(b), site(a)], cookie=fleet.session())
    ada, bora, cem = (Page("customer", [site(first), site(second)]) for first, second in ((a, b), (a, b), (b, a)))
    pages = (operator, ada, bora, cem)
    async with living(*pages):
        for place, (page, name) in enumerate([(ada, "Ada"), (bora, "Bora"), (cem, "Cem")], 1):
            await page.say("queue:join", name=name, media="chat")
            await page.until(lambda page=page, place=place: page.phase == ("waiting", place), "a place")
        await operator.say("operator:available", available=True)
        await ada.until(lambda: ada.phase[0] == "active", "a call")
        talks = [asyncio.create_task(page.talk()) for page in (operator, ada)]

        drawn = operator.resyncs, ada.resyncs
        for web in (a, b):
            heard = len(ada.heard), len(operator.heard)
            await restart(web)
            await ada.until(lambda heard=heard: len(ada.heard) > heard[0], "the next line")
            await operator.until(lambda heard=heard: len(operator.heard) > heard[1], "the next line")

        operator.hush()
        ada.hush()
        await asyncio.gather(*talks)
        await operator.heard_all_of(ada)
        await ada.heard_all_of(operator)
        assert [page.faults for page in pages] == [[], [], [], []]
        assert not ada.ended
        # Everybody had to move, was told so, and the other side never read that somebody was away.
        assert {code for page in pages for code in page.closes} == {1012}
        assert all(page.closes for page in pages)
        assert ada.presence == operator.presence == []
        await bora.until(lambda: bora.phase == ("waiting", 1), "the old place")
        await cem.until(lambda: cem.phase == ("waiting", 2), "the old place")
        assert (operator.resyncs, ada.resyncs) == drawn  # everything was replayed, nothing drawn anew
        lost = execute(store.status())["stats"].get("processes_lost", 0)
        await operator.say("call:end", id=len(operator.sent) + 1)
        await bora.until(lambda: bora.phase[0] == "active", "the next call")
        assert execute(store.status())["stats"].get("processes_lost", 0) == lost


async def test_who_does_not_come_back_is_missed_all_the_same(fleet: Fleet) -> None:
    a, b = fleet.webs["a"], fleet.webs["b"]
    customer, operator, _joined = await _call_over(a, b, fleet.session())
    await asyncio.to_thread(a.stop)
    assert await customer.closed() == 1012
    assert (await operator.expect("peer:presence", state="away"))["grace_s"] > 0


async def test_who_waits_is_told_when_to_come_and_who_talks_comes_at_once(fleet: Fleet) -> None:
    a, b = fleet.webs["a"], fleet.webs["b"]
    customer, _operator, joined = await _call_over(a, b, fleet.session())
    waiting = await a.customer()
    place = Returning(waiting, await waiting.join("Bora"))
    await asyncio.to_thread(a.stop)
    error = await waiting.error("restarting")
    assert error["retryable"] is True
    assert 0 < error["retry_after"] <= 1
    assert await waiting.closed() == 1012
    assert await customer.closed() == 1012
    assert customer.came("error") == []
    assert (await place.resume(b))["resumed"] is True
    assert (await Returning(customer, joined).resume(b))["resumed"] is True


async def _call_over(customers: Web, operators: Web, session: str) -> tuple[Any, Any, Any]:
    operator = await operators.operator(session)
    customer = await customers.customer()
    joined = await customer.join("Ada")
    await operator.send("operator:available", available=True)
    await operator.expect("queue:ready")
    await customer.expect("queue:ready")
    return customer, operator, joined


async def test_daphne_moves_its_sockets_too(fleet: Fleet) -> None:
    daphne, b = fleet.webs["daphne"], fleet.webs["b"]
    customer, operator, joined = await _call_over(daphne, b, fleet.session())
    await asyncio.to_thread(daphne.stop)
    assert await customer.closed() == 1012
    page = Returning(customer, joined)
    assert (await page.resume(b))["resumed"] is True
    await page.say("moved")
    await operator.expect("chat:message", text="moved")
    assert operator.came("peer:presence") == []


@pytest.fixture
def slow_to_go(fleet: Fleet) -> Iterator[Web]:
    """A web process that gives its load balancer a while to notice."""
    web = Web({**fleet.environment, "DRAIN_SECS": "300"})
    try:
        yield web
    finally:
        web.kill()


def status(web: Web, path: str) -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{web.port}{path}", timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


async def test_a_draining_process_says_so_and_still_serves(slow_to_go: Web) -> None:
    await asyncio.to_thread(slow_to_go.await_ready)
    assert await asyncio.to_thread(status, slow_to_go, "/health/ready") == 200
    slow_to_go.tell(signal.SIGTERM)
    async with asyncio.timeout(10):
        while await asyncio.to_thread(status, slow_to_go, "/health/ready") != 503:
            pass
    assert await asyncio.to_thread(status, slow_to_go, "/health/live") == 200
    assert await asyncio.to_thread(status, slow_to_go, "/") == 200
    customer = await slow_to_go.customer()
    await customer.join("Ada")
    await slow_to_go.close()
