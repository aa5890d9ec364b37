"""Queue tests ask for `running` to begin on an empty, settled Redis, with a lease for the personas' process."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio

from harness.fakes.smtp import FakeMail
from infra.redis.bus import Bus
from tests.queueing.world import lease, settle


@pytest.fixture
def running(redis_server: str) -> None:
    lease()
    settle()


@pytest_asyncio.fixture
async def bus(redis_server: str) -> AsyncIterator[Bus]:
    """A process of its own, with a lease."""
    bus = Bus()
    bus.start()
    await bus.wait_up()
    lease(bus.process_id)
    yield bus
    await bus.close()


@pytest.fixture
def mail(settings: Any) -> Iterator[FakeMail]:
    """The mail server by which we write."""
    with FakeMail() as server:
        settings.MAIL_URL, settings.MAIL_FROM = server.url, "Destek <destek@example.org>"
        yield server
