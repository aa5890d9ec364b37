"""GET /metrics: the counters of this process, and the live gauges read when asked.

With several web processes each is a target of its own: their counters add up (`sum`), while what is read from Redis and
the database is the same from each (`max`). docs/metrics.md says for every metric which of the two it is.
"""

from collections.abc import Callable, Iterable, Iterator
from math import nan
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, Info, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from accounts import locks
from accounts.access.origins import is_allowed_metrics_origin
from appointments import metrics as appointment_metrics
from desk.files import metrics as file_metrics
from desk.ratings import metrics as rating_metrics
from infra.errors import DomainError
from messages_left import metrics as message_metrics
from notifications import metrics as notification_metrics
from queueing import metrics as queue_metrics
from signaling import metrics as _sockets  # noqa: F401  (its counters exist, at zero, before the first socket)
from support.http.clients.access import has_token, in_network
from support.http.errors import error_response
from support.ops import health
from support.ops.heartbeat import age_secs
from support.ops.probes import Answer, Probe, ask_all
from support.ops.version import VERSION

Source = Callable[[], Iterable[Metric]]


class LiveCollector(Collector):
    """Asks the apps at scrape time, in bounded time; a source that fails is named instead of ending the
    scrape.
    """

    def __init__(self, sources: dict[str, Source]) -> None:
        self._probes = [Probe(name, self._reading(source)) for name, source in sources.items()]

    @staticmethod
    def _reading(source: Source) -> Callable[[], list[Metric]]:
        return lambda: list(source())

    def describe(self) -> Iterable[Metric]:
        return []  # names are known only from a scrape; registering must not ask Redis

    def collect(self) -> Iterator[Metric]:
        """Figures and checks at once: the whole takes a second at most, whatever hangs."""
        questions: list[Probe[Any]] = [*self._probes, *health.PROBES]
        answers: dict[str, Answer[Any]] = ask_all(questions)
        up = GaugeMetricFamily(
            "adminara_live_source_up", "1 when the live figures of an app could be read", labels=["source"]
        )
        for probe in self._probes:
            answer = answers[probe.name]
            up.add_metric([probe.name], 1.0 if answer.ok else 0.0)
            yield from answer.value or []
        yield up
        yield _checks(answers)


def _checks(answers: dict[str, Answer[Any]]) -> Metric:
    checks = GaugeMetricFamily("health_check_ok", "1 when this check of /health passes", labels=["check"])
    for name in health.CHECKS:
        checks.add_metric([name], 1.0 if health.check(answers[name])["ok"] else 0.0)
    return checks


def worker_figures() -> Iterator[Metric]:
    """How long beat, broker and worker have been silent. Raises StoreUnavailable."""
    age = age_secs()
    yield GaugeMetricFamily(
        "worker_heartbeat_age_seconds",
        "Since a worker last ran a task that beat sent; NaN when none ever did",
        value=nan if age is None else age,
    )


def register() -> None:
    """Adds the live figures to this process' registry; called once, when Django is ready."""
    sources: dict[str, Source] = {
        "queueing": queue_metrics.collect,
        "accounts": locks.collect,
        "notifications": notification_metrics.collect,
        "ratings": rating_metrics.collect,
        "files": file_metrics.collect,
        "messages": message_metrics.collect,
        "appointments": appointment_metrics.collect,
        "worker": worker_figures,
    }
    REGISTRY.register(LiveCollector(sources))
    Info("adminara", "Which release this process runs").info({"version": VERSION})


def may_read(request: HttpRequest) -> bool:
    """By token, by network, or, outside production, by an allowed origin. A browser's origin must be an
    allowed one.
    """
    if has_token(request.headers.get("Authorization", "")):
        return True
    origin = request.headers.get("Origin")
    origin_allowed = is_allowed_metrics_origin(origin, request.get_host())
    if origin is not None and not origin_allowed:
        return False
    if in_network(request.META.get("REMOTE_ADDR", "")):
        return True
    # Anybody can write an Origin header; where it matters it opens nothing by itself.
    return origin_allowed and settings.DJANGO_ENV == "development"


def metrics(request: HttpRequest) -> HttpResponse:
    if not may_read(request):
        message = _("Metrics need the bearer token, an allowed network or an allowed origin.")
        return error_response(DomainError("forbidden", message), 403)
    response = HttpResponse(generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST)
    response["Cache-Control"] = "no-store"
    origin = request.headers.get("Origin")
    if origin is not None and is_allowed_metrics_origin(origin, request.get_host()):
        response["Access-Control-Allow-Origin"] = origin
        response["Vary"] = "Origin"
    return response
