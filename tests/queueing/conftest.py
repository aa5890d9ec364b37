"""Queue tests ask for `running` to begin on an empty, settled Redis, with a lease for the personas' process."""

import pytest

from tests.queueing.world import lease, settle


@pytest.fixture
def running(redis_server: str) -> None:
    lease()
    settle()
