"""Fixtures for all tests: a real redis-server per test process, emptied between tests.

With `TEST_DATABASE=postgresql` the tests that use the database, and they alone, run on a PostgreSQL of their own.
"""

import atexit
import contextlib
import gc
import math
import os
import shutil
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

from harness import database, python
from harness.postgres_process import PostgresProcess
from support.config.schema import Config
from tests.alike import says_the_same
from tests.drawn import ON_POSTGRES, drawn

# Before Django's settings are read: tests choose their own environment, whatever the shell has set.
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
TESTS = Path(__file__).parent
LONG = (
    "e2e", "e2e-others", "notifications/test_processes", "chaos/test_faults", "accounts/test_brute_force",
    "attack/test_attack", "launcher", "health-faults", "fleet", "production", "failover",
    "notifications/test_prompt", "notifications/test_poller", "desk/test_notes", "support/test_command_line",
    "properties/test_mutants",
)  # fmt: skip
"""The groups that take longest, longest first."""
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
python.preload()
# Workers have it from the process that starts them, and it ends last.
os.environ.setdefault(database.FOLDER, str(TEST_DIR))

if ON_POSTGRES:
    if database.POSTGRES not in os.environ:
        cluster = PostgresProcess()
        atexit.register(cluster.stop)
        cluster.start()
        os.environ[database.POSTGRES] = str(cluster.folder)
    os.environ["DATABASE_URL"] = database.postgres_url(WORKER)

import django  # noqa: E402
import pytest  # noqa: E402

# Before test modules are collected: they import models.
django.setup()

from django.db import connection  # noqa: E402
from django.test import TransactionTestCase  # noqa: E402
from hypothesis import is_hypothesis_test  # noqa: E402
from hypothesis import settings as drawing  # noqa: E402
from pytest_django.plugin import DjangoDbBlocker  # noqa: E402

from harness.redis_process import RedisProcess  # noqa: E402
from sites import lookup  # noqa: E402
from sites.profile import Snapshot  # noqa: E402
from tests.emptying import Beginning  # noqa: E402

# How long an example takes is the machine's affair.
drawing.register_profile("tests", deadline=None, max_examples=drawn(100))
drawing.load_profile("tests")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--seed", default=None, help="first seed of the property tests, or `random` (default: 1)")


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """xdist's workers inherit the controller's environment; with a settings module in it, Django would be set up
    for the controller's Redis before this file gives a worker its own."""
    if session.config.getoption("numprocesses", None):
        os.environ.pop("DJANGO_SETTINGS_MODULE", None)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Iterator[None]:
    """A file's tests stay in one worker, which starts what they share once; only seeded runs are spread.

    On PostgreSQL: what touches the database, and not only on its way. Everything else would only say the same a second
    time.
    """
    for item in items:
        if item.get_closest_marker("xdist_group") is None and item.path.name != "test_properties.py":
            item.add_marker(pytest.mark.xdist_group(_file(item)))
    _measure_once(items)
    yield
    # Last: pytest-django has put those with a database first.
    if hasattr(config, "workerinput"):
        items.sort(key=_turn)
    if not ON_POSTGRES:
        return
    kept = {item: _uses_database(item) and not says_the_same(_file(item), _name(item)) for item in items}
    config.hook.pytest_deselected(items=[item for item in items if not kept[item]])
    items[:] = [item for item in items if kept[item]]


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is collected is kept: to look for garbage meanwhile finds next to none, and was a tenth of it."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What is loaded by now stays to the end: a fifth of all processor went into looking through it for garbage."""
    gc.collect()
    gc.freeze()


def _file(item: pytest.Item) -> str:
    return str(item.path.relative_to(TESTS).with_suffix(""))


def _name(item: pytest.Item) -> str:
    return str(getattr(item, "originalname", item.name))


def _turn(item: pytest.Item) -> int:
    """Long groups begin, so that at the end nobody waits for one; seeded runs, which are many and short, fill it up."""
    marker = item.get_closest_marker("xdist_group")
    if marker is None:
        return len(LONG) + 1
    return LONG.index(marker.args[0]) if marker.args[0] in LONG else len(LONG)


def _measure_once(items: list[pytest.Item]) -> None:
    """Where coverage looks on, Python is half as fast: of a test's cases it sees the first, of what browsers and other
    processes do nothing, and no examples that are drawn."""
    seen: set[tuple[Path, str]] = set()
    for item in items:
        name = (item.path, _name(item))
        elsewhere = item.get_closest_marker("e2e") or item.get_closest_marker("slow")
        if name in seen or elsewhere or is_hypothesis_test(getattr(item, "obj", None)):
            item.add_marker(pytest.mark.no_cover)
        seen.add(name)


def _uses_database(item: pytest.Item) -> bool:
    if item.get_closest_marker("slow") or item.get_closest_marker("e2e"):
        return False
    fixtures = {"db", "transactional_db", "django_db_setup"} & set(getattr(item, "fixturenames", ()))
    return bool(fixtures) or any(item.get_closest_marker(name) for name in ("django_db", "database"))


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The tests' database, a copy: on the run's PostgreSQL, with which it goes, or in memory."""
    with django_db_blocker.unblock():
        if ON_POSTGRES:
            database.place_on_postgres(WORKER)
        else:
            database.load(connection)
        beginning = Beginning()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _case: beginning.restore())
        yield


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
def _unread_sites(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test finds the sites of another one; without the database there is the default site alone."""
    lookup.sites.clear()
    if not _uses_database(request.node):
        monkeypatch.setattr(lookup.sites, "read", Snapshot)
        monkeypatch.setattr(lookup.sites, "_snapshot", Snapshot())
        monkeypatch.setattr(lookup.sites, "_until", math.inf)


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
