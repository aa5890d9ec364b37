"""What several files of this folder start once."""

from __future__ import annotations

import pytest

from harness.processes import manage
from harness.redis_process import RedisProcess
from tests.support.environments import PRODUCTION


@pytest.fixture(scope="session")
def deployed(tmp_path_factory: pytest.TempPathFactory, redis_process: RedisProcess) -> dict[str, str]:
    """Settings of a production whose database and static files are ready, for the tests of the group `production`."""
    settings = {
        **PRODUCTION,
        "DATA_DIR": str(tmp_path_factory.mktemp("production")),
        "REDIS_URL": redis_process.url,
        "BIND": "127.0.0.1",
    }
    for command in (["migrate"], ["collectstatic", "--no-input"]):
        done = manage(*command, **settings)
        assert done.returncode == 0, done.stderr
    return settings
