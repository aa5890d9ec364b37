"""Fixtures for all tests: a real redis-server per test process, emptied between tests."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

# Before Django's settings are read: tests choose their own environment, whatever the shell has set.
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
TEST_DIR = Path(tempfile.mkdtemp(prefix=f"adminara-{WORKER}-"))
REDIS_SOCKET = TEST_DIR / "redis.sock"
KEPT = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "TMPDIR",
    "VIRTUAL_ENV",
    "COVERAGE_",
    "COV_",
    "PYTEST_",
    "PYTHON",
    "PLAYWRIGHT_",
)
for name in list(os.environ):
    if (
        name.isupper()
        and not name.startswith(KEPT)
        and name in {"DJANGO_ENV", "PUBLIC_URL", "PORT", "DATABASE_URL"}
    ):
        del os.environ[name]
os.environ.update(
    ENV_FILE=os.devnull,
    DJANGO_SETTINGS_MODULE="support.settings",
    DJANGO_ENV="development",
    SECRET_KEY="of-the-tests-0123456789-0123456789-0123456789-0123456789",
    DATA_DIR=str(TEST_DIR),
    REDIS_URL=f"unix://{REDIS_SOCKET}?db=0",
    REDIS_NAMESPACE=f"t-{WORKER}",
    LOG_LEVEL="WARNING",
)

import pytest  # noqa: E402

from tests.redis_process import RedisProcess  # noqa: E402


@pytest.fixture(scope="session")
def redis_process() -> Iterator[RedisProcess]:
    """This test process' redis-server; a test may stop, kill and start it."""
    process = RedisProcess(TEST_DIR)
    process.start()
    yield process
    process.stop()
    shutil.rmtree(TEST_DIR, ignore_errors=True)


@pytest.fixture(scope="session")
def redis_server(redis_process: RedisProcess) -> str:
    """Starts Redis and gives its URL, which is also `settings.REDIS_URL`."""
    return redis_process.url


@pytest.fixture(autouse=True)
def _empty_redis(request: pytest.FixtureRequest) -> Iterator[None]:
    """Tests that use Redis find it running and empty."""
    uses_redis = {"redis_server", "redis_process"} & set(request.fixturenames)
    if uses_redis:
        request.getfixturevalue("redis_process").ensure_empty()
    yield
    if uses_redis:
        with contextlib.suppress(OSError):
            request.getfixturevalue("redis_process").resume()
