"""GET /metrics: the counters of this process, and the live gauges read when asked."""

import ipaddress
import secrets
from collections.abc import Callable, Iterable, Iterator

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from accounts.origins import is_allowed_metrics_origin
from infra.errors import DomainError
from notifications import metrics as notification_metrics
from queueing import metrics as queue_metrics
from signaling import metrics as _sockets  # noqa: F401  (its counters exist, at zero, before the first socket)
from support.errors import error_response
from support.probes import Probe, ask_all

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
        up = GaugeMetricFamily(
            "adminara_live_source_up", "1 when the live figures of an app could be read", labels=["source"]
        )
        for name, answer in ask_all(self._probes).items():
            up.add_metric([name], 1.0 if answer.ok else 0.0)
            yield from answer.value or []
        yield up


def register() -> None:
    """Adds the live figures to this process' registry; called once, when Django is ready."""
    REGISTRY.register(LiveCollector({"queueing": queue_metrics.collect, "notifications": notification_metrics.collect}))


def may_read(request: HttpRequest) -> bool:
    """By token, by network, or, outside production, by an allowed origin. A browser's origin must be an
    allowed one.
    """
    if _has_token(request):
        return True
    origin = request.headers.get("Origin")
    origin_allowed = is_allowed_metrics_origin(origin, request.get_host())
    if origin is not None and not origin_allowed:
        return False
    if _in_network(request.META.get("REMOTE_ADDR", "")):
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


def _has_token(request: HttpRequest) -> bool:
    scheme, _space, given = request.headers.get("Authorization", "").partition(" ")
    expected: str = settings.METRICS_TOKEN
    return bool(expected) and scheme.lower() == "bearer" and secrets.compare_digest(given.encode(), expected.encode())


def _in_network(address: str) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed.version == network.version and parsed in network for network in settings.METRICS_NETWORKS)
