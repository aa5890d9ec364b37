"""The worker's own /metrics on WORKER_METRICS_PORT, and what it counts: tasks by outcome and how long they took.

A plain server in a thread: the worker has no web framework running. Who may read is as for the web process.
"""

import logging
import socket
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from celery import Celery
from celery.signals import task_failure, task_postrun, task_prerun, worker_ready
from django.conf import settings
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, Counter, Histogram, generate_latest

from infra.clock import monotonic
from support.http.clients.access import has_token, in_network
from support.server.listening import listeners

log = logging.getLogger(__name__)

OUTCOMES = ("done", "failed")
tasks = Counter("worker_tasks_total", "Tasks that this worker has run, by outcome", ["task", "outcome"])
seconds = Histogram(
    "worker_task_seconds",
    "How long tasks took",
    ["task"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0),
)
_failed = threading.local()


def watch(app: Celery) -> None:
    """Counts from now on, if this process is a worker; known tasks begin at 0."""
    worker_ready.connect(_serve, dispatch_uid="support.ops.worker_metrics.serve")
    task_prerun.connect(_began, dispatch_uid="support.ops.worker_metrics.began")
    task_failure.connect(_has_failed, dispatch_uid="support.ops.worker_metrics.failed")
    task_postrun.connect(_ended, dispatch_uid="support.ops.worker_metrics.ended")
    for name in {entry["task"] for entry in app.conf.beat_schedule.values()} | {"notifications.deliver"}:
        seconds.labels(name)
        for outcome in OUTCOMES:
            tasks.labels(name, outcome)


def _began(task: Any, **_: Any) -> None:
    task.request.metrics_began = monotonic()
    _failed.now = False


def _has_failed(**_: Any) -> None:
    _failed.now = True


def _ended(task: Any, **_: Any) -> None:
    began = getattr(task.request, "metrics_began", None)
    if began is not None:
        seconds.labels(task.name).observe(monotonic() - began)
    tasks.labels(task.name, "failed" if getattr(_failed, "now", False) else "done").inc()


def counted(name: str, run: Callable[[], object]) -> None:
    """Runs a task's function that no broker brought, counted as if one had. Raises nothing but logs it, as Celery."""
    began = monotonic()
    outcome = "done"
    try:
        run()
    except Exception:
        outcome = "failed"
        log.exception("task failed", extra={"task": name})
    seconds.labels(name).observe(monotonic() - began)
    tasks.labels(name, outcome).inc()


class Handler(BaseHTTPRequestHandler):
    timeout = 5  # of one read: who says nothing holds a thread no longer

    def do_GET(self) -> None:
        if self.path != "/metrics":
            self._answer(404, "text/plain", b"only /metrics is here\n")
        elif has_token(self.headers.get("Authorization", "")) or in_network(self.client_address[0]):
            self._answer(200, CONTENT_TYPE_LATEST, generate_latest(REGISTRY))
        else:
            self._answer(403, "text/plain", b"needs the bearer token or an address of METRICS_NETWORKS\n")

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """A scrape is no news."""


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A scraper that went away before its answer is no news either; anything else is logged as such."""
        if not isinstance(sys.exception(), OSError):
            log.exception("the worker's /metrics failed")


def _serve(**_: Any) -> None:
    """When the worker is ready. A port that is taken costs the figures, not the work."""
    port = settings.WORKER_METRICS_PORT
    if not port:
        return
    try:
        sockets = listeners(settings.WORKER_METRICS_BIND, port)
    except OSError as error:
        log.error("WORKER_METRICS_PORT cannot be used: %s", error.strerror)
        return
    for listening in sockets:
        threading.Thread(target=server_on(listening).serve_forever, name="metrics", daemon=True).start()


def server_on(listening: socket.socket) -> Server:
    """A server on a bound socket, of either family."""
    server = Server(listening.getsockname()[:2], Handler, bind_and_activate=False)
    server.socket.close()
    server.socket = listening
    server.server_address = listening.getsockname()
    server.server_activate()
    return server
