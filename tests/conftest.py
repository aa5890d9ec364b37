"""Fixtures for all tests: a real redis-server per test process, emptied between tests.

With `TEST_DATABASE=postgresql` the tests that use the database, and they alone, run on a PostgreSQL of their own.
"""

import atexit
import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from harness.postgres_process import PostgresProcess
from support.config.schema import Config

# Before Django's settings are read: tests choose their own environment, whatever the shell has set.
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
TESTS = Path(__file__).parent
TEST_DIR = Path(tempfile.mkdtemp(prefix=f"adminara-{WORKER}-"))
atexit.register(shutil.rmtree, TEST_DIR, ignore_errors=True)
REDIS_SOCKET = TEST_DIR / "redis.sock"
for name in Config.model_fields:
    os.environ.pop(name, None)
    os.environ.pop(f"{name}_FILE", None)
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

POSTGRES = PostgresProcess() if os.environ.get("TEST_DATABASE", "sqlite") == "postgresql" else None
if POSTGRES is not None:
    atexit.register(POSTGRES.stop)
    os.environ["DATABASE_URL"] = POSTGRES.url

import django  # noqa: E402
import pytest  # noqa: E402

# Before test modules are collected: they import models.
django.setup()

from harness.redis_process import RedisProcess  # noqa: E402


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--seed", default=None, help="first seed of the property tests, or `random` (default: 1)")


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """xdist's workers inherit the controller's environment; with a settings module in it, Django would be set up
    for the controller's Redis before this file gives a worker its own."""
    if session.config.getoption("numprocesses", None):
        os.environ.pop("DJANGO_SETTINGS_MODULE", None)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A file's tests stay in one worker, which starts what they share once; only seeded runs are spread.

    On PostgreSQL: what touches the database. Everything else would only say the same a second time.
    """
    for item in items:
        if item.get_closest_marker("xdist_group") is None and item.path.name != "test_properties.py":
            item.add_marker(pytest.mark.xdist_group(str(item.path.relative_to(TESTS).with_suffix(""))))
    if POSTGRES is None:
        return
    kept = [item for item in items if _uses_database(item)]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


def _uses_database(item: pytest.Item) -> bool:
    if item.get_closest_marker("slow") or item.get_closest_marker("e2e"):
        return False
    fixtures = {"db", "transactional_db", "django_db_setup"} & set(getattr(item, "fixturenames", ()))
    return bool(fixtures) or any(item.get_closest_marker(name) for name in ("django_db", "database"))


@pytest.fixture(scope="session", autouse=True)
def _postgres() -> None:
    if POSTGRES is not None:
        POSTGRES.start()


@pytest.fixture(scope="session")
def redis_process() -> Iterator[RedisProcess]:
    """This test process' redis-server; a test may stop, kill and start it."""
    process = RedisProcess(TEST_DIR)
    process.start()
    yield process
    process.stop()


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
