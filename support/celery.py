"""The Celery application: broker in the same Redis, no results, tasks that may run twice and are
acknowledged late.
"""

import warnings
from typing import Any

from celery import Celery
from celery.platforms import SecurityWarning
from celery.signals import beat_init, setup_logging, worker_init, worker_ready
from django.conf import settings
from django.db import connections
from django_structlog.celery.steps import DjangoStructLogInitStep

from infra.logs.logging import LogFile, configure
from infra.redis.sentinel import sentinel_url
from support.config import environment
from support.config.environment import point_django_at_settings
from support.ops import embedded_beat, redis_file, worker_metrics

point_django_at_settings()


def broker_url(redis_url: str) -> str:
    """Kombu's spelling of Sentinels and of a Unix socket differs from ours and redis-py's."""
    address = sentinel_url(redis_url)
    if address is not None:
        return address.broker_url()
    if not redis_url.startswith("unix://"):
        return redis_url
    path, _, query = redis_url.removeprefix("unix://").partition("?")
    database = query.removeprefix("db=") or "0"
    return f"redis+socket://{path}?virtual_host={database}"


def broker_options(redis_url: str) -> dict[str, Any]:
    """What kombu has to know besides the URL."""
    address = sentinel_url(redis_url)
    return {} if address is None else address.broker_options()


# Beat writes the time by its own clock and the worker reads it by its own: less than this, and two machines whose
# clocks are some seconds apart would do nothing. More, and a worker that comes back has a heap of stale sweeps.
SWEEP_EXPIRES_SECS = 60.0
WORKER_CONN_SECS = 60
# Nothing waits for a scanner that there is not, but what waited when it was taken away.
SCAN_SECS = 10.0 if settings.CLAMD_URL else 300.0
# Those that are still to come when nobody may choose any more.
APPOINTMENTS_SECS = 1.0 if settings.ENABLE_APPOINTMENTS else 30.0


def every_second(task: str, seconds: float = 1.0) -> dict[str, Any]:
    """A sweep: one that could not run in time is worth nothing, the next one does its work."""
    return {"task": task, "schedule": seconds, "options": {"expires": SWEEP_EXPIRES_SECS}}


app = Celery("adminara")
app.conf.update(
    broker_url=broker_url(settings.REDIS_URL),
    broker_connection_retry_on_startup=True,
    broker_transport_options={
        "global_keyprefix": f"{settings.REDIS_NAMESPACE}:celery:",
        # A killed worker's tasks come back after this long; no task may run longer.
        "visibility_timeout": 120,
        "socket_timeout": 5,
        "socket_connect_timeout": 5,
        "health_check_interval": 15,
        **broker_options(settings.REDIS_URL),
    },
    accept_content=["json"],
    task_serializer="json",
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_default_queue="default",
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    worker_enable_remote_control=False,
    worker_send_task_events=False,
    timezone=settings.TIME_ZONE,
    beat_scheduler="support.ops.beat:BoundedScheduler",
    beat_schedule_filename=str(settings.DATA_DIR / "celerybeat-schedule"),
    beat_schedule={
        "tick": every_second("queueing.tick"),
        "record": every_second("queueing.record"),
        "callbacks": every_second("queueing.callbacks", 2.0),
        "notify": every_second("notifications.sweep"),
        "bot": every_second("bot.look", 20.0),
        "blocklist": every_second("queueing.blocklist.rules", 5.0),
        "check": {"task": "queueing.check", "schedule": 60.0},
        "files-scan": every_second("desk.files.scan", SCAN_SECS),
        "files-clear": {"task": "desk.files.clear", "schedule": 300.0},
        "appointments": every_second("appointments.due", APPOINTMENTS_SECS),
        "appointments-forget": {"task": "appointments.forget", "schedule": 3600.0},
        "messages-scan": every_second("messages_left.scan", SCAN_SECS),
        "messages-clear": {"task": "messages_left.clear", "schedule": 300.0},
        "messages-forget": {"task": "messages_left.forget", "schedule": 3600.0},
        "anonymise": {"task": "queueing.anonymise", "schedule": 3600.0},
        "heartbeat": every_second("support.ops.heartbeat", 5.0),
        "sessions": {"task": "support.clear_expired_sessions", "schedule": 86_400.0},
    },
)
app.autodiscover_tasks()
# Binds the task's id, and the ids of whoever sent it, to the log lines of a task.
app.steps["worker"].add(DjangoStructLogInitStep)
worker_metrics.watch(app)
embedded_beat.offer(app)


# Containers run as root, and what that warning fears (pickle) is not accepted here.
warnings.filterwarnings("ignore", category=SecurityWarning)


@setup_logging.connect
def _use_our_logging(**_: Any) -> None:
    file = LogFile(settings.LOG_FILE, settings.LOG_FILE_MAX_MB, settings.LOG_FILE_KEEP)
    configure(settings.LOG_FORMAT, settings.LOG_LEVEL, file)


@worker_ready.connect
def _see_to_redis(**_: Any) -> None:
    if environment.current().REDIS_URL:
        redis_file.start()


@worker_init.connect
def _keep_the_database_open(**_: Any) -> None:
    """SQLite's file is opened once a minute and thread, not for each sweep: the last to close it writes everything back
    and removes its journal.
    """
    if connections["default"].vendor == "sqlite":
        connections["default"].settings_dict["CONN_MAX_AGE"] = WORKER_CONN_SECS


@beat_init.connect
def _first_heartbeat(**_: Any) -> None:
    """Tells at once that beat runs, instead of after the first interval."""
    app.send_task("support.ops.heartbeat", expires=SWEEP_EXPIRES_SECS)
