"""The Celery tasks, and the count of those that fail."""

import pytest
from celery import shared_task
from kombu.exceptions import OperationalError

from harness.fakes.telegram import FakeTelegram
from notifications import metrics, services, tasks
from notifications.models import State
from notifications.telling.recipients import Recipient
from notifications.transports import failures


@shared_task(name="tests.breaks")
def breaks() -> None:
    raise RuntimeError("on purpose")


@pytest.fixture
def message(redis_server: str):
    return services.enqueue(
        "customer_joined", context={}, dedupe_key="join:1", recipients=[Recipient("ayse", "1001", "tr")]
    )[0]


@pytest.mark.django_db
def test_a_sweep_hands_over_what_is_due(telegram: FakeTelegram, message, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks.deliver, "apply_async", lambda args, expires: tasks.deliver.apply(args))

    assert tasks.sweep.apply().get() == 1
    assert tasks.sweep.apply().get() == 0

    message.refresh_from_db()
    assert message.state == State.SENT


@pytest.mark.django_db
def test_a_broker_that_does_not_answer_leaves_the_row_due(message, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OperationalError

    monkeypatch.setattr(tasks.deliver, "apply_async", refuse)

    tasks.sweep.apply()

    message.refresh_from_db()
    assert (message.state, message.attempts, message.claim) == (State.RETRYING, 0, "")


@pytest.mark.django_db
def test_failed_tasks_are_counted_where_the_web_process_sees_them(redis_server: str) -> None:
    breaks.apply()
    breaks.apply()

    assert failures.counts() == {"tests.breaks": 2}
    samples = {(s.name, *s.labels.values()): s.value for family in metrics.collect() for s in family.samples}
    assert samples[("jobs_failed_total", "tests.breaks")] == 2


def test_a_failure_that_cannot_be_counted_does_not_break_the_worker(redis_process, caplog) -> None:
    redis_process.kill()

    breaks.apply()

    assert "failed task not counted" in caplog.text
