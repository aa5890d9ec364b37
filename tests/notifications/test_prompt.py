"""What is put into the outbox leaves at once: a sweep follows the commit, and beat's is only the net."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator

import pytest
from django.conf import settings as django_settings
from django.db import transaction

from harness.fakes.telegram import FakeTelegram
from harness.redis_process import RedisProcess
from infra.redis.client import client, key
from notifications import services
from notifications.models import OutboxMessage, State
from notifications.sending import prompt
from notifications.telling.recipients import Recipient
from support.celery import app
from tests.notifications.installation import PATIENCE_SECS, Installation, await_worker
from tests.queueing.world import Customer, lease, settle

AYSE = Recipient("ayse", "1001", "tr")
WORKER = ("--pool", "threads", "--concurrency", "4")


def enqueue(name: str) -> None:
    services.enqueue("customer_joined", context={"name": name}, dedupe_key=f"join:{name}", recipients=[AYSE])


def sweeps_in_the_queue() -> int:
    """With the thread that puts them there done."""
    prompt.starter.join()
    length = client().llen(f"{django_settings.REDIS_NAMESPACE}:celery:default")
    return int(length)  # type: ignore[arg-type]


@pytest.fixture
def running(installation: Installation) -> Installation:
    """A worker without beat: whatever leaves was asked for."""
    installation.start_worker(*WORKER)
    await_worker()
    return installation


def test_a_notification_leaves_without_beat(running: Installation, fake: FakeTelegram) -> None:
    running.ask("notify", "1")
    fake.wait_for_messages(1, PATIENCE_SECS)


def test_a_code_leaves_without_beat(running: Installation, fake: FakeTelegram) -> None:
    running.ask("otp", "271828")
    assert "271828" in fake.wait_for_messages(1, PATIENCE_SECS)[0].text


def test_what_the_recorder_tells_leaves_without_beat(installation: Installation, fake: FakeTelegram) -> None:
    """The worker enqueues as well: a customer's join becomes a row in the task that drains the journal."""
    installation.environment["TELEGRAM_ADMIN_CHAT_ID"] = "-100"
    installation.start_worker(*WORKER)
    await_worker()
    settle()
    lease()
    Customer("can").join()
    app.send_task("queueing.record")
    assert fake.wait_for_messages(1, PATIENCE_SECS)[0].chat_id == "-100"


commits = pytest.mark.usefixtures("transactional_db", "redis_server")


@commits
def test_a_burst_makes_one() -> None:
    for number in range(50):
        enqueue(f"n{number}")
    assert sweeps_in_the_queue() == 1


@commits
def test_a_transaction_makes_one_when_it_ends() -> None:
    with transaction.atomic():
        for number in range(50):
            enqueue(f"n{number}")
        assert sweeps_in_the_queue() == 0
    assert sweeps_in_the_queue() == 1


@commits
def test_what_is_rolled_back_makes_none() -> None:
    with transaction.atomic():
        enqueue("can")
        transaction.set_rollback(True)
    assert sweeps_in_the_queue() == 0


@commits
def test_once_a_sweep_looks_the_next_row_asks_again() -> None:
    enqueue("can")
    assert sweeps_in_the_queue() == 1
    prompt.sweep_begins()
    enqueue("eda")
    assert sweeps_in_the_queue() == 2


@commits
def test_what_changes_nothing_asks_for_nothing() -> None:
    enqueue("can")
    prompt.starter.join()
    client().delete(key("notify:sweep-asked"))
    enqueue("can")
    services.conversation_changed("nobody", "left")
    assert sweeps_in_the_queue() == 1


@commits
def test_sent_again_by_hand_it_leaves_at_once() -> None:
    enqueue("can")
    prompt.starter.join()
    client().delete(key("notify:sweep-asked"))
    OutboxMessage.objects.update(state=State.FAILED)
    assert services.resend(OutboxMessage.objects.get())
    assert sweeps_in_the_queue() == 2


@pytest.fixture
def paused(redis_process: RedisProcess) -> Iterator[RedisProcess]:
    """Redis holds its connections and answers nothing."""
    client().ping()
    redis_process.pause()
    yield redis_process
    redis_process.resume()
    prompt.starter.join()


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_hangs_delays_nobody(paused: RedisProcess) -> None:
    enqueue("can")
    enqueue("eda")

    waiting = [thread for thread in threading.enumerate() if thread.name == "sweep-starter"]
    assert len(waiting) == 1, "still waits for an answer, alone, while those who asked have gone on"
    assert OutboxMessage.objects.filter(state=State.PENDING).count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_out_fails_nobody_and_is_told_of_once_a_minute(
    redis_process: RedisProcess, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prompt, "starter", prompt.Starter(prompt.Broker().start_sweep))
    redis_process.kill()
    with caplog.at_level(logging.WARNING, "notifications.sending.prompt"):
        for number in range(5):
            enqueue(f"n{number}")
            prompt.starter.join()
    assert OutboxMessage.objects.filter(state=State.PENDING).count() == 5
    assert [record.message for record in caplog.records if record.name == "notifications.sending.prompt"] == [
        "sweep not started, beat's will follow"
    ]


def test_who_asks_while_it_starts_is_not_forgotten() -> None:
    """The call that runs may have looked already: another one follows it, once for all who asked meanwhile."""
    begun, go_on, calls = threading.Event(), threading.Event(), []

    def start() -> None:
        calls.append(1)
        begun.set()
        assert go_on.wait(PATIENCE_SECS)

    starter = prompt.Starter(start)
    starter.ask()
    assert begun.wait(PATIENCE_SECS)
    for _ in range(10):
        starter.ask()
    go_on.set()
    starter.join()
    assert len(calls) == 2
