"""Beat in a thread of the only worker (`celery worker --embedded-beat`), as `make run` has it: one process less.

What is sent every second to be run at once need not go through the broker then: the sweeps run right here. All else
goes the usual way, the heartbeat too, so that it still proves that the broker delivers and the worker takes.
"""

from __future__ import annotations

import logging
import threading
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

from celery import Celery, Task, bootsteps
from celery.signals import beat_init
from click import Option
from django.db import close_old_connections

from infra.clock import monotonic
from support.ops.beat import BoundedScheduler
from support.ops.worker_metrics import counted

OPTION = "embedded_beat"
TICK = "queueing.tick"
SWEEPS = frozenset(
    {
        TICK,
        "queueing.record",
        "queueing.callbacks",
        "queueing.blocklist.rules",
        "notifications.sweep",
        "appointments.due",
    }
)
"""Safe to run at any time, in any number, or not at all for a while; what one leaves out the next one does."""
AGAIN_SECS = (1.0, 30.0)
"""Between two lives of a beat that failed, as of a full disk: the first pause, and the longest."""

STOP_SECS = 3.0
LOOK_SECS = 0.05
"""Between looks at what goes through the broker: beat asks for one some 10 ms too early and then again at once."""

logger = logging.getLogger(__name__)


class Lane:
    """A thread that runs sweeps one after the other, so that they share its connection to the database."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sweeps")
        self._running: Future[None] | None = None

    def begin(self, tasks: list[Task]) -> bool:
        """Whether they begin; not while others run, whom the database may keep waiting. Never waits itself."""
        if self._running is not None and not self._running.done():
            return False
        self._running = self._thread.submit(self._run, tasks)
        return True

    def join(self) -> None:
        """Returns when what has begun is over; so does `stop`, after which nothing begins any more."""
        if self._running is not None:
            wait([self._running])

    def stop(self) -> None:
        self._thread.shutdown(cancel_futures=True)

    def _run(self, tasks: list[Task]) -> None:
        # As Celery does around a task from the broker: a connection that the database closed is not kept.
        close_old_connections()
        for task in tasks:
            counted(task.name, task.run)
        close_old_connections()


class Rest(BoundedScheduler):
    """Beat's own, without the sweeps."""

    def merge_inplace(self, schedule: dict[str, dict[str, Any]]) -> None:
        super().merge_inplace({name: entry for name, entry in schedule.items() if entry["task"] not in SWEEPS})


class EmbeddedBeat:
    """`start()`, then `stop()`, which returns when the last sweep has ended. `sweeps`: seconds by name of the task."""

    def __init__(self, app: Celery) -> None:
        self._app = app
        self.sweeps = {
            entry["task"]: float(entry["schedule"])
            for entry in app.conf.beat_schedule.values()
            if entry["task"] in SWEEPS
        }
        self.lane = Lane()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="beat", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def is_running(self) -> bool:
        return self._thread.is_alive()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(STOP_SECS)  # a broker that does not answer may hold it longer; it is a daemon
        self.lane.stop()

    def _run(self) -> None:
        pause = AGAIN_SECS[0]
        while not self._stopping.is_set():
            began = monotonic()
            try:
                self._keep_time()
            except Exception:
                if monotonic() - began > AGAIN_SECS[1]:
                    pause = AGAIN_SECS[0]
                logger.exception("beat failed, and is started again in %g s", pause)
                self._stopping.wait(pause)
                pause = min(AGAIN_SECS[1], pause * 2)

    def _keep_time(self) -> None:
        rest = Rest(self._app, schedule_filename=self._app.conf.beat_schedule_filename)
        try:
            beat_init.send(sender=self)
            rest_at = now = monotonic()
            due = dict.fromkeys(self.sweeps, now)
            while not self._stopping.wait(max(0.0, min([rest_at, *due.values()]) - monotonic())):
                now = monotonic()
                self.sweep(due, now)
                if rest_at <= now:
                    rest_at = now + max(LOOK_SECS, rest.tick())
        finally:
            rest.close()

    def sweep(self, due: dict[str, float], now: float) -> None:
        """Runs what is due and notes when it is again: all in step, so that the process wakes once a second."""
        runs = []
        for name, period in self.sweeps.items():
            if due[name] <= now:
                due[name] += period
                if due[name] <= now:  # it stood still: once is enough for all that was left out
                    due[name] = now + period
                runs.append(name)
        tasks = self._app.tasks
        others = [tasks[name] for name in runs if name != TICK]
        if others:
            self.lane.begin(others)
        if TICK in runs:
            # Here: Redis alone takes part, and while it is away beat has nothing else to do.
            counted(TICK, tasks[TICK].run)


class Step(bootsteps.StartStopStep):
    """Starts it with the worker, when the option is given."""

    requires = ("celery.worker.components:Pool",)

    def __init__(self, worker: Any, **options: Any) -> None:
        self.enabled = bool(options.get(OPTION))
        super().__init__(worker, **options)

    def create(self, worker: Any) -> EmbeddedBeat:
        return EmbeddedBeat(worker.app)


def offer(app: Celery) -> None:
    """`celery worker` of this application knows the option."""
    app.user_options["worker"].add(
        Option(["--embedded-beat"], is_flag=True, default=False, help="Beat too, in a thread: for the only worker.")
    )
    app.steps["worker"].add(Step)
