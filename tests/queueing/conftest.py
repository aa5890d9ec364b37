"""Queue tests ask for `running` to begin on an empty, settled Redis, with a lease for the personas' process."""

from collections.abc import Iterator
from typing import Any

import pytest

from harness.fakes.smtp import FakeMail
from tests.queueing.world import lease, settle


@pytest.fixture
def running(redis_server: str) -> None:
    lease()
    settle()


@pytest.fixture
def mail(settings: Any) -> Iterator[FakeMail]:
    """The mail server by which we write."""
    with FakeMail() as server:
        settings.MAIL_URL, settings.MAIL_FROM = server.url, "Destek <destek@example.org>"
        yield server
