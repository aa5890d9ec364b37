"""Each fault on real processes: what /health says, and which alert Prometheus' rules raise from what is scraped then.

The table of docs/metrics.md.
"""

from __future__ import annotations

import json
import sqlite3
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import redis

from harness.fakes.telegram import Fault
from harness.installation import Installation, await_value
from tests.monitoring.promtool import Series, firing, series_of
from tests.signaling.client import Frame, Site

pytestmark = pytest.mark.xdist_group("health-faults")


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    built = Installation(tmp_path_factory.mktemp("faults"), WRAP_UP_SECS="0", NOTIFY_ESCALATE_SECS="0")
    try:
        built.start()
        yield built
    finally:
        built.stop()


@pytest.fixture(autouse=True)
def _whole_again(installation: Installation) -> Iterator[None]:
    yield
    installation.redis.resume()
    if "worker" not in installation.running:
        installation.start_worker()
    installation.await_health(lambda body: body["status"] == "healthy")


def scrape(installation: Installation, *, worker: bool = True) -> Series:
    scrapes = {"web": installation.metrics()}
    if worker:
        scrapes["worker"] = installation.metrics(installation.worker_port)
    return series_of(scrapes)


def failing(body: dict[str, dict[str, dict[str, bool]]]) -> set[str]:
    return {name for name, check in body["checks"].items() if not check["ok"]}


def test_when_all_is_well_nothing_fires(installation: Installation, tmp_path: Path) -> None:
    status, body = installation.health()
    assert (status, body["status"], failing(body)) == (200, "healthy", set())
    now = scrape(installation)
    assert firing(now, now, tmp_path) == set()


def test_redis_that_hangs(installation: Installation, tmp_path: Path) -> None:
    before = scrape(installation)
    installation.redis.pause()
    status, body = installation.health()  # answers while Redis still hangs
    assert (status, body["status"]) == (503, "unavailable")
    assert failing(body) == {"redis", "channel_layer", "workers", "journal"}
    assert body["checks"]["redis"]["fault"] == "no answer in 1 s"
    assert (body["calls"], body["line"], body["maintenance"]) == (None, None, None)
    assert installation.get("/health/live")[0] == 200
    assert firing(before, scrape(installation), tmp_path) == {"AdminaraRedisDown"}


def test_a_database_that_is_locked(installation: Installation, tmp_path: Path) -> None:
    before = scrape(installation)
    with closing(sqlite3.connect(installation.database, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        status, body = installation.health()  # answers while the database is still locked
        assert body["checks"]["database"]["fault"] == "no answer in 1 s"
        assert (status, body["status"], failing(body)) == (200, "degraded", {"database"})
        during = scrape(installation)
        holder.execute("ROLLBACK")
    assert firing(before, during, tmp_path) == {"AdminaraDatabaseDown"}


def sign_in(installation: Installation, code: str) -> tuple[int, dict[str, Any]]:
    """The answer to a one-time code."""
    origin = f"http://127.0.0.1:{installation.port}"
    request = urllib.request.Request(
        f"{origin}/admin/otp/verify",
        json.dumps({"adminId": "ayse", "code": code}).encode(),
        {"Content-Type": "application/json", "Origin": origin},
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, {**json.load(error), "retry_after": error.headers["Retry-After"]}


def test_signing_in_while_the_database_is_locked_can_be_tried_again(installation: Installation) -> None:
    with closing(sqlite3.connect(installation.database, isolation_level=None)) as holder:
        code = installation.manage("otp", "ayse").split()[-1]
        holder.execute("BEGIN IMMEDIATE")
        status, body = sign_in(installation, code)
        assert (status, body["error"]["code"], body["error"]["retryable"]) == (503, "database_unavailable", True)
        assert body["retry_after"] == "5"
        holder.execute("ROLLBACK")


def test_a_redis_that_is_full_is_told_and_comes_back(installation: Installation) -> None:
    with redis.Redis(unix_socket_path=str(installation.redis.socket)) as connection:
        connection.config_set("maxmemory", 1)
        status, body = installation.health()
        assert (status, body["status"]) == (503, "unavailable")
        assert "redis" in failing(body)
        connection.config_set("maxmemory", 0)
    installation.await_health(lambda body: body["status"] == "healthy")


def test_a_worker_that_is_dead_and_work_that_piles_up(installation: Installation, tmp_path: Path) -> None:
    before = scrape(installation)
    installation.kill("worker", "beat")
    # The moment from which a heartbeat is late is not waited for; the key says when the last one was.
    namespace = installation.environment["REDIS_NAMESPACE"]
    connection = redis.Redis(unix_socket_path=str(installation.redis.socket))
    connection.set(f"{{{namespace}}}:worker:heartbeat", int(time.time() * 1000) - 31_000)
    status, body = installation.health()
    assert (status, body["status"], failing(body)) == (200, "degraded", {"workers"})
    assert firing(before, scrape(installation, worker=False), tmp_path) == {"AdminaraWorkerSilent"}

    journal = f"{{{namespace}}}:journal"
    # One entry is enough: what counts is how long it has waited.
    connection.delete(journal)  # a stream takes no entry older than its last one
    entry = {"type": "note", "conversation": "none", "at": 0, "data": "{}"}
    connection.xadd(journal, entry, id=f"{int(time.time() * 1000) - 61_000}-0")  # type: ignore[arg-type]
    status, body = installation.health()
    assert (status, failing(body)) == (200, {"workers", "journal"})
    alerts = firing(before, scrape(installation, worker=False), tmp_path)
    assert alerts == {"AdminaraWorkerSilent", "AdminaraJournalLags"}
    connection.delete(journal)
    connection.close()


async def test_telegram_that_refuses(installation: Installation, tmp_path: Path) -> None:
    before = scrape(installation)
    installation.telegram.script(Fault.blocked())
    site = Site(installation.port)
    customer = await site.customer()
    await customer.join("Ada")

    def given_up() -> float:
        return scrape(installation)['telegram_jobs_failed_total{instance="web",job="adminara-web"}']

    await_value(given_up, lambda count: count >= 1, installation.output)
    await customer.numbered("queue:leave")
    await site.close()
    assert firing(before, scrape(installation), tmp_path) == {"AdminaraTelegramFailing"}
    assert installation.await_line("worker", "notification not delivered", state="blocked")


async def test_notifications_that_wait_too_long(installation: Installation, tmp_path: Path) -> None:
    before = scrape(installation)
    site = Site(installation.port)
    customer = await site.customer()
    joined = await customer.join("Ada")
    installation.await_line("worker", "notification sent", conversation=joined["conversation"])
    await customer.numbered("queue:leave")
    await site.close()
    waits = "state = 'retrying', created_at = '2020-01-01 00:00:00', next_at = '2100-01-01 00:00:00'"
    change(installation, f"UPDATE notifications_outboxmessage SET {waits} WHERE conversation = ?", joined)
    try:
        status, body = installation.health()
        assert (status, failing(body)) == (200, {"telegram_queue"})
        assert body["checks"]["telegram_queue"]["pending"] == 1
        assert firing(before, scrape(installation), tmp_path) == {"AdminaraNotificationsLate"}
    finally:
        sent = "UPDATE notifications_outboxmessage SET state = 'sent' WHERE conversation = ?"
        change(installation, sent, joined)


def change(installation: Installation, statement: str, joined: Frame) -> None:
    with closing(sqlite3.connect(installation.database, timeout=20)) as connection, connection:
        connection.execute(statement, (joined["conversation"],))


def test_a_process_that_is_gone_is_a_target_down(tmp_path: Path) -> None:
    up = 'up{instance="web",job="adminara-web"}'
    assert firing({up: 1.0}, {up: 0.0}, tmp_path) == {"AdminaraTargetDown"}


def test_the_worker_has_figures_of_its_own_and_guards_them(installation: Installation) -> None:
    text = installation.metrics(installation.worker_port)
    done = series_of({"worker": text})
    assert done['worker_tasks_total{instance="worker",job="adminara-worker",outcome="done",task="queueing.tick"}'] > 0
    assert installation.get("/else", port=installation.worker_port)[0] == 404
