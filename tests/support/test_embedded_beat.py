"""Beat in a thread of the worker: nothing of the schedule is lost or doubled, and it outlives what it runs into."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from celery import Task
from prometheus_client import REGISTRY

from harness.installation import await_value
from support.celery import app
from support.ops import embedded_beat
from support.ops.beat import backlog
from support.ops.embedded_beat import SWEEPS, EmbeddedBeat, Lane, Rest

HEARTBEAT = "support.ops.heartbeat"


@pytest.fixture
def schedule(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    app.loader.import_default_modules()
    file = tmp_path / "later" / "schedule"
    monkeypatch.setattr(app.conf, "beat_schedule_filename", str(file))
    return file


@pytest.fixture
def beat(schedule: Path, redis_server: Any) -> Iterator[EmbeddedBeat]:
    made = EmbeddedBeat(app)
    yield made
    made.stop() if made.is_running() else None
    app.control.purge()


def done(task: str, outcome: str = "done") -> float:
    return REGISTRY.get_sample_value("worker_tasks_total", {"task": task, "outcome": outcome}) or 0.0


def test_every_entry_of_the_schedule_has_exactly_one_home(beat: EmbeddedBeat, schedule: Path) -> None:
    schedule.parent.mkdir()
    rest = Rest(app, schedule_filename=str(schedule))
    there = [entry.task for entry in rest.schedule.values() if not entry.task.startswith("celery.")]
    rest.close()

    assert set(beat.sweeps) == SWEEPS
    assert HEARTBEAT in there  # it proves that the broker delivers
    assert sorted([*beat.sweeps, *there]) == sorted(entry["task"] for entry in app.conf.beat_schedule.values())


@pytest.mark.django_db(transaction=True)
def test_each_sweep_runs_once_in_its_period(beat: EmbeddedBeat) -> None:
    before = {name: done(name) for name in beat.sweeps}
    due = dict.fromkeys(beat.sweeps, 0.0)
    for quarter in range(41):  # ten seconds and a moment, looked at four times a second
        beat.sweep(due, quarter / 4)
        beat.lane.join()

    ran = {name: done(name) - before[name] for name in beat.sweeps}
    assert ran == {name: 10 // period + 1 for name, period in beat.sweeps.items()}
    assert backlog(app) == 0


@pytest.mark.django_db(transaction=True)
def test_after_a_standstill_a_sweep_runs_once_and_not_for_every_second(beat: EmbeddedBeat) -> None:
    due = dict.fromkeys(beat.sweeps, 0.0)
    before = done(embedded_beat.TICK)
    for now in (0.0, 100.0, 100.5, 101.0):
        beat.sweep(due, now)
        beat.lane.join()

    assert done(embedded_beat.TICK) - before == 3


def test_a_lane_leaves_out_what_comes_while_it_runs(redis_server: Any) -> None:
    begun, go_on = threading.Event(), threading.Event()

    @app.task(name="tests.slow", shared=False)
    def slow() -> None:
        begun.set()
        assert go_on.wait(30)

    task: Task = app.tasks["tests.slow"]
    lane = Lane()
    assert lane.begin([task])
    assert begun.wait(30)
    assert not lane.begin([task])
    go_on.set()
    lane.join()
    assert lane.begin([task])
    lane.stop()
    app.tasks.unregister("tests.slow")


def test_a_task_that_fails_is_counted_and_the_next_one_runs() -> None:
    ran = threading.Event()

    @app.task(name="tests.fails", shared=False)
    def fails() -> None:
        raise ValueError("of the test")

    @app.task(name="tests.runs", shared=False)
    def runs() -> None:
        ran.set()

    before = done("tests.fails", "failed")
    lane = Lane()
    lane.begin([app.tasks["tests.fails"], app.tasks["tests.runs"]])
    lane.stop()

    assert done("tests.fails", "failed") - before == 1
    assert ran.is_set()
    for name in ("tests.fails", "tests.runs"):
        app.tasks.unregister(name)


def test_a_beat_that_fails_is_started_again(
    beat: EmbeddedBeat, schedule: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It has nowhere to keep its schedule at first, as with a folder that is not mounted yet."""
    monkeypatch.setattr(embedded_beat, "AGAIN_SECS", (0.01, 0.05))
    monkeypatch.setattr(embedded_beat, "SWEEPS", frozenset(entry["task"] for entry in app.conf.beat_schedule.values()))
    beat.sweeps.clear()
    beat.start()
    await_value(lambda: caplog.text, lambda text: text.count("beat failed") > 1, lambda: caplog.text)
    assert backlog(app) == 0
    schedule.parent.mkdir()

    await_value(lambda: backlog(app), lambda tasks: tasks == 1, lambda: caplog.text)  # its first heartbeat


def test_waiting_for_what_is_due_it_does_not_turn_in_circles(
    beat: EmbeddedBeat, schedule: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    schedule.parent.mkdir()
    every = {"task": HEARTBEAT, "schedule": 0.3, "options": {"expires": 60.0}}
    monkeypatch.setattr(app.conf, "beat_schedule", {"heartbeat": every})
    beat.sweeps.clear()
    looks = []
    look = Rest.tick

    def counted_look(rest: Rest, *args: Any, **kwargs: Any) -> Any:
        looks.append(backlog(app))
        return look(rest, *args, **kwargs)

    monkeypatch.setattr(Rest, "tick", counted_look)
    beat.start()
    sent = await_value(lambda: backlog(app), lambda tasks: tasks >= 5, lambda: str(looks))

    assert len(looks) <= 10 * sent
