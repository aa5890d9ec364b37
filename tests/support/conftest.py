"""What several files of this folder start once."""

from __future__ import annotations

import pytest

from harness import database
from harness.processes import manage
from harness.redis_process import RedisProcess
from tests.support.environments import PRODUCTION


@pytest.fixture(scope="session")
def deployed(tmp_path_factory: pytest.TempPathFactory, redis_process: RedisProcess) -> dict[str, str]:
    """Settings of a production whose database and static files are ready, for the tests of the group `production`."""
    folder = tmp_path_factory.mktemp("production")
    database.place(folder / database.NAME)
    settings = {
        **PRODUCTION,
        "DATA_DIR": str(folder),
        "REDIS_URL": redis_process.url,
        "BIND": "127.0.0.1",
    }
    done = manage("collectstatic", "--no-input", **settings)
    assert done.returncode == 0, done.stderr
    return settings
