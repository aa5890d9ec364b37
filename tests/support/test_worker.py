"""Celery: where its broker is, what beat sends, and the housekeeping."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from kombu.utils.imports import symbol_by_name

from accounts.models import OperatorSession
from infra.clock import now_ms
from support.celery import app, broker_url
from support.ops.beat import BoundedScheduler, backlog
from support.ops.heartbeat import age_secs
from support.tasks import clear_expired_sessions, heartbeat


@pytest.mark.parametrize(
    ("redis_url", "broker"),
    [
        ("redis://host:6379/2", "redis://host:6379/2"),
        ("rediss://:secret@host/0", "rediss://:secret@host/0"),
        ("unix:///run/redis.sock?db=3", "redis+socket:///run/redis.sock?virtual_host=3"),
        ("unix:///run/redis.sock", "redis+socket:///run/redis.sock?virtual_host=0"),
    ],
)
def test_the_broker_is_the_same_redis(redis_url: str, broker: str) -> None:
    assert broker_url(redis_url) == broker


def test_beat_sends_tasks_that_exist() -> None:
    app.loader.import_default_modules()
    for name, entry in app.conf.beat_schedule.items():
        assert entry["task"] in app.tasks, name


@pytest.mark.usefixtures("redis_server")
def test_beat_does_not_pile_up_what_no_worker_takes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("support.ops.beat.BACKLOG_MAX", 3)
    assert symbol_by_name(app.conf.beat_scheduler) is BoundedScheduler
    scheduler = BoundedScheduler(app, schedule_filename=str(tmp_path / "schedule"))
    entry = scheduler.schedule["tick"]
    sent = [scheduler.apply_async(entry, advance=False) for _ in range(5)]
    assert [result is not None for result in sent] == [True, True, True, False, False]
    assert backlog(app) == 3
    app.control.purge()
    assert scheduler.apply_async(entry, advance=False) is not None
    app.control.purge()
    scheduler.close()


@pytest.mark.usefixtures("redis_server")
def test_the_heartbeat_tells_its_age() -> None:
    assert age_secs() is None
    heartbeat()
    age = age_secs()
    assert age is not None
    assert 0 <= age < 5


@pytest.mark.parametrize("skew_ms", [-45_000, 45_000])
@pytest.mark.usefixtures("redis_server")
def test_a_worker_whose_clock_is_wrong_is_not_taken_for_silent(skew_ms: int, monkeypatch: pytest.MonkeyPatch) -> None:
    right = now_ms()
    monkeypatch.setattr("support.ops.heartbeat.now_ms", lambda: right + skew_ms)
    heartbeat()
    monkeypatch.undo()
    age = age_secs()
    assert age is not None
    assert age < 30


@pytest.mark.django_db
@pytest.mark.usefixtures("redis_server")
def test_rows_of_ended_sessions_are_deleted() -> None:
    now = timezone.now()
    for name, expires in (("old", now - timedelta(days=1)), ("new", now + timedelta(days=1))):
        OperatorSession.objects.create(
            session_key=name, session_data="", expire_date=expires, created=now, last_seen=now
        )
    clear_expired_sessions()
    assert list(OperatorSession.objects.values_list("session_key", flat=True)) == ["new"]
