"""What `queue check` finds, as gauges: looked for by the worker, never by a scrape, and not in a long queue."""

from __future__ import annotations

import re

import pytest

from infra.redis.client import client
from infra.redis.scripts import key
from queueing import metrics, tasks
from queueing.live import findings
from support.config.schema import BASE_DIR
from tests.queueing.world import Customer

pytestmark = pytest.mark.usefixtures("running")


def gauges() -> dict[str, float]:
    found: dict[str, float] = {}
    for family in metrics._findings(findings.read()):
        for sample in family.samples:
            found[sample.labels.get("code", family.name)] = sample.value
    return found


def test_every_code_of_the_check_is_known_from_the_start() -> None:
    text = (BASE_DIR / "queueing/live/lua/check.lua").read_text()
    assert set(re.findall(r"report\('(\w+)'", text)) == set(findings.CODES)
    assert sorted(findings.CODES) == list(findings.CODES)


def test_what_is_found_is_counted_until_it_is_mended() -> None:
    assert str(gauges()["queue_check_age_seconds"]) == "nan"
    tickets = {}
    for name in ("ada", "bora"):
        customer = Customer(name)
        customer.join()
        tickets[customer.cid] = client().zscore(key("line"), customer.cid)
        client().zrem(key("line"), customer.cid)
    assert gauges()["waiting_but_not_in_line"] == 0
    tasks.check()
    assert gauges()["waiting_but_not_in_line"] == 2
    client().zadd(key("line"), tickets)
    tasks.check()
    found = gauges()
    assert found.pop("queue_check_age_seconds") < 60
    assert set(found.values()) == {0.0}


def test_a_queue_that_is_too_long_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(findings, "MOST", 1)
    Customer("ada").join()
    assert findings.look()
    before = client().hget(key("findings"), "at")
    Customer("bora").join()
    assert not findings.look()
    assert client().hget(key("findings"), "at") == before
