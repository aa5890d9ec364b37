"""Sentinel promotes a replica while people wait and talk on two web processes: everything resumes by itself."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from django.test import override_settings

from harness.processes import Running
from harness.sentinel_process import SentinelRedis, wait_until
from infra.redis.client import execute
from queueing.live import store
from tests.signaling.pages import Page, living
from tests.signaling.processes import Fleet, Web, running_fleet

pytestmark = pytest.mark.xdist_group("failover")


@pytest.fixture(scope="module")
def guarded() -> Iterator[Fleet]:
    with running_fleet(SentinelRedis) as fleet:
        yield fleet


@pytest.fixture
async def fleet(guarded: Fleet) -> AsyncIterator[Fleet]:
    with override_settings(REDIS_URL=guarded.redis.url):
        yield guarded
        for web in guarded.webs.values():
            await web.close()


@pytest.fixture
def workers(guarded: Fleet) -> Iterator[list[Running]]:
    celery = ["-m", "celery", "-q", "-A", "support.celery"]
    worker = [*celery, "worker", "--pool", "threads", "--concurrency", "4", "--without-gossip", "--without-mingle"]
    beat = [*celery, "beat", "--pidfile="]
    with Running(*worker, **guarded.environment) as one, Running(*beat, **guarded.environment) as two:
        yield [one, two]


def health(web: Web) -> dict[str, Any]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{web.port}/health", timeout=5) as answer:
            return dict(json.load(answer))
    except OSError:
        return {}


def healthy(web: Web) -> bool:
    """Also: the worker has run a task within the last seconds, and the channel layer has brought a message."""
    return health(web).get("status") == "healthy"


async def test_a_failover_keeps_calls_places_and_lines(fleet: Fleet, workers: list[Running]) -> None:
    a, b = fleet.webs["a"], fleet.webs["b"]
    operator = Page("operator", [b, a], cookie=fleet.session())
    ada, bora, cem = Page("customer", [a, b]), Page("customer", [a, b]), Page("customer", [b, a])
    async with living(operator, ada, bora, cem):
        for place, (page, name) in enumerate([(ada, "Ada"), (bora, "Bora"), (cem, "Cem")], 1):
            await page.say("queue:join", name=name, media="chat")
            await page.until(lambda page=page, place=place: page.phase == ("waiting", place), "a place")
        await operator.say("operator:available", available=True)
        await ada.until(lambda: ada.phase[0] == "active", "a call")
        await cem.until(lambda: cem.phase == ("waiting", 2), "the next place")
        await asyncio.to_thread(wait_until, lambda: healthy(a), "a healthy stack")
        talks = [asyncio.create_task(page.talk()) for page in (operator, ada)]
        await operator.until(lambda: len(operator.heard) > 20, "lines")

        dead = fleet.redis.kill()
        await asyncio.to_thread(fleet.redis.await_failover, dead)
        for page in (operator, ada):
            await page.until(lambda page=page: page.phase[0] == "active" and bool(page.closes), "the call again")
        for place, page in enumerate((bora, cem), 1):
            await page.until(lambda page=page, place=place: page.phase == ("waiting", place), "the old place")
        said = len(ada.sent)
        await operator.until(lambda: said in operator.heard, "new lines")

        operator.hush()
        ada.hush()
        await asyncio.gather(*talks)
        await operator.heard_all_of(ada)
        await ada.heard_all_of(operator)
        assert [page.faults for page in (operator, ada, bora, cem)] == [[], [], [], []]
        assert {code for page in (operator, ada, bora, cem) for code in page.closes} == {4503}

        await operator.say("call:end", id=len(operator.sent) + 1)
        await bora.until(lambda: bora.phase[0] == "active", "the next call")
        await cem.until(lambda: cem.phase == ("waiting", 1), "the next place")
        # Worker, beat, broker, cache and channel layer have followed too.
        await asyncio.to_thread(wait_until, lambda: healthy(a) and healthy(b), "a healthy stack")
        assert await asyncio.to_thread(execute, store.check(fix=False)) == []
