"""deploy/monitoring and docs/SLO.md: rules that Prometheus takes, and metrics and labels that the code has."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser as promql
import pytest
import yaml

from support.config.schema import BASE_DIR
from tests.monitoring.families import LIBRARIES, Family, by_series, families
from tests.monitoring.promtool import RULES, promtool

FOLDER = BASE_DIR / "deploy" / "monitoring"
TARGET_LABELS = {"job", "instance"}
NOT_OURS = {"up", "ALERTS"}
SLOS = {"time_to_answer": 0.1, "call_setup": 0.01, "call_drop": 0.01, "notification_delay": 0.01}


def rules() -> list[dict[str, Any]]:
    document = yaml.safe_load(RULES.read_text())
    return [rule for group in document["groups"] for rule in group["rules"]]


def dashboard() -> dict[str, Any]:
    return dict(json.loads((FOLDER / "grafana-dashboard.json").read_text()))


def expressions() -> dict[str, str]:
    """Where → query, of everything that asks Prometheus for something."""
    found = {
        f"alerts.yml: {rule.get('alert') or rule['record']} {rule.get('labels')}": rule["expr"] for rule in rules()
    }
    for panel in dashboard()["panels"]:
        for target in panel.get("targets", []):
            found[f"dashboard: {panel['title']} {target['refId']}"] = target["expr"]
    for number, query in enumerate(re.findall(r"```promql\n(.+?)```", (BASE_DIR / "docs/SLO.md").read_text(), re.S)):
        found[f"SLO.md: query {number}"] = query
    return found


def selectors(node: Any) -> Iterator[Any]:
    """Every vector selector in a parsed query."""
    if isinstance(node, promql.VectorSelector):
        yield node
    for name in ("expr", "lhs", "rhs", "vector_selector", "vs", "param"):
        child = getattr(node, name, None)
        if isinstance(child, promql.Expr):
            yield from selectors(child)
    for child in getattr(node, "args", None) or []:
        yield from selectors(child)


def faults_of(query: str, known: dict[str, Family], recorded: set[str]) -> list[str]:
    """What a query names that does not exist: metrics, labels, or values of labels that are known from the start."""
    faults = []
    for selector in selectors(promql.parse(query)):
        if selector.name in NOT_OURS or selector.name in recorded:
            continue
        family = known.get(selector.name)
        if family is None:
            faults.append(f"no metric {selector.name}")
            continue
        for matcher in selector.matchers.matchers:
            if matcher.name in TARGET_LABELS:
                continue
            values = family.values.get(matcher.name)
            if values is None:
                faults.append(f"{selector.name} has no label {matcher.name}")
            elif family.name.startswith(LIBRARIES):
                continue  # their labels come with what happens
            elif str(matcher.op) == "MatchOp.Equal" and matcher.value not in values:
                faults.append(f"{selector.name}: {matcher.name} is never {matcher.value}")
            elif "Re" in str(matcher.op) and not any(re.fullmatch(matcher.value, value) for value in values):
                faults.append(f"{selector.name}: {matcher.name} never matches {matcher.value}")
    return faults


@pytest.fixture
def known(transactional_db: None, redis_server: str, settings: Any, client: Any) -> dict[str, Family]:
    settings.TURN_SERVERS = [type("Server", (), {"region": "eu"})]
    client.get("/health/live-or-not")  # django-prometheus has its labels only after a request
    return by_series(families())


def test_prometheus_takes_the_rules_and_the_sample() -> None:
    done = promtool("check", "rules", "--lint-fatal", str(RULES))
    assert done.returncode == 0, done.stdout + done.stderr
    done = promtool("check", "config", "--syntax-only", str(FOLDER / "prometheus.yml"))
    assert done.returncode == 0, done.stdout + done.stderr


def test_everything_that_is_asked_for_exists(known: dict[str, Family]) -> None:
    asked = expressions()
    assert len(asked) > 100
    recorded = {rule["record"] for rule in rules() if "record" in rule}
    faults = {where: found for where, query in asked.items() if (found := faults_of(query, known, recorded))}
    assert faults == {}


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("max(queue_lenght)", "no metric queue_lenght"),
        ("sum(rate(queue_length_total[5m]))", "no metric queue_length_total"),
        ('rate(queue_wait_seconds_bucket{le="60"}[5m]) > 1', "queue_wait_seconds_bucket: le is never 60"),
        ('min(health_check_ok{check="radis"}) == 0', "health_check_ok: check is never radis"),
        ('max(jobs_failed_total{jobs="fallback"})', "jobs_failed_total has no label jobs"),
        ('1 - sum(queue_refused_total{reason=~"no|gone"})', "queue_refused_total: reason never matches no|gone"),
    ],
)  # fmt: skip
def test_the_check_finds_what_does_not_exist(known: dict[str, Family], query: str, fault: str) -> None:
    assert faults_of(query, known, set()) == [fault]


def test_every_alert_says_what_is_wrong_and_where_to_read_on() -> None:
    alerts = [rule for rule in rules() if "alert" in rule]
    for rule in alerts:
        assert rule["labels"]["severity"] in ("page", "ticket"), rule["alert"]
        assert set(rule["annotations"]) == {"summary", "description", "runbook"}, rule["alert"]
        page, _, anchor = rule["annotations"]["runbook"].partition("#")
        headings = re.findall(r"^## (.+)$", (BASE_DIR / page).read_text(), re.M)
        assert anchor in {heading.lower().replace(" ", "-") for heading in headings}, rule["alert"]
    names = [rule["alert"] for rule in alerts]
    assert len(names) == len(set(names))
    described = set(re.findall(r"`(Adminara\w+)`", (BASE_DIR / "docs/metrics.md").read_text()))
    assert described <= set(names)


def test_panels_are_of_one_dashboard() -> None:
    panels = dashboard()["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert all(panel["title"] for panel in panels)


MINUTES = 60 * 7
EVALUATED = "4m"
"""A quarter as often as Prometheus does; the longest window is six hours, the shortest five minutes."""
BAD_AND_GOOD = {
    # Every minute: ten joined, three of them were answered in time.
    "time_to_answer": {
        'queue_wait_seconds_bucket{le="64.0"}': 3, "queue_wait_seconds_count": 10, "conversations_joined_total": 10,
        'conversations_ended_total{reason="abandoned"}': 0,
    },
    "call_setup": {"webrtc_call_setup_seconds_count": 8, "webrtc_calls_attempted_total": 10},
    "call_drop": {
        'conversations_ended_total{reason="operator-lost"}': 2, "conversations_claimed_total": 10,
    },
    "notification_delay": {
        'notification_delay_seconds_bucket{le="10.0"}': 8, "notification_delay_seconds_count": 10,
        "telegram_jobs_failed_total": 0,
    },
}  # fmt: skip
ALERT_NAMES = {
    "time_to_answer": "TimeToAnswer",
    "call_setup": "CallSetup",
    "call_drop": "CallDrop",
    "notification_delay": "NotificationDelay",
}


@pytest.mark.parametrize("slo", list(SLOS))
def test_a_budget_that_burns_raises_its_alert_alone(tmp_path: Path, slo: str) -> None:
    """Two targets tell the same figures: that must not double anything."""
    wanted = f"Adminara{ALERT_NAMES[slo]}"
    firing = 'ALERTS{alertstate="firing",slo!=""}'
    expected: dict[str, int | None] = {
        f'count({firing}) - count(ALERTS{{alertstate="firing",alertname=~"{wanted}.*"}})': 0,
        f'count(ALERTS{{alertstate="firing",alertname="{wanted}BurnsFast"}})': 1,
        f'count(ALERTS{{alertstate="firing",alertname="{wanted}Burns"}})': 1,
    }
    judge(tmp_path, BAD_AND_GOOD[slo], expected)


def test_a_few_events_in_hours_page_nobody(tmp_path: Path) -> None:
    rates = {name: rate * 0.001 for slo in BAD_AND_GOOD.values() for name, rate in slo.items()}
    judge(tmp_path, rates, {'count(ALERTS{alertstate="firing",slo!=""})': None})


def judge(folder: Path, rates: dict[str, float], expected: dict[str, int | None]) -> None:
    """Asks Prometheus after hours of `rates` (events a minute); None: there is no such value."""
    test = {
        "interval": "1m",
        "input_series": [
            {"series": with_instance(name, instance), "values": f"0+{rate}x{MINUTES}"}
            for name, rate in rates.items()
            for instance in ("a", "b")
        ],
        "promql_expr_test": [
            {
                "expr": query,
                "eval_time": f"{MINUTES - 5}m",
                "exp_samples": [] if value is None else [{"labels": "{}", "value": value}],
            }
            for query, value in expected.items()
        ],
    }
    path = folder / "slo.json"
    path.write_text(json.dumps({"rule_files": [str(RULES)], "evaluation_interval": EVALUATED, "tests": [test]}))
    done = promtool("test", "rules", str(path))
    assert done.returncode == 0, done.stdout + done.stderr


def with_instance(name: str, instance: str) -> str:
    return f'{name[:-1]},instance="{instance}"}}' if name.endswith("}") else f'{name}{{instance="{instance}"}}'
