"""A real web server in the test's own event loop, and clients that speak the protocol over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import override_settings

from accounts.models import Operator
from infra.redis.client import execute
from queueing.live import store
from signaling.hub import hub as hub_module
from tests.signaling.client import Site
from tests.signaling.processes import Fleet, come_back, running_fleet
from tests.signaling.servers import serve


@pytest.fixture(autouse=True)
def _quick(settings: Any) -> None:
    settings.RECOVERY_SECS = 0
    settings.WRAP_UP_SECS = 0


@pytest.fixture
async def site(redis_server: str, transactional_db: None) -> AsyncIterator[Site]:
    """uvicorn with the whole application; ends with its sockets."""
    async with serve() as site:
        yield site
        await site.close()
        await hub_module.close_hub()


@pytest.fixture(scope="session")
def running() -> Iterator[Fleet]:
    with running_fleet() as fleet:
        yield fleet


@pytest.fixture
async def fleet(running: Fleet) -> AsyncIterator[Fleet]:
    """Processes of their own; whatever a test does to them, the queue is empty and sound afterwards."""
    with override_settings(REDIS_URL=running.redis.url):
        for web in (running.webs["a"], running.webs["b"]):
            # On a busy machine neither a start nor the outage of the test before is over with what they waited for.
            await (await come_back(web, "customer")).close()
        yield running
        await asyncio.to_thread(running.mend)
        for web in running.webs.values():
            await web.close()
        faults, board = execute(store.check(fix=False)), execute(store.board())
        for row in board["waiting"] + board["active"]:
            execute(store.remove(row["conversation"]))
        assert faults == []


@pytest.fixture
def make_session(transactional_db: None) -> Callable[[str], Any]:
    """An operator's session as signing in makes it: awaits to its secret key."""

    def make(admin_id: str = "ayse") -> str:
        from accounts.session_store import SessionStore

        operator, _ = Operator.objects.get_or_create(username=admin_id, defaults={"name": admin_id.title()})
        store = SessionStore()
        store["_auth_user_id"] = str(operator.pk)
        store.create()
        return str(store.session_key)

    return sync_to_async(make)
