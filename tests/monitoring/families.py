"""The metrics that the code has, read from the registry as a scrape reads it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from prometheus_client import REGISTRY
from prometheus_client.core import Metric
from prometheus_client.metrics import MetricWrapperBase

import support.asgi  # noqa: F401  declares what a web process counts
from support.ops.metrics import LiveCollector

LIBRARIES = ("django_", "process_", "python_")
SUFFIXES = {"counter": ("_total",), "info": ("_info",), "histogram": ("_bucket", "_count", "_sum")}
BY_ITSELF = {"le"}
OWN_VIEW = {"health_check_ok", "adminara_live_source_up"}
"""Read at the scrape, but each process sees them with its own eyes: the worst view counts."""


class Family(NamedTuple):
    """`name` as it is documented (a counter's with `_total`); `series` as queries name it.

    `over`: how the targets' values become one: sum, max (all tell the same) or min.
    """

    name: str
    kind: str
    labels: tuple[str, ...]
    over: str
    series: tuple[str, ...]
    values: dict[str, set[str]]


def families() -> dict[str, Family]:
    """By documented name; needs Redis and the database, as every scrape does."""
    found: dict[str, Family] = {}
    for collector in list(REGISTRY._collector_to_names):  # the registry has no public way to its collectors
        over = "max" if isinstance(collector, LiveCollector) else "sum"
        declared = collector._labelnames if isinstance(collector, MetricWrapperBase) else ()
        for metric in collector.collect():
            family = _family(metric, tuple(declared), over)
            found[family.name] = family
    return found


def _family(metric: Metric, declared: Iterable[str], over: str) -> Family:
    labels, values = dict.fromkeys(declared), dict[str, set[str]]()
    for sample in metric.samples:
        for label, value in sample.labels.items():
            values.setdefault(label, set()).add(value)
            if label not in BY_ITSELF:
                labels[label] = None
    endings = SUFFIXES.get(metric.type, ("",))
    name = metric.name + (endings[0] if metric.type in ("counter", "info") else "")
    over = "min" if name in OWN_VIEW else over
    return Family(name, metric.type, tuple(labels), over, tuple(metric.name + ending for ending in endings), values)


def by_series(found: dict[str, Any]) -> dict[str, Family]:
    """The same by the names that a query may use."""
    return {series: family for family in found.values() for series in family.series}
